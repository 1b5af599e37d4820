"""What Python 2 code says that Python 3 runs as well, and takes otherwise.

Belongs here: the forms that change their meaning without an error. Does not belong here: names that
are gone (`renames`), and forms that do not parse (`syntax.python2`).
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.source_file import SourceFile

LINK = "https://docs.python.org/3/whatsnew/3.0.html#common-stumbling-blocks"
_LAZY = frozenset({"map", "filter", "zip", "range"})
_VIEWS = frozenset({"keys", "values", "items"})
_TAKES_ANY = frozenset(
    {"all", "any", "dict", "enumerate", "frozenset", "len", "list", "max", "min", "set", "sorted",
     "sum", "tuple"}
)  # fmt: skip  # a list of words is read as a paragraph
"""Built-ins to which a list and a lazy value are the same."""
_OF_BYTES = frozenset({"decode", "encode", "recv", "urlopen", "check_output", "communicate"})


def find_python2_meaning(code: SourceFile) -> str:
    """The first thing in a file of Python 2 that Python 3 would do otherwise; empty for none."""
    if code.tree is None:
        return "the file does not parse"
    futures = {
        alias.name
        for node in code.tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for alias in node.names
    }
    return next(_changes(code, futures), "")


def _changes(code: SourceFile, futures: set[str]) -> Iterator[str]:
    for node in code.nodes:
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            if "division" not in futures:
                yield "`/` gave whole numbers"
        elif isinstance(node, ast.Constant) and isinstance(node.value, bytes):
            yield "bytes and text were one type"
        elif isinstance(node, ast.Call):
            yield from _changes_of_call(code, node, futures)


def _changes_of_call(code: SourceFile, call: ast.Call, futures: set[str]) -> Iterator[str]:
    name = getattr(call.func, "id", "")
    member = getattr(call.func, "attr", "")
    if (name in _LAZY or (member in _VIEWS and not call.args)) and not _is_walked(code, call):
        yield f"`{name or member}()` gave a list"
    elif name == "round":
        yield "`round` rounded halves up, and gave a float"
    elif name == "input":
        yield "`input` evaluated what was typed"
    elif name == "print" and len(call.args) != 1 and "print_function" not in futures:
        yield "`print` printed a tuple"
    elif member in _OF_BYTES or name == "bytes" or _is_binary_open(call, name):
        yield "bytes and text were one type"


def _is_walked(code: SourceFile, call: ast.Call) -> bool:
    """What takes the value takes a list and a lazy one alike."""
    parent = code.parents.get(call)
    if isinstance(parent, ast.For | ast.comprehension):
        return parent.iter is call
    if isinstance(parent, ast.Call):
        is_join = getattr(parent.func, "attr", "") == "join"
        return call in parent.args and (is_join or getattr(parent.func, "id", "") in _TAKES_ANY)
    return isinstance(parent, ast.Compare)


def _is_binary_open(call: ast.Call, name: str) -> bool:
    modes = [argument for argument in call.args[1:2] if isinstance(argument, ast.Constant)]
    return name == "open" and any("b" in str(mode.value) for mode in modes)
