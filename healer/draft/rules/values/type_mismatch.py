"""Rules for values of the wrong type: text and numbers, paths, views, lists as keys.

Belongs here: one conversion, where the failing line itself shows which type was meant. Does not
belong here: text that came in from outside (`numbers_from_text`), decimals (`number_forms`), bytes
(`bytes_and_text`), and values that are missing or malformed; that is data.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import assigned_value
from healer.draft.rules.certainty import GUESS
from healer.draft.rules.rule import FaultSite, Fix, Rival, rule
from healer.draft.rules.scope import add_missing_import
from healer.draft.rules.source_file import TextEdit

_NUMBERS = r"(int|float|bool|decimal\.Decimal|Fraction|UUID|datetime\.\w+)"
_NUMBER_AFTER_TEXT = re.compile(rf'can only concatenate str \(not "{_NUMBERS}"\) to str')
_NUMBER_BEFORE_TEXT = re.compile(rf"for \+: '{_NUMBERS}' and 'str'")
_PATH_SUM = re.compile(
    r"for \+: '(?:Posix|Windows)Path' and 'str'"
    r"|can only concatenate str \(not \"(?:Posix|Windows)Path\"\)"
)
_WHOLE = re.compile(
    r"'float' object cannot be interpreted as an integer"
    r"|indices must be integers(?: or slices)?(?:, not float| or None)"
    r"|can't multiply sequence by non-int of type 'float'"
)
_LAZY = r"'(?:dict_keys|dict_values|dict_items|map|filter|zip|generator|odict_keys|range|reversed)'"


def is_text(node: ast.expr) -> bool:
    """An expression that gives text for certain."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("str", "repr", "input", "format")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return is_text(node.left) or is_text(node.right)
    return isinstance(node, ast.JoinedStr)


@rule(
    "text-plus-number",
    "TypeError",
    estimate=GUESS,
    example="""
          count = 3
        - print("files: " + count)  #! TypeError: can only concatenate str (not "int") to str
        + print("files: " + str(count))
        """,
    silent="""
        def add(left, right):
            return left + right  #! TypeError: can only concatenate str (not "int") to str
        print(add("3", 4))
        """,
    rivals=(Rival("the text was to be read as a number", "number-from-outside"),),
    link="https://docs.python.org/3/library/stdtypes.html#text-sequence-type-str",
)
def text_plus_number(site: FaultSite) -> Iterator[Fix]:
    """A number or a date is added to a text literal; it becomes text."""
    match = site.search(_NUMBER_AFTER_TEXT) or site.search(_NUMBER_BEFORE_TEXT)
    if not match:
        return
    for node in site.nodes(ast.BinOp):
        if not isinstance(node.op, ast.Add) or not (is_text(node.left) or is_text(node.right)):
            continue
        for operand in (node.right, node.left):
            if not is_text(operand) and not site.recorded_value(operand).startswith(("'", '"')):
                text = site.code.segment(operand)
                cause = f"`{text}` is of type `{match[1]}` where text is put together."
                yield Fix(cause, (site.code.wrap(operand, "str({})"),))


@rule(
    "path-and-text",
    "TypeError",
    estimate=0.8,
    example="""
        + from pathlib import Path
          folder, name = "out", "day.csv"
        - print(folder / name)  #! TypeError: unsupported operand type(s) for /: 'str' and 'str'
        + print(Path(folder) / name)
        """,
    silent="""
        from pathlib import Path
        path = Path("out")
        print(path + 3)  #! TypeError: unsupported operand type(s) for +: 'PosixPath' and 'int'
        """,
    rivals=(Rival("both texts were to be read as numbers", "number-from-outside"),),
    link="https://docs.python.org/3/library/pathlib.html#operators",
)
def path_and_text(site: FaultSite) -> Iterator[Fix]:
    """Two texts are joined by `/` as only paths are, or a path is added to text."""
    code = site.code
    if "for /: 'str' and 'str'" in site.message:
        for node in site.nodes(ast.BinOp):
            is_outer = isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Div)
            if isinstance(node.op, ast.Div) and not is_outer:
                imports = add_missing_import(code, "pathlib", "Path")
                edits = (code.wrap(node.left, "Path({})"), *imports)
                yield Fix("Both sides of `/` are text; the left becomes a `Path`.", edits)
    if _PATH_SUM.search(site.message):
        for node in site.nodes(ast.BinOp):
            for operand in (node.left, node.right):
                if isinstance(node.op, ast.Add) and not is_text(operand):
                    edit = code.wrap(operand, "str({})")
                    yield Fix("A `Path` is joined with text; it becomes text.", (edit,), 0.75)


@rule(
    "path-and-number",
    "TypeError",
    estimate=GUESS,
    example="""
          from pathlib import Path
          year = 2024
        - print(Path("out") / year)
        #! TypeError: unsupported operand type(s) for /: 'PosixPath' and 'int'
        + print(Path("out") / str(year))
        """,
    silent="""
        from pathlib import Path
        print(Path("out") / None)
        #! TypeError: unsupported operand type(s) for /: 'PosixPath' and 'NoneType'
        """,
    rivals=("the folder's name has a fixed width: `f'{month:02}'`",),
    link="https://docs.python.org/3/library/pathlib.html#operators",
)
def path_and_number(site: FaultSite) -> Iterator[Fix]:
    """A number is a part of a path; it becomes text."""
    if not site.search(r"for /: '(?:Posix|Windows)Path' and 'int'"):
        return
    for node in site.nodes(ast.BinOp):
        is_number = isinstance(node.right, ast.Constant | ast.Name | ast.Attribute)
        if isinstance(node.op, ast.Div) and is_number and not is_text(node.right):
            cause = f"`{site.code.segment(node.right)}` is a number in a path; it becomes text."
            yield Fix(cause, (site.code.wrap(node.right, "str({})"),))


@rule(
    "lazy-value",
    "TypeError AttributeError",
    estimate=GUESS,
    example="""
          rates = {"eur": 1.1}
        - print(rates.keys()[0])  #! TypeError: 'dict_keys' object is not subscriptable
        + print(list(rates.keys())[0])
        """,
    silent="""
        rates = {"eur": 1.1}
        print(rates.keys() + ["usd"])
        #! TypeError: unsupported operand type(s) for +: 'dict_keys' and 'list'
        """,
    rivals=("the smallest or newest was meant, not the first",),
    link="https://docs.python.org/3/library/stdtypes.html#dictionary-view-objects",
)
def lazy_value(site: FaultSite) -> Iterator[Fix]:
    """A view or an iterator is indexed, measured or sorted; it becomes a list."""
    if not site.search(_LAZY):
        return
    for target in _used_as_list(site):
        source = assigned_value(site, target) or target
        cause = f"`{site.code.segment(target)}` is no list in Python 3; it is made one."
        yield Fix(cause, (site.code.wrap(source, "list({})"),))


def _used_as_list(site: FaultSite) -> list[ast.expr]:
    if "subscriptable" in site.message:
        return [node.value for node in site.nodes(ast.Subscript)]
    if "has no len" in site.message:
        return [call.args[0] for call in site.calls("len") if call.args]
    match = site.search(r"has no attribute '(\w+)'")
    return [node.value for node in site.nodes(ast.Attribute) if match and node.attr == match[1]]


@rule(
    "unhashable-key",
    "TypeError",
    estimate=0.75,
    example="""
          seen = set()
          pair = ["eur", "usd"]
        - seen.add(pair)  #! TypeError: unhashable type: 'list'
        + seen.add(tuple(pair))
        """,
    silent="""
        seen = set()
        seen.add({"eur": 1.1})  #! TypeError: unhashable type: 'dict'
        """,
    rivals=("each item of the list is a key",),
    link="https://docs.python.org/3/glossary.html#term-hashable",
)
def unhashable_key(site: FaultSite) -> Iterator[Fix]:
    """A list is used as a key or put into a set, which takes a tuple."""
    if "unhashable type: 'list'" not in site.message:
        return
    keys: list[ast.expr] = [node.slice for node in site.nodes(ast.Subscript)]
    keys += [call.args[0] for call in site.calls("add", "setdefault", "get") if call.args]
    for key in keys:
        if isinstance(key, ast.Name | ast.List | ast.Call | ast.Attribute | ast.Subscript):
            cause = f"`{site.code.segment(key)}` is a list, which cannot be a key; a tuple can."
            yield Fix(cause, (site.code.wrap(key, "tuple({})"),))


@rule(
    "whole-number",
    "TypeError",
    estimate=GUESS,
    example="""
          days = 4
        - for day in range(days / 2):
        #! TypeError: 'float' object cannot be interpreted as an integer
        + for day in range(days // 2):
              print(day)
        """,
    silent="""
        def middle(days):
            return range(days)
        #! TypeError: 'float' object cannot be interpreted as an integer
        print(middle(2.5))
        """,
    rivals=("a number of pages or batches is rounded up",),
    link="https://docs.python.org/3/whatsnew/3.0.html#integers",
)
def whole_number(site: FaultSite) -> Iterator[Fix]:
    """`/` gives a float where a whole number is needed: `//` was meant."""
    if not _WHOLE.search(site.message):
        return
    code = site.code
    nodes: list[ast.AST] = list(code.nodes_of_statement(site.line))
    for name in site.nodes(ast.Name):
        value = assigned_value(site, name)
        nodes += ast.walk(value) if value else ()
    for node in nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            start, end = code.span(node.left)[1], code.span(node.right)[0]
            edit = TextEdit(start, end, code.text[start:end].replace("/", "//", 1))
            cause = "`/` gives a float where a whole number is needed; `//` was meant."
            yield Fix(cause, (edit,))
