"""Rules for results: of functions that give none, of coroutines, of methods that work in place.

Belongs here: a call whose value is used and is not what was meant. Does not belong here: None that
data brings (`by_analogy`).
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.bindings import source_calls
from healer.draft.rules.certainty import GUESS
from healer.draft.rules.rule import FaultSite, Fix, Rival, called_name, rule
from healer.draft.rules.scope import add_missing_import, find_functions
from healer.draft.rules.source_file import FunctionNode, SourceFile, TextEdit

_COPIES = {"sort": "sorted({})", "reverse": "list(reversed({}))"}
_CHANGES_IN_PLACE = frozenset({"append", "extend", "update", "add"})
_TAKES_COROUTINES = frozenset(
    {"gather", "create_task", "ensure_future", "wait_for", "wait", "as_completed", "shield", "run",
     "run_until_complete", "append"}
)  # fmt: skip  # a list of words is read as a paragraph


@rule(
    "in-place-result",
    "TypeError AttributeError",
    estimate=GUESS,
    example="""
          days = ["tue", "mon"]
        - names = days.sort()
        + names = sorted(days)
          print(names[0])  #! TypeError: 'NoneType' object is not subscriptable
        """,
    silent="""
        days = ["tue", "mon"]
        days.sort()
        names = None
        print(names[0])  #! TypeError: 'NoneType' object is not subscriptable
        """,
    rivals=("the list itself was to be sorted too",),
    link="https://docs.python.org/3/faq/design.html#why-doesn-t-list-sort-return-the-sorted-list",
)
def in_place_result(site: FaultSite) -> Iterator[Fix]:
    """The result of a method that works in place is used, and is None: `x = items.sort()`."""
    if "NoneType" not in site.message:
        return
    names = {node.id for node in site.nodes(ast.Name)}
    callees = {called_name(call) for call in source_calls(site)}
    for node in site.walk_scope():
        if not (isinstance(node, ast.Assign | ast.Return) and isinstance(node.value, ast.Call)):
            continue
        call = node.value
        if isinstance(node, ast.Assign):
            is_used = bool(names & {getattr(target, "id", "") for target in node.targets})
        else:
            function = site.code.function_at(node.lineno)
            is_used = function is not None and function.name in callees
        if is_used and isinstance(call.func, ast.Attribute):
            yield from _take_copy(site.code, node, call, call.func)


def _take_copy(
    code: SourceFile, node: ast.Assign | ast.Return, call: ast.Call, method: ast.Attribute
) -> Iterator[Fix]:
    holder, name = code.segment(method.value), method.attr
    if name in _COPIES:
        arguments = ", ".join([holder, *(code.segment(keyword) for keyword in call.keywords)])
        cause = f"`{holder}.{name}()` gives None; a changed copy was meant."
        yield Fix(cause, (code.replace(call, _COPIES[name].replace("{}", arguments)),))
    elif name in _CHANGES_IN_PLACE and _is_assigned_to_itself(code, node, holder):
        text = code.segment(call)
        cause = f"`{text}` gives None, which replaced `{holder}`."
        yield Fix(cause, (code.replace(node, text),), 0.95)


def _is_assigned_to_itself(code: SourceFile, node: ast.stmt, holder: str) -> bool:
    return isinstance(node, ast.Assign) and code.segment(node.targets[0]) == holder


@rule(
    "missing-return",
    "TypeError AttributeError",
    estimate=GUESS,
    example="""
          def total(rows):
              result = 0
              for row in rows:
                  result += row
        +     return result
          print(total([1, 2]) * 2)
          #! TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
        """,
    silent="""
        def total(rows):
            print(sum(rows))
        print(total([1, 2]) * 2)
        #! TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
        """,
    rivals=("another value of the function was meant",),
    link="https://docs.python.org/3/tutorial/controlflow.html#defining-functions",
)
def missing_return(site: FaultSite) -> Iterator[Fix]:
    """A function makes one value and never returns it, and is asked for its result."""
    if "NoneType" not in site.message:
        return
    for name in sorted({called_name(call) for call in source_calls(site)} - {""}):
        for code, function in find_functions(site.files, site.code.path, name):
            if value := _only_value_made(function):
                end = code.line_after(function.body[-1])
                lead = "" if end == 0 or code.text[end - 1] == "\n" else code.newline
                line = f"{code.indent(function.body[0].lineno)}return {value}"
                cause = f"`{name}` makes `{value}` and never returns it."
                edit = TextEdit(end, end, f"{lead}{line}{code.newline}")
                yield Fix(cause, (edit,), None, code.path)


def _only_value_made(function: FunctionNode) -> str:
    """The only name that a function without a result builds up; empty where there are several."""
    for node in ast.walk(function):
        if isinstance(node, ast.Yield | ast.YieldFrom) or (
            isinstance(node, ast.Return) and node.value
        ):
            return ""
    last = function.body[-1]
    if isinstance(last, ast.Assign) and isinstance(last.targets[0], ast.Name):
        return last.targets[0].id
    first_assigned = [
        statement.targets[0].id
        for statement in function.body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    ]
    changed_names = {name for node in ast.walk(last) if (name := _changed_name(node))}
    results = [name for name in dict.fromkeys(first_assigned) if name in changed_names]
    return results[0] if len(results) == 1 else ""


def _changed_name(node: ast.AST) -> str:
    """`x` of `x += 1`, `x.append(1)` and `x[1] = 2`; empty for all else."""
    holder: ast.AST | None = None
    if isinstance(node, ast.AugAssign):
        holder = node.target
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        holder = node.func.value
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        holder = node.value
    return holder.id if isinstance(holder, ast.Name) else ""


@rule(
    "missing-await",
    "TypeError AttributeError",
    estimate=0.9,
    example="""
          import asyncio
          async def rate():
              return 2
          async def main():
        -     price = rate()
        +     price = await rate()
              return price * 3
              #! TypeError: unsupported operand type(s) for *: 'coroutine' and 'int'
          asyncio.run(main())
        """,
    silent="""
        import asyncio
        async def rate():
            return 2
        async def main(price):
            return price * 3  #! TypeError: unsupported operand type(s) for *: 'coroutine' and 'int'
        asyncio.run(main(rate()))
        """,
    rivals=("the coroutine was to run beside others (`gather`, `create_task`)",),
    link="https://docs.python.org/3/library/asyncio-task.html#coroutines",
)
def missing_await(site: FaultSite) -> Iterator[Fix]:
    """A coroutine is used like its result inside an async function; or a plain value is awaited."""
    code = site.code
    is_async = isinstance(code.function_at(site.line), ast.AsyncFunctionDef)
    if "coroutine" in site.message and is_async:
        coroutines = {n.name for n in code.nodes if isinstance(n, ast.AsyncFunctionDef)}
        for call in source_calls(site):
            parent = code.parents.get(call)
            is_taken = isinstance(parent, ast.Call) and called_name(parent) in _TAKES_COROUTINES
            if (
                called_name(call) in coroutines
                and not is_taken
                and not isinstance(parent, ast.Await)
            ):
                is_alone = isinstance(parent, ast.Assign | ast.Return | ast.Expr)
                edit = code.wrap(call, "await {}" if is_alone else "(await {})")
                name = called_name(call)
                yield Fix(f"`{name}` is a coroutine; its result has to be awaited.", (edit,))
    if "can't be used in 'await' expression" in site.message:
        for wait in site.nodes(ast.Await):
            edit = code.replace(wait, code.segment(wait.value))
            yield Fix("The value is no coroutine; there is nothing to await.", (edit,), 0.8)


@rule(
    "run-coroutine",
    "TypeError AttributeError",
    estimate=0.88,
    example="""
        + import asyncio
          async def rate():
              return 2
        - print(rate() * 3)  #! TypeError: unsupported operand type(s) for *: 'coroutine' and 'int'
        + print(asyncio.run(rate()) * 3)
        """,
    silent="""
        import asyncio
        async def rate():
            return 2
        def price(rates):
            return rates[0] * 3
            #! TypeError: unsupported operand type(s) for *: 'coroutine' and 'int'
        print(price([rate()]))
        """,
    rivals=(Rival("the line was meant to stand in an async function", "missing-await"),),
    link="https://docs.python.org/3/library/asyncio-runner.html#asyncio.run",
)
def run_coroutine(site: FaultSite) -> Iterator[Fix]:
    """A coroutine's result is used outside of any async function: `asyncio.run` gives it."""
    code = site.code
    if "'coroutine'" not in site.message or code.function_at(site.line):
        return
    coroutines = {n.name for n in code.nodes if isinstance(n, ast.AsyncFunctionDef)}
    for call in (n for n in code.nodes if isinstance(n, ast.Call)):
        is_outside = code.function_at(call.lineno) is None
        if is_outside and isinstance(call.func, ast.Name) and call.func.id in coroutines:
            if isinstance(code.parents.get(call), ast.Call):
                continue  # asyncio.run(...) has it already
            edits = (code.wrap(call, "asyncio.run({})"), *add_missing_import(code, "asyncio"))
            cause = f"`{call.func.id}` gives a coroutine; `asyncio.run` gives its result."
            yield Fix(cause, edits)
