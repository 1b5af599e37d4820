"""Rules for what happens in the wrong order or not at all: loops, results, objects, files.

Belongs here: repairs whose intent the surrounding code shows. Does not belong here: default
values for missing data; nothing is invented.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.names.attributes_and_keys import definitions
from healer.draft.rules.rule import GUESS, FaultSite, Fix, rule
from healer.draft.rules.scope import BUILTINS
from healer.draft.rules.source_file import FunctionNode, TextEdit

_IN_PLACE = {"sort": "sorted", "reverse": "reversed"}
_PUTS_IN = frozenset({"add", "append", "extend", "insert", "setdefault", "update"})


def changed_while_walked(site: FaultSite) -> Iterator[Fix]:
    """The loop goes over a copy, so that its body may change the original."""
    if (
        "changed size during iteration" not in site.error.message
        and "mutated during" not in site.error.message
    ):
        return
    for node in site.code.nodes_on_line(site.line):
        if isinstance(node, ast.For) and node.lineno == site.line:
            text = site.code.segment(node.iter)
            change = site.code.replace(node.iter, f"list({text})")
            # What the loop adds may be meant to be walked as well: a list of work to do.
            certainty = 0.95 if _only_takes_out(node) else GUESS
            cause = f"`{text}` changes while the loop goes over it; a copy does not."
            yield Fix(cause, (change,), certainty)


def _only_takes_out(loop: ast.For) -> bool:
    """The loop's body calls nothing on its collection but what removes, and assigns no item."""
    walked = {n.id for n in ast.walk(loop.iter) if isinstance(n, ast.Name)}
    for node in (n for statement in loop.body for n in ast.walk(statement)):
        holder = getattr(node, "value", None)
        if not (isinstance(holder, ast.Name) and holder.id in walked):
            continue
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            return False
        if isinstance(node, ast.Attribute) and node.attr in _PUTS_IN:
            return False
    return True


def count_of(site: FaultSite) -> Iterator[Fix]:
    """`for i in 5` or `for i in len(x)`: `range` was forgotten."""
    if "'int' object is not iterable" not in site.error.message:
        return
    for node in site.code.nodes_on_line(site.line):
        if isinstance(node, ast.For) and node.lineno == site.line:
            text = site.code.segment(node.iter)
            change = site.code.replace(node.iter, f"range({text})")
            # Its items, not their numbers, may have been meant.
            yield Fix(f"`{text}` is a number; the loop counts up to it.", (change,), GUESS)


def pairs_of(site: FaultSite) -> Iterator[Fix]:
    """`for key, value in mapping`: the pairs are in `.items()`, or come from `enumerate`."""
    message = site.error.message
    if "to unpack" not in message and "cannot unpack non-iterable" not in message:
        return
    for node in site.code.nodes_on_line(site.line):
        if not (isinstance(node, ast.For) and node.lineno == site.line):
            continue
        if not (isinstance(node.target, ast.Tuple) and len(node.target.elts) == 2):  # noqa: PLR2004
            continue
        text = site.code.segment(node.iter)
        if isinstance(node.iter, ast.Call):
            continue
        first = site.code.segment(node.target.elts[0])
        counted = first in ("i", "j", "n", "index", "idx", "number", "position")
        items = site.code.replace(node.iter, f"{text}.items()")
        numbers = site.code.replace(node.iter, f"enumerate({text})")
        yield Fix(
            f"The loop wants pairs; `{text}.items()` has them.", (items,), 0.6 if counted else 0.85
        )
        yield Fix(
            f"The loop wants numbered items of `{text}`.", (numbers,), 0.85 if counted else 0.4
        )


def values_of(site: FaultSite) -> Iterator[Fix]:
    """`for row in mapping: row["x"]`: a loop over keys where the values are used."""
    if "string indices must be integers" not in site.error.message:
        return
    used = {n.value.id for n in site.nodes(ast.Subscript) if isinstance(n.value, ast.Name)}
    for node in site.code.nodes_on_line(site.line):
        if isinstance(node, ast.For) and getattr(node.target, "id", "") in used:
            text = site.code.segment(node.iter)
            change = site.code.replace(node.iter, f"{text}.values()")
            yield Fix(
                f"The loop goes over the keys of `{text}`; its values are used.", (change,), 0.7
            )


def past_the_end(site: FaultSite) -> Iterator[Fix]:
    """An index runs one past the end: `range(len(x) + 1)`, `<= len(x)`, `x[i + 1]`, `x[len(x)]`."""
    code = site.code
    for node in code.nodes_on_line(site.line):
        if isinstance(node, ast.While):
            yield from _tighter(site, node.test)
        elif isinstance(node, ast.For):
            yield from _shorter(site, node)
    for subscript in site.nodes(ast.Subscript):
        text = code.segment(subscript.slice)
        if re.fullmatch(r"len\([\w.]+\)", text):
            change = code.replace(subscript.slice, f"{text} - 1")
            yield Fix("The last element is at the length minus one.", (change,), 0.85)


def _tighter(site: FaultSite, test: ast.expr) -> Iterator[Fix]:
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.LtE):
            right = site.code.segment(node.comparators[0])
            start, end = site.code.span(node.left)[1], site.code.span(node.comparators[0])[0]
            if "len(" in right:
                change = TextEdit(start, end, site.code.text[start:end].replace("<=", "<"))
                yield Fix(
                    f"The loop runs one past the end; `{right}` is no valid index.", (change,), 0.85
                )


def _shorter(site: FaultSite, node: ast.For) -> Iterator[Fix]:
    call = node.iter
    if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "range" and call.args):
        return
    last = call.args[-1] if len(call.args) == 1 else call.args[1]
    text = site.code.segment(last)
    longer = re.fullmatch(r"(len\([\w.\[\]]+\))\s*\+\s*1", text)
    if longer:
        change = site.code.replace(last, longer[1])
        yield Fix("The loop runs one past the end.", (change,), 0.85)
    elif re.fullmatch(r"len\([\w.\[\]]+\)", text):
        ahead = any(
            re.search(r"\+\s*1$", site.code.segment(s.slice)) for s in site.nodes(ast.Subscript)
        )
        if ahead:
            change = site.code.replace(last, f"{text} - 1")
            yield Fix("The loop looks one ahead, so it ends one earlier.", (change,), 0.85)


def in_place_result(site: FaultSite) -> Iterator[Fix]:
    """`x = items.sort()` gives None: the sorted copy was meant."""
    if "NoneType" not in site.error.message:
        return
    scope = site.code.function_at(site.line) or site.code.tree
    for node in ast.walk(scope) if scope else ():
        if not (isinstance(node, ast.Assign | ast.Return) and isinstance(node.value, ast.Call)):
            continue
        function = node.value.func
        if not isinstance(function, ast.Attribute) or function.attr not in (
            *_IN_PLACE,
            "append",
            "extend",
            "update",
            "add",
        ):
            continue
        holder = site.code.segment(function.value)
        if function.attr in _IN_PLACE:
            inside = ", ".join([holder, *(site.code.segment(k) for k in node.value.keywords)])
            copy = f"{_IN_PLACE[function.attr]}({inside})"
            copy = f"list({copy})" if function.attr == "reverse" else copy
            cause = f"`{holder}.{function.attr}()` gives None; a changed copy was meant."
            yield Fix(cause, (site.code.replace(node.value, copy),), 0.85)
        elif isinstance(node, ast.Assign) and site.code.segment(node.targets[0]) == holder:
            text = site.code.segment(node.value)
            cause = f"`{text}` gives None, which replaced `{holder}`."
            yield Fix(cause, (site.code.replace(node, text),), 0.95)


def missing_return(site: FaultSite) -> Iterator[Fix]:
    """A function that makes one value and never returns it was asked for its result."""
    if "NoneType" not in site.error.message:
        return
    scope = site.code.function_at(site.line) or site.code.tree
    called = (
        {
            n.func.id
            for n in ast.walk(scope)
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        if scope
        else set()
    )
    called |= {n.func.attr for n in site.nodes(ast.Call) if isinstance(n.func, ast.Attribute)}
    for name in sorted(called):
        for code, function in definitions(site, name):
            made = _made_value(function)
            if made:
                last = function.body[-1]
                end = code.line_start((last.end_lineno or last.lineno) + 1)
                lead = "" if end == 0 or code.text[end - 1] == "\n" else code.newline
                line = f"{lead}{code.indent(function.body[0].lineno)}return {made}{code.newline}"
                cause = f"`{name}` makes `{made}` and never returns it."
                yield Fix(cause, (TextEdit(end, end, line),), 0.85, code.path)


def _made_value(function: FunctionNode) -> str:
    """The only name that a function without a result builds up; empty where there are several."""
    inner = list(ast.walk(function))
    if any(
        (isinstance(n, ast.Return) and n.value) or isinstance(n, ast.Yield | ast.YieldFrom)
        for n in inner
    ):
        return ""
    last = function.body[-1]
    if isinstance(last, ast.Assign) and isinstance(last.targets[0], ast.Name):
        return last.targets[0].id
    first = [
        s.targets[0].id
        for s in function.body
        if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)
    ]
    stored = set()
    for node in ast.walk(last):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            stored.add(node.target.id)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            stored.add(node.func.value.id)
        elif (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
        ):
            stored.add(node.value.id)
    built = [name for name in dict.fromkeys(first) if name in stored]
    return built[0] if len(built) == 1 else ""


def missing_super(site: FaultSite) -> Iterator[Fix]:
    """A subclass's `__init__` does not call its base's, which would have set the attribute."""
    match = re.search(r"'(\w+)' object has no attribute '(\w+)'", site.error.message)
    classes = {n.name: n for n in site.code.nodes if isinstance(n, ast.ClassDef)}
    child = classes.get(match[1]) if match else None
    if match is None or child is None:
        return
    own = _init_of(child)
    for base in child.bases:
        parent = classes.get(getattr(base, "id", ""))
        init = _init_of(parent) if parent else None
        if own is None or init is None or "super()" in site.code.segment(own):
            continue
        if not any(isinstance(n, ast.Attribute) and n.attr == match[2] for n in ast.walk(init)):
            continue
        wanted = [a.arg for a in init.args.args[1:]]
        needed = wanted[: len(wanted) - len(init.args.defaults)]
        given = {a.arg for a in own.args.args}
        if all(name in given for name in needed):
            passed = ", ".join(name for name in wanted if name in given)
            first = own.body[0]
            start = site.code.line_start(first.lineno)
            text = f"{site.code.indent(first.lineno)}super().__init__({passed}){site.code.newline}"
            cause = f"`{child.name}.__init__` does not call its base's, which sets `{match[2]}`."
            yield Fix(cause, (TextEdit(start, start, text),), 0.9)


def _init_of(cls: ast.ClassDef) -> ast.FunctionDef | None:
    return next(
        (n for n in cls.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None
    )


def missing_await(site: FaultSite) -> Iterator[Fix]:
    """A coroutine is used like its result, inside an async function."""
    message, code = site.error.message, site.code
    function = code.function_at(site.line)
    if "coroutine" in message and isinstance(function, ast.AsyncFunctionDef):
        names = {n.name for n in code.nodes if isinstance(n, ast.AsyncFunctionDef)}
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or isinstance(code.parents.get(node), ast.Await):
                continue
            called = (
                node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            )
            if called in names:
                text = f"await {code.segment(node)}"
                whole = isinstance(code.parents.get(node), ast.Assign | ast.Return | ast.Expr)
                change = code.replace(node, text if whole else f"({text})")
                yield Fix(
                    f"`{called}` is a coroutine; its result has to be awaited.", (change,), 0.9
                )
    if "can't be used in 'await' expression" in message:
        for wait in site.nodes(ast.Await):
            change = code.replace(wait, code.segment(wait.value))
            yield Fix("The value is no coroutine; there is nothing to await.", (change,), 0.8)


def instance_needed(site: FaultSite) -> Iterator[Fix]:
    """`Report.total()` without an object: the class is called first."""
    match = re.search(
        r"(\w+)\.(\w+)\(\) missing 1 required positional argument: 'self'", site.error.message
    )
    for call in site.nodes(ast.Call) if match else ():
        function = call.func
        if (
            isinstance(function, ast.Attribute)
            and isinstance(function.value, ast.Name)
            and match
            and function.value.id == match[1]
        ):
            change = site.code.replace(function.value, f"{match[1]}()")
            yield Fix(f"`{match[2]}` needs an object of `{match[1]}`.", (change,), 0.7)


def shadowed_builtin(site: FaultSite) -> Iterator[Fix]:
    """A variable named like a built-in hides it from a later call: the variable is renamed."""
    if "object is not callable" not in site.error.message:
        return
    code = site.code
    for call in site.nodes(ast.Call):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name not in BUILTINS:
            continue
        scope = code.function_at(site.line) or code.tree
        every = [
            n
            for n in (ast.walk(scope) if scope else ())
            if isinstance(n, ast.Name) and n.id == name
        ]
        called = {id(n.func) for n in code.nodes if isinstance(n, ast.Call)}
        changes = tuple(code.replace(n, f"{name}_") for n in every if id(n) not in called)
        if any(isinstance(n.ctx, ast.Store) for n in every):
            yield Fix(
                f"A variable hides the built-in `{name}`; the variable is renamed.", changes, 0.9
            )


def closed_too_early(site: FaultSite) -> Iterator[Fix]:
    """The statement that still needs the file moves into the `with` block before it."""
    if "closed file" not in site.error.message:
        return
    code, statement = site.code, site.code.statement_at(site.line)
    used = {n.id for n in code.nodes_of_statement(site.line) if isinstance(n, ast.Name)}
    for block in (n for n in code.nodes if isinstance(n, ast.With)):
        names = {getattr(i.optional_vars, "id", "") for i in block.items}
        ends = (block.end_lineno or 0) < site.line
        if statement is None or not ends or not names & used:
            continue
        first, last = (block.end_lineno or 0) + 1, statement.end_lineno or site.line
        inner = code.indent(block.body[0].lineno)[len(code.indent(block.lineno)) :]
        text = "".join(
            inner + line if line.strip() else line for line in code.lines[first - 1 : last]
        )
        change = TextEdit(code.line_start(first), code.line_start(last + 1), text)
        yield Fix(
            "The file is closed before it is used; the use moves into the `with` block.",
            (change,),
            0.85,
        )


def relative_import(site: FaultSite) -> Iterator[Fix]:
    """`from .helpers import x` in a file that is run as a script."""
    if "relative import with no known parent package" not in site.error.message:
        return
    folder = site.code.path.rpartition("/")[0]
    changes = []
    for node in site.code.nodes:
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
            path = f"{folder}/{node.module.replace('.', '/')}".lstrip("/")
            if f"{path}.py" in site.files.paths or f"{path}/__init__.py" in site.files.paths:
                at = site.code.text.index(".", site.code.span(node)[0])
                changes.append(TextEdit(at, at + 1, ""))
    if changes:
        yield Fix("A relative import in a file that runs as a script.", tuple(changes), 0.85)


FLOW_RULES = (
    rule("changed-while-walked", "RuntimeError", changed_while_walked),
    rule("forgotten-range", "TypeError", count_of),
    rule("pairs-of", "ValueError TypeError", pairs_of),
    rule("values-of", "TypeError", values_of),
    rule("past-the-end", "IndexError", past_the_end),
    rule("in-place-result", "TypeError AttributeError", in_place_result),
    rule("missing-return", "TypeError AttributeError", missing_return),
    rule("missing-super", "AttributeError", missing_super),
    rule("missing-await", "TypeError AttributeError", missing_await),
    rule("instance-needed", "TypeError", instance_needed),
    rule("shadowed-built-in", "TypeError", shadowed_builtin),
    rule("closed-too-early", "ValueError", closed_too_early),
    rule("relative-import", "ImportError", relative_import),
)
