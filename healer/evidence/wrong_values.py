"""What a fix might have computed instead: plainly wrong values, and other readings of data.

Belongs here: neighbours that only ask whether a job's nights notice what the fix computes. Does not
belong here: neighbours that somebody might have meant (`neighbours`), or running them (`nights`).
Pure but for the trees it reads.

Most neighbours of a fix that reads a new form of data do not run at all on the failing night, and
so say nothing. These run: the value in another unit, without its sign, as nothing, without its
first or last part, a day later; without the rounding, factor or choice that the fix put around it;
the data in another encoding, with day and month changed about, with another mark taken out of a
number. Nights that notice none of them are no evidence for the
fix; one that differs and goes unnoticed is a rival like any other.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from healer.draft.rules.rule import called_name
from healer.draft.rules.source_file import SourceFile
from healer.evidence.experiment import Experiment
from healer.evidence.hunks import Span, find_hunks
from healer.evidence.neighbour import Neighbour, replace_node

MOST_VALUES, MOST_FORMS = 10, 8
WRONG_VALUE, OTHER_FORM = "value", "form"
"""The first words of their shapes."""
_NUMBERS = frozenset(("float", "int", "Decimal", "round", "abs", "sum", "len"))
_TEXTS = frozenset(("str", "decode", "strip", "lstrip", "rstrip", "replace", "lower", "upper"))
_MOMENTS = frozenset(("strptime", "fromisoformat", "fromtimestamp", "date", "datetime", "parse"))
_OF_NUMBER = ("({}) * 100", "-({})", "0")
_OF_TEXT = ('""', "({})[1:]")
_OF_ROWS = ("list({})[:-1]", "list({})[1:]")
_OF_MOMENT = "({}) + __import__('datetime').timedelta(days=1)"
_CODECS = ("utf-8", "cp1252", "cp437", "iso8859-15", "mac-roman", "utf-16")
_DIRECTIVES = (("%d", "%m"), ("%H", "%I"), ("%Y", "%y"))
_MARKS = (",", ".", "")
_LOSSY = frozenset(("round", "int", "floor", "ceil", "trunc", "abs", "min", "max"))
_CODEC = re.compile(
    r"(?i)utf[-_]?(?:8|16)(?:[-_]sig)?|latin[-_]?1|(?:cp|iso[-_]?8859[-_]|windows-)\d+|ascii"
)


def find_wrong_values(experiment: Experiment) -> list[Neighbour]:
    """Of every changed Python file: other readings, then wrong values."""
    neighbours: list[Neighbour] = []
    for path in experiment.changed_files:
        base, fix = experiment.texts_of(path)
        code, spans = SourceFile(path, fix), [hunk.new for hunk in find_hunks(base, fix)]
        if code.tree is not None:
            forms = chain(_take_off(code, spans), _read_otherwise(code, spans))
            neighbours += islice((each for each in forms if each.content != base), MOST_FORMS)
            neighbours += islice(_spoil_values(code, spans), MOST_VALUES)
    return neighbours


def _take_off(code: SourceFile, spans: Sequence[Span]) -> Iterator[Neighbour]:
    """Values without what the fix put around them: a rounding, a factor, a cut, a choice."""
    for node in code.nodes:
        if isinstance(node, ast.expr):
            for claim, rest in _unwrap(node):
                if any(span.contains(Span(*code.span(claim))) for span in spans):
                    yield replace_node(code, node, f"({code.segment(rest)})", OTHER_FORM)


def _unwrap(node: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What is around a value, and the value."""
    if isinstance(node, ast.Call) and called_name(node) in _LOSSY:
        yield from ((node.func, each) for each in node.args if not isinstance(each, ast.Constant))
    elif isinstance(node, ast.BinOp):
        for claim, rest in ((node.right, node.left), (node.left, node.right)):
            if isinstance(claim, ast.Constant):
                yield claim, rest
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        yield node.slice, node.value
    elif isinstance(node, ast.IfExp):
        yield from ((node.test, each) for each in (node.body, node.orelse))


def _read_otherwise(code: SourceFile, spans: Sequence[Span]) -> Iterator[Neighbour]:
    for node in code.nodes:
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(node, ast.Constant) and isinstance(text, str) and text.isascii():
            is_brought = any(span.touches(Span(*code.span(node))) for span in spans)
            for other in _write_otherwise(code, node, text) if is_brought else ():
                yield replace_node(code, node, repr(other), OTHER_FORM)


def _write_otherwise(code: SourceFile, node: ast.Constant, text: str) -> Iterator[str]:
    """In place of the name of an encoding, the form of a date, a mark within a number."""
    call = code.parents.get(node)
    if _CODEC.fullmatch(text):
        yield from (codec for codec in _CODECS if codec != text.lower())
    for one, other in _DIRECTIVES:
        if one in text or other in text:
            yield text.replace(one, "\0").replace(other, one).replace("\0", other)
    if isinstance(call, ast.Call) and called_name(call) == "replace" and text in _MARKS:
        yield from (mark for mark in _MARKS if mark != text and (mark or node is not call.args[0]))


def _spoil_values(code: SourceFile, spans: Sequence[Span]) -> Iterator[Neighbour]:
    """Of each value in turn one, so that none is left out for the others' sake."""
    values = list(dict.fromkeys(chain.from_iterable(_find_values(code, span) for span in spans)))
    ways = [list(_spoil(code, node)) for node in values]
    for n in range(max(map(len, ways), default=0)):
        for node, texts in zip(values, ways, strict=True):
            yield from (replace_node(code, node, text, WRONG_VALUE) for text in texts[n : n + 1])


def _find_values(code: SourceFile, span: Span) -> Iterator[ast.expr]:
    """The whole that what was brought is a part of, and the largest part of it that was brought;
    of statements that were brought what each of them sets or gives back."""

    def size(node: ast.expr) -> int:
        return len(code.segment(node))

    values = list(_list_values(code))
    around = [n for n in values if Span(*code.span(n)).contains(span)]
    if around:
        yield max(around, key=size)
        parts = sorted((n for n in values if span.contains(Span(*code.span(n)))), key=size)
        yield from chain.from_iterable(_take_apart(each) for each in parts[-1:])
        return
    for node in code.nodes:
        value = getattr(node, "value", None) or getattr(node, "iter", None)
        is_set = isinstance(node, ast.Assign | ast.AugAssign | ast.Return | ast.For)
        if is_set and isinstance(value, ast.expr) and span.contains(Span(*code.span(value))):
            yield from _take_apart(value)


def _take_apart(value: ast.expr) -> Iterator[ast.expr]:
    """A value, and of one that is put together what is put into it."""
    yield value
    if isinstance(value, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        yield from (*_take_apart(value.elt), value.generators[0].iter)
    elif isinstance(value, ast.DictComp):
        yield from (*_take_apart(value.value), value.generators[0].iter)
    elif isinstance(value, ast.Tuple | ast.List | ast.Set):
        yield from (each for each in value.elts if not isinstance(each, ast.Constant))


def _list_values(code: SourceFile) -> Iterator[ast.expr]:
    """Expressions in whose place another value may stand."""
    for node in code.nodes:
        parent = code.parents.get(node)
        if not isinstance(node, ast.expr) or isinstance(getattr(node, "ctx", None), ast.Store):
            continue
        is_function = isinstance(parent, ast.Call) and parent.func is node
        is_key = isinstance(parent, ast.Subscript) and parent.slice is node
        is_condition = isinstance(parent, ast.If | ast.While | ast.IfExp) and parent.test is node
        is_no_value = isinstance(node, ast.Constant) or isinstance(parent, ast.Attribute | ast.Expr)
        if is_function or is_key or is_condition or is_no_value:
            continue
        if not any(isinstance(each, ast.JoinedStr) for each in _list_outer(code, node)):
            yield node


def _list_outer(code: SourceFile, node: ast.AST) -> Iterator[ast.AST]:
    above = code.parents.get(node)
    while above is not None and not isinstance(above, ast.stmt):
        yield above
        above = code.parents.get(above)


def _spoil(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """Texts in its place; those of another type only fail."""
    parent = code.parents.get(node)
    name = called_name(node) if isinstance(node, ast.Call) else ""
    is_walked = isinstance(parent, ast.For | ast.comprehension) and parent.iter is node
    forms: Iterable[str] = (_OF_NUMBER[0], _OF_MOMENT, *_OF_NUMBER[1:], *_OF_TEXT)
    if is_walked:
        forms = _OF_ROWS
    elif name in _MOMENTS:
        forms = (_OF_MOMENT,)
    elif name in _NUMBERS or isinstance(node, ast.BinOp):
        forms = _OF_NUMBER
    elif name in _TEXTS or isinstance(node, ast.JoinedStr):
        forms = _OF_TEXT
    return (form.format(code.segment(node)) for form in forms)
