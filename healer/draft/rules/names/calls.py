"""Rules for what is called and should not be, or is not and should.

Belongs here: modules, containers and functions beside the wrong brackets or without any, and
variables that hide a function. Does not belong here: what stands inside a call's brackets
(`arguments`), and methods (`classes`).
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.rule import FaultSite, Fix, Rival, rule
from healer.draft.rules.scope import BUILTINS, import_standard, imported_names, qualified_name
from healer.draft.rules.source_file import SourceFile


@rule(
    "module-called",
    "TypeError",
    estimate=0.95,
    example="""
          import glob
        - print(glob("*.none"))  #! TypeError: 'module' object is not callable
        + print(glob.glob("*.none"))
        """,
    silent="""
        import os
        print(os("ls"))  #! TypeError: 'module' object is not callable
        """,
    link="https://docs.python.org/3/tutorial/modules.html",
)
def module_called(site: FaultSite) -> Iterator[Fix]:
    """A module is called that has a function or class of its own name."""
    if "'module' object is not callable" not in site.message:
        return
    imports = imported_names(site.code)
    for call in site.calls():
        name = qualified_name(call.func, imports)
        inner = name.rpartition(".")[2]
        if callable(getattr(import_standard(name), inner, None)):
            cause = f"`{name}` is a module; what is called is its `{inner}`."
            yield Fix(cause, (site.code.insert_after(call.func, f".{inner}"),))


@rule(
    "wrong-brackets",
    "TypeError",
    estimate=0.6,
    example="""
          rates = [1.1, 0.9]
        - print(rates(0))  #! TypeError: 'list' object is not callable
        + print(rates[0])
        """,
    silent="""
        list = [1.1, 0.9]
        print(list(0))  #! TypeError: 'list' object is not callable
        """,
    rivals=(
        Rival("a variable hides the function that was meant", "shadowed-built-in"),
        Rival("the result of the function was meant, not the function", "forgotten-call"),
    ),
    link="https://docs.python.org/3/reference/expressions.html#subscriptions",
)
def wrong_brackets(site: FaultSite) -> Iterator[Fix]:
    """Round and square brackets are mixed up: `items(0)`, or `compute[0]`."""
    code = site.code
    if site.search(r"'(?:list|dict|tuple|str)' object is not callable"):
        for call in site.calls():
            if len(call.args) == 1 and not call.keywords and _is_variable(code, call.func):
                text = f"{code.segment(call.func)}[{code.segment(call.args[0])}]"
                cause = "A container was called like a function; it is indexed instead."
                yield Fix(cause, (code.replace(call, text),))
    if site.search(r"'(?:function|method|builtin_function_or_method)' object is not subscriptable"):
        for node in site.nodes(ast.Subscript):
            function, index = code.segment(node.value), code.segment(node.slice)
            cause = f"`{function}` is a function: it is called, not indexed."
            is_fixed_index = isinstance(node.slice, ast.Constant)
            edit = code.replace(node, f"{function}({index})")
            yield Fix(cause, (edit,), 0.5 if is_fixed_index else 0.7)
            yield Fix(cause, (code.insert_after(node.value, "()"),), 0.55)


def _is_variable(code: SourceFile, function: ast.expr) -> bool:
    """Not a built-in or a function of the file: those can be called."""
    if not isinstance(function, ast.Name):
        return isinstance(function, ast.Subscript)
    own = {n.name for n in code.nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return function.id not in own and function.id not in BUILTINS


@rule(
    "forgotten-call",
    "TypeError AttributeError",
    estimate=0.75,
    example="""
          def rate():
              return 2
        - print(rate * 3)  #! TypeError: unsupported operand type(s) for *: 'function' and 'int'
        + print(rate() * 3)
        """,
    silent="""
        def rate(currency):
            return 2
        print(rate * 3)  #! TypeError: unsupported operand type(s) for *: 'function' and 'int'
        """,
    rivals=(Rival("the function was to be indexed or called with an index", "wrong-brackets"),),
    link="https://docs.python.org/3/reference/expressions.html#calls",
)
def forgotten_call(site: FaultSite) -> Iterator[Fix]:
    """A function itself is used where its result was meant: its brackets are missing."""
    is_function = site.search(r"'(?:function|method)'|builtin_function_or_method|method_descriptor")
    if not is_function or "subscriptable" in site.message:
        return
    for node in _find_uncalled(site):
        text = site.code.segment(node)
        cause = f"`{text}` is a function; its result was meant."
        yield Fix(cause, (site.code.insert_after(node, "()"),))


def _find_uncalled(site: FaultSite) -> Iterator[ast.expr]:
    """Attributes that end a chain, and the file's functions that need no argument, where nothing
    calls them."""
    functions = {
        node.name
        for node in site.code.nodes
        if isinstance(node, ast.FunctionDef) and len(node.args.args) <= len(node.args.defaults)
    }
    nodes: list[ast.Attribute | ast.Name] = [*site.nodes(ast.Attribute), *site.nodes(ast.Name)]
    for node in (node for node in nodes if isinstance(node.ctx, ast.Load)):
        parent = site.code.parents.get(node)
        is_called = isinstance(parent, ast.Call) and parent.func is node
        is_plain = isinstance(node, ast.Name) and node.id in functions
        ends_chain = isinstance(node, ast.Attribute) and not isinstance(parent, ast.Attribute)
        if not is_called and (is_plain or ends_chain):
            yield node


@rule(
    "shadowed-built-in",
    "TypeError",
    estimate=0.9,
    example="""
        - list = [1, 2]
        + list_ = [1, 2]
          print(list((3, 4)))  #! TypeError: 'list' object is not callable
        """,
    silent="""
        def total(list):
            return list(3)  #! TypeError: 'tuple' object is not callable
        print(total((1, 2)))
        """,
    rivals=(Rival("an item of the variable was meant", "wrong-brackets"),),
    link="https://docs.python.org/3/faq/programming.html#what-are-the-rules-for-local-and-global-variables-in-python",
)
def shadowed_builtin(site: FaultSite) -> Iterator[Fix]:
    """A variable is named like a built-in and hides it from a later call; it is renamed."""
    if "object is not callable" not in site.message:
        return
    code = site.code
    callees = {id(node.func) for node in code.nodes if isinstance(node, ast.Call)}
    for name in {call.func.id for call in site.calls() if isinstance(call.func, ast.Name)}:
        uses = [n for n in site.walk_scope() if isinstance(n, ast.Name) and n.id == name]
        is_variable = any(isinstance(use.ctx, ast.Store) for use in uses)
        if name in BUILTINS and is_variable and f"{name}_" not in code.text:
            edits = tuple(code.replace(use, f"{name}_") for use in uses if id(use) not in callees)
            cause = f"A variable hides the built-in `{name}`; the variable is renamed."
            yield Fix(cause, edits)
