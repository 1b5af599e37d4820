"""What the fix brought, written as somebody else might have: the variations of a fix.

Belongs here: which words of a fix are its own, and what is tried in place of them. Does not belong
here: the single edits themselves (`usual_edits` and its like), or readings of the unfixed code
(`neighbours`). Pure.

What the fix leaves as it was is not varied: that is the project's own code, and none of the fix's
claims.
"""

import ast
import itertools
from collections.abc import Callable, Iterator, Sequence

from healer.draft.rules.source_file import SourceFile
from healer.evidence.hunks import Hunk, Span, changes_only, find_line_hunks
from healer.evidence.in_place import copy_first
from healer.evidence.loop_ends import undo_step
from healer.evidence.neighbour import Neighbour, replace_node
from healer.evidence.parts_of_values import fill_other_end, other_end, other_parts
from healer.evidence.regex_edits import vary_pattern
from healer.evidence.roundings import round_otherwise
from healer.evidence.same_by_chance import recompute
from healer.evidence.sibling_values import treat_alike
from healer.evidence.sql_edits import MOST_EDITS, vary_statement
from healer.evidence.usual_edits import (
    drop_guard,
    leave_out,
    makes_dict,
    move_statement,
    move_try,
    read_again,
    stay_in_loop,
    usual_variations,
)

MOST_USUAL = 60
MOST_COMPUTED = 40
MOST_COPIES = 8
MOST_MOVES = 12
_VARIATIONS = (
    usual_variations,
    other_parts,
    drop_guard,
    treat_alike,
    undo_step,
    round_otherwise,
    fill_other_end,
)


def vary_fix(path: str, base: str, fix: str, hunks: Sequence[Hunk]) -> Iterator[Neighbour]:
    """Of every way to write it otherwise the first ones."""
    spans = [hunk.new for hunk in hunks]
    code = SourceFile(path, fix)
    yield from itertools.islice(_vary_statements(code, spans), MOST_EDITS)
    yield from itertools.islice(_vary_usually(code, spans), MOST_USUAL)
    yield from itertools.islice(_replace_each(code, spans, _touches, other_end), MOST_USUAL)
    yield from itertools.islice(_replace_each(code, spans, _lies_in, recompute), MOST_COMPUTED)
    yield from itertools.islice(_copy_first(base, code), MOST_COPIES)
    yield from itertools.islice(_move_statements(base, code), MOST_MOVES)


def _replace_each(
    code: SourceFile,
    spans: Sequence[Span],
    is_chosen: Callable[[SourceFile, ast.expr, Sequence[Span]], bool],
    vary: Callable[[SourceFile, ast.expr], Iterator[str]],
) -> Iterator[Neighbour]:
    """Each expression that is chosen by where the fix brought something, as `vary` writes it."""
    for node in code.nodes:
        if isinstance(node, ast.expr) and is_chosen(code, node, spans):
            for text in vary(code, node):
                yield replace_node(code, node, text, "variation")


def _vary_usually(code: SourceFile, spans: Sequence[Span]) -> Iterator[Neighbour]:
    """What people might have written in place of what the fix brought."""
    for node in code.nodes:
        if isinstance(node, ast.expr) and _is_brought(code, node, spans):
            texts = (vary(code, node) for vary in _VARIATIONS)
            for text in itertools.chain.from_iterable(texts):
                yield replace_node(code, node, text, "variation")
            for statement, text in itertools.chain(leave_out(code, node), read_again(code, node)):
                yield replace_node(code, statement, text, "variation")
        elif isinstance(node, ast.Return | ast.Break | ast.Continue):
            if _touches(code, node, spans):
                for text in stay_in_loop(code, node):
                    yield replace_node(code, node, text, "variation")
        elif isinstance(node, ast.Try) and _touches(code, node, spans):
            for text in move_try(code, node):
                yield replace_node(code, node, text, "variation")


def _vary_statements(code: SourceFile, spans: Sequence[Span]) -> Iterator[Neighbour]:
    """Statements of SQL and regular expressions whose words the fix brought, with others."""
    for node in code.nodes:
        if isinstance(node, ast.expr) and _touches(code, node, spans):
            for text in itertools.chain(vary_statement(code, node), vary_pattern(code, node)):
                neighbour = replace_node(code, node, text, "variation/text")
                if changes_only(code.text, neighbour.content, spans):
                    yield neighbour


def _copy_first(base: str, code: SourceFile) -> Iterator[Neighbour]:
    for line, content in copy_first(SourceFile(code.path, base), code):
        yield Neighbour(code.path, content, "variation/copy", line)


def _move_statements(base: str, code: SourceFile) -> Iterator[Neighbour]:
    """The fix with each statement that it brought on the other side of the work beside it. A line
    that became another one stands where it stood before."""
    fix = code.text
    hunks = find_line_hunks(base, fix)
    spans = [h.new for h in hunks if {base.count("\n", *h.old), fix.count("\n", *h.new)} != {1}]
    for node in code.nodes:
        if isinstance(node, ast.stmt) and _lies_in(code, node, spans):
            for content in move_statement(code, node):
                yield Neighbour(code.path, content, "variation/order", node.lineno)


def _touches(code: SourceFile, node: ast.expr | ast.stmt, spans: Sequence[Span]) -> bool:
    """Something of it lies in one of the spans, or at its border."""
    place = Span(*code.span(node))
    return any(span.touches(place) for span in spans)


def _lies_in(code: SourceFile, node: ast.expr | ast.stmt, spans: Sequence[Span]) -> bool:
    """All of it lies in one of the spans."""
    place = Span(*code.span(node))
    return any(span.contains(place) for span in spans)


def _is_brought(code: SourceFile, node: ast.expr, spans: Sequence[Span]) -> bool:
    """The fix brought its form: of a dict, one of its items, and with it a place among them."""
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        items = [Span(code.span(key or value)[0], code.span(value)[1]) for key, value in pairs]
        return any(span.contains(item) for span in spans for item in items)
    return any(span.touches(_find_claim(code, node)) for span in spans)


def _find_claim(code: SourceFile, node: ast.expr) -> Span:
    """What of an expression the fix has to have brought for its form to be the fix's own: of a
    method's call the method, of a part what says which part, or else all of it."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        end = code.span(node.func)[1]
        return Span(end - len(node.func.attr), end)
    if isinstance(node, ast.Subscript):
        return Span(code.span(node.value)[1] + 1, code.span(node)[1])
    if makes_dict(node):
        start = code.span(node)[0]
        return Span(start, start + 1)
    return Span(*code.span(node))
