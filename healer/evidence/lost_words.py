"""What a fix takes away from the code that nothing had called wrong.

Belongs here: the words of a program, and those that a fix no longer has though the failure does not
name them. Does not belong here: whether a test asks for that (`rivals`). Pure.

A script that crashes at a slip says nothing against the words beside it: the other branch, the
sign, the limit, the second key. A draft that rewrites the statement may lose them, and a test with
plain input does not see it. Only names, texts, numbers and operators are words; how they are put
together is not looked at.
"""

import ast
import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from healer.draft.rules.source_file import SourceFile

ALIKE = 0.6
"""Of two words, from this likeness on one may be the other spelt right; 0 to 1."""
LONG_TEXT = 4
"""From so many words on, a text is looked at word by word."""
_ALWAYS = "True"
_QUOTED = re.compile(r"'([^'\n]+)'|\"([^\"\n]+)\"")
_NO_OPERATION = re.compile(
    r"^unsupported operand type\(s\) for (\*\*|[-+*/%@&|^<>]+=?)|^can only concatenate "
)
_NO_TEXT = re.compile(r"^can only concatenate str \(not \"(\w+)\"\) to str$")
_NO_FLOAT = re.compile(
    r"^\w+ indices must be integers or slices, not float$"
    r"|^'float' object cannot be interpreted as an integer$"
)
_NO_ORDER = re.compile(r"^'[<>]=?' not supported between instances of ")
_ORDERS = frozenset(("max", "min", "sorted", "sort", "nlargest", "nsmallest"))
"""Functions that compare what they are given with each other."""
_NO_KEYS = re.compile(r" object is not subscriptable$|^\w+ indices must be integers")
_NO_ARGUMENTS = re.compile(
    r"^([\w.]+)\(\) takes .*\bgiven\)?$"
    r"|^([\w.]+) expected (?:at most |exactly )?\d+ arguments?, got "
    r"|object cannot be interpreted as an integer$"
)
_NO_NAMED_ARGUMENTS = re.compile(r"^([\w.]+)\(\) takes no keyword arguments$")
_NO_GROUP = "no such group"
_GROUPS = frozenset(("group", "start", "end", "span"))
_NO_VALUE = re.compile(r"'(NoneType|bool)' object |, not '?(NoneType|bool)'?$")
_NO_OPTION = re.compile(r"^\"(\w+)\" must be |\bargument '(\w+)' must be ")
_NEW_FILE_MODES = ("x", "xt", "xb", "x+", "xb+", "x+b")
_EXISTS = re.compile(r"^\[Errno 17\] ")
"""What Python says of a sign, a quotient, a key and an argument that fit nothing, of a file that is
opened as a new one and is none, and of values and options that are no good."""
_KEYWORDS: dict[type[ast.AST], str] = {
    ast.If: "if", ast.IfExp: "if", ast.For: "for", ast.comprehension: "for", ast.While: "while",
    ast.Try: "try", ast.Raise: "raise", ast.With: "with", ast.Assert: "assert", ast.Await: "await",
}  # fmt: skip
_DISPLAYS: dict[type[ast.AST], str] = {
    ast.ListComp: "list", ast.SetComp: "set", ast.DictComp: "dict",
}  # fmt: skip
_FAMILIES = ({"split", "rsplit", "partition", "rpartition", "splitlines"}, {"find", "index"})
"""Methods that look for the same thing, each its own way: one for another loses nothing by name."""
_KINDS = (str, bytes, list, dict, set, Path)
_METHODS = frozenset(name for kind in _KINDS for name in dir(kind)) - frozenset().union(*_FAMILIES)
"""Names of which none is another one misspelt, such as `glob` and `rglob`."""
_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.And: "and", ast.Or: "or",
    ast.USub: "-", ast.Not: "not", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in", ast.Is: "is",
    ast.IsNot: "is not",
}  # fmt: skip


def find_lost_words(base: str, fix: str, messages: Iterable[str]) -> tuple[str, ...]:
    """Names that stand in `base` and no more in `fix`, and texts, numbers and operators that stand
    there less often, each once, as they are written. Not those that `messages`, what the failing
    tests' exceptions say, name in quotes, nor names that a function gives to values of its own, nor
    those that are only spelt otherwise; of a longer text that is, the words that it has no more.
    Empty where one of both does not parse."""
    before, after = _count_words(base), _count_words(fix)
    if before is None or after is None:
        return ()
    names = {name for message in messages for name in _names_in(message)}
    # A name that is still read somewhere is not gone: the same may be said of a new one.
    uses = after - _count_arguments(fix) + (_count_displays(fix) - _count_displays(base))
    losses = [word for word in before - after if not (word.isidentifier() and word in uses)]
    names |= _find_local_names(base)  # what they stood for has words of its own
    spellings = _pair_spellings(losses, list(after - before))
    losses = [word for word in losses if word not in spellings]
    for old, new in spellings.items():
        losses += _find_lost_parts(old, new)
    return tuple(dict.fromkeys(word for word in losses if _bare(word) not in names))


def _find_lost_parts(old: str, new: str) -> Iterator[str]:
    """Words of a text such as a statement of SQL that the other text has no more."""
    before, after = (Counter(_bare(text).split()) for text in (old, new))
    if min(before.total(), after.total()) >= LONG_TEXT:
        losses = [word for word in before - after if word.isalpha()]
        spellings = _pair_spellings(losses, list(after - before))
        yield from (word for word in losses if word not in spellings)


def find_formatted(base: str, fix: str, messages: Iterable[str]) -> set[str]:
    """The sign that a fix does without since it writes as one text with values in it what could not
    be joined: it says the same."""
    counts = [
        sum(isinstance(node, ast.JoinedStr) for node in SourceFile("", text).nodes)
        for text in (base, fix)
    ]
    is_joined = all(_NO_TEXT.search(message) for message in messages)
    return {"+"} if is_joined and counts[0] < counts[1] else set()


def find_blamed_words(base: str, line: int, message: str, *, is_inner: bool = True) -> set[str]:
    """Signs, keys and arguments on the line that raised of which the exception itself says that
    they do not fit what they stand beside, as they are written. `is_inner`: the line itself raised,
    and no library that it called; else only values count that the exception tells apart."""
    code = SourceFile("", base)
    nodes = list(code.nodes_of_statement(line))
    words = _find_blamed_values(nodes, message)
    return words | _find_blamed_at(code, line, nodes, message) if is_inner else words


def _find_blamed_values(nodes: Iterable[ast.AST], message: str) -> set[str]:
    """`None` or a flag where the exception says that one is no good, the names of arguments where
    it takes none by name, and the value of an option that it names."""
    if match := _NO_VALUE.search(message):
        kind = bool if "bool" in match.groups() else type(None)
        return {
            repr(n.value) for n in nodes if isinstance(n, ast.Constant) and type(n.value) is kind
        }
    if match := _NO_NAMED_ARGUMENTS.search(message):
        calls = [n for n in nodes if isinstance(n, ast.Call) and _name_of(n) == match[1]]
        return {word.arg for call in calls for word in call.keywords if word.arg}
    if match := _NO_OPTION.search(message):
        options = [n for n in nodes if isinstance(n, ast.keyword) and n.arg in match.groups()]
        return {repr(n.value.value) for n in options if isinstance(n.value, ast.Constant)}
    return set()


def _find_blamed_at(code: SourceFile, line: int, nodes: list[ast.AST], message: str) -> set[str]:
    """What else the exception says of the line that raised it."""
    calls = [each for each in nodes if isinstance(each, ast.Call)]
    if match := _NO_OPERATION.search(message):
        sign = match[1].rstrip("=") if match[1] else "+"
        operations = [
            n for n in nodes if isinstance(n, ast.BinOp) and _SIGNS.get(type(n.op)) == sign
        ]
        kind = _NO_TEXT.search(message)
        rights = [n.right for n in operations if kind and isinstance(n.right, ast.Constant)]
        values = {repr(r.value) for r in rights if kind and type(r.value).__name__ == kind[1]}
        return {sign, *values} if operations else set()
    if _NO_ORDER.search(message):
        return {_name_of(call) for call in calls} & _ORDERS
    if _NO_FLOAT.search(message):
        nodes += _find_sources(code, line, nodes)
        return {"/"} & {_SIGNS.get(type(each.op)) for each in nodes if isinstance(each, ast.BinOp)}
    if _NO_KEYS.search(message):
        parts = [each.slice for each in nodes if isinstance(each, ast.Subscript)]
    elif match := _NO_ARGUMENTS.search(message):
        name = (match[1] or match[2] or "").rpartition(".")[2]
        parts = [part for call in calls if not name or _name_of(call) == name for part in call.args]
    elif message == _NO_GROUP:
        parts = [part for call in calls if _name_of(call) in _GROUPS for part in call.args]
    elif _EXISTS.search(message):
        parts = [part for call in calls for part in call.args if _is_new_file(part)]
    else:
        return set()
    return {repr(each.value) for each in parts if isinstance(each, ast.Constant)}


def _find_sources(code: SourceFile, line: int, nodes: Iterable[ast.AST]) -> list[ast.AST]:
    """What the function makes the names among the nodes of, in statements of their own."""
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    function = code.function_at(line)
    return [
        each
        for node in (ast.walk(function) if function else code.nodes)
        if isinstance(node, ast.Assign) and names & {getattr(t, "id", "") for t in node.targets}
        for each in ast.walk(node.value)
    ]


def _name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _is_new_file(node: ast.expr) -> bool:
    """The mode of a file that must not be there."""
    return isinstance(node, ast.Constant) and node.value in _NEW_FILE_MODES


def find_brought_words(base: str, fix: str, smaller: str) -> tuple[str, ...]:
    """What the fix adds to `base` and `smaller` does without, as it is written; empty where
    `smaller` is no part of the fix: where it says anything that the fix does not say, but for the
    `True` in place of a condition."""
    counts = [_count_words(text) for text in (base, fix, smaller)]
    before, after, less = (each or Counter() for each in counts)
    less.subtract({_ALWAYS: max(0, less[_ALWAYS] - after[_ALWAYS])})
    additions = after - less
    if None in counts or not less <= after or not additions <= after - before:
        return ()
    return tuple(additions)


def _pair_spellings(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """The old words that are new ones spelt otherwise, each new word for one old one only."""
    likeness = [(_compare(_bare(one), _bare(two)), one, two) for one in old for two in new]
    pairs: dict[str, str] = {}
    for ratio, one, two in sorted(likeness, reverse=True):
        is_misspelt = ratio >= ALIKE and not {one, two} <= _METHODS
        if is_misspelt and one not in pairs and two not in pairs.values():
            pairs[one] = two
    return pairs


def _names_in(message: str) -> Iterator[str]:
    for match in _QUOTED.finditer(message):
        yield match[1] or match[2]
    yield message.strip("'\"")  # a KeyError says its key alone


def _bare(word: str) -> str:
    return word.strip("'\"")


def _compare(one: str, two: str) -> float:
    """How alike two words are, 0 to 1, but for their case; numbers and signs are so or are not."""
    if any({one, two} <= family for family in _FAMILIES):
        return 1.0
    if not re.search("[^\\W\\d]", one) or not re.search("[^\\W\\d]", two):
        return float(one == two or _ends_in_nought(one, two))
    return difflib.SequenceMatcher(None, one.lower(), two.lower()).ratio()


def _ends_in_nought(one: str, two: str) -> bool:
    """The same whole number, with and without a point."""
    return {one, two} == {f"{min(one, two, key=len)}.0", min(one, two, key=len)}


def _count_words(text: str) -> Counter[str] | None:
    tree = SourceFile("", text).tree
    if tree is None:
        return None
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return Counter(w for n in ast.walk(tree) if id(n) not in docstrings for w in _words_of(n))


def _count_arguments(text: str) -> Counter[str]:
    """The names of functions' arguments, which by themselves say nothing of their use."""
    tree = SourceFile("", text).tree
    nodes = ast.walk(tree) if tree else ()
    return Counter(node.arg for node in nodes if isinstance(node, ast.arg))


def _find_local_names(text: str) -> set[str]:
    """What functions give to values of their own, but for their arguments."""
    functions = [n for n in SourceFile("", text).nodes if isinstance(n, ast.FunctionDef)]
    names = {
        node.id
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return names - {
        node.arg for f in functions for node in ast.walk(f) if isinstance(node, ast.arg)
    }


def _count_displays(text: str) -> Counter[str]:
    """The types of what is built by a comprehension, which need no name then."""
    tree = SourceFile("", text).tree
    nodes = ast.walk(tree) if tree else ()
    return Counter(_DISPLAYS[type(node)] for node in nodes if type(node) in _DISPLAYS)


def _words_of(node: ast.AST) -> Iterator[str]:
    """What the node itself says, without its parts."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.keyword | ast.arg) and node.arg:
        yield node.arg
    elif isinstance(node, ast.Constant):
        yield repr(node.value)
    elif type(node) in _KEYWORDS:
        yield _KEYWORDS[type(node)]
    elif type(node) in _SIGNS:
        yield _SIGNS[type(node)]
