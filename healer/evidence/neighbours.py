"""The programs next to a fix: parts of it alone, and other readings of what it changed.

Belongs here: which texts a fix is held against. Does not belong here: running them (`rivals`). Pure
but for the trees it reads.

Four kinds. *Parts*: the change with some of its hunks taken back, so that what rides along with a
fix shows itself. *Drafts*: what the rules say of the same failure. *Readings*: single edits of the
unfixed file at the words that the fix changed, as somebody else would have mended it.
*Variations*: single edits of the words that the fix brought. What the fix leaves as it was is not
varied: that is the project's own code, and none of the fix's claims.
"""

import ast
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.operators.mutation import operator_of
from healer.draft.search.variants import stream_variants
from healer.evidence.experiment import Experiment
from healer.evidence.hunks import (
    Hunk,
    Span,
    changes_only,
    find_hunks,
    find_line_hunks,
    find_replacement,
    keep_hunks,
)
from healer.evidence.in_place import copy_first
from healer.evidence.nearby_keys import MOST_KEYS, collect_keys, swap_keys
from healer.evidence.parts_of_values import other_end, other_parts
from healer.evidence.regex_edits import vary_pattern
from healer.evidence.same_by_chance import recompute
from healer.evidence.sibling_values import treat_alike
from healer.evidence.slips import find_misspellings, mend_slip, move_index, retype
from healer.evidence.sql_edits import MOST_EDITS, vary_statement
from healer.evidence.usual_edits import (
    drop_guard,
    leave_out,
    makes_dict,
    move_statement,
    move_try,
    read_again,
    stay_in_loop,
    usual_readings,
    usual_variations,
)
from healer.facts.draft import Draft, WriteFile
from healer.judge.mutants import UNLIKELY_FIXES, make_mutants

MOST_PARTS = 40
MOST_DRAFTS = 8
MOST_READINGS = 60
MOST_VARIATIONS = 80
MOST_COMPUTED = 40
MOST_COPIES = 8
MOST_MOVES = 12
MOST_HUNKS = 6
"""Of a file with more hunks, the only parts that are tried lack one hunk."""

UNNATURAL_OPERATORS = frozenset({
    "wrap", "add-argument", "donor", "distant-donor", "guard", "add-operand", "literal-donor",
})  # fmt: skip
UNNATURAL_SHAPES = frozenset({
    "slice/new", "condition/add and", "condition/add or", "binary/+ to |", "binary/* to **",
    *(f"compare/{order} to {equal}" for order in ("<", "<=", ">", ">=") for equal in ("==", "!=")),
})  # fmt: skip
"""Edits that a search may try and that nobody means: of 50 right fixes with tests that pin the
case, 6 had a rival among them that was none (`benchmarks.judge right`)."""
UNNATURAL_VARIATIONS = frozenset({"constant/[] to [x]"})
"""As edits of what a fix brought: who begins with nothing does not mean some name at hand."""


@dataclass(frozen=True)
class Neighbour:
    """One file as it might have been mended as well."""

    path: str
    content: str
    shape: str
    """`part`, or the shape of the edit, such as `compare/< to <=`."""
    line: int
    """In its own content, where it differs from what it was made of."""


_VARIATIONS = (usual_variations, other_parts, drop_guard, treat_alike)

Read = Callable[[SourceFile, ast.expr], Iterator[str]]
PART, READING, RULE, MOVED_INDEX = "part", "reading", "rule", "moved-index"
"""The first words of the shapes of what mends the failure otherwise."""


def find_neighbours(experiment: Experiment, drafts: Iterable[Draft] = ()) -> list[Neighbour]:
    """Of every changed Python file, without doubles, without the base and the fix themselves, and
    without other words for one that was only misspelt.

    `drafts`: other drafts for the same failure; those that change just one file count."""
    neighbours, drafts = list[Neighbour](), tuple(drafts)
    keys = collect_keys(experiment.base, experiment.changed_files)
    for path in experiment.changed_files:
        base, fix = experiment.texts_of(path)
        hunks = find_hunks(base, fix)
        lines = [hunk.old for hunk in find_line_hunks(base, fix)]
        sure = find_misspellings(SourceFile(path, base), SourceFile(path, fix), hunks)
        texts = {base, fix}
        for neighbour in itertools.chain(
            itertools.islice(_take_parts(path, base, fix, hunks), MOST_PARTS),
            itertools.islice(_take_parts(path, base, fix, find_line_hunks(base, fix)), MOST_PARTS),
            itertools.islice(_take_drafts(path, base, drafts), MOST_DRAFTS),
            itertools.islice(_read_in(path, base, fix, mend_slip), MOST_READINGS),
            itertools.islice(_swap_keys(path, base, lines, keys), MOST_KEYS),
            itertools.islice(_swap_keys(path, fix, [h.new for h in hunks], keys), MOST_KEYS),
            itertools.islice(_edit_at(path, base, [h.old for h in hunks]), MOST_READINGS),
            itertools.islice(_read_in(path, base, fix, usual_readings), MOST_READINGS),
            itertools.islice(_read_in(path, base, fix, move_index, MOVED_INDEX), MOST_MOVES),
            itertools.islice(_read_in(path, base, fix, retype), MOST_READINGS),
            itertools.islice(_read_in(path, base, fix, vary_statement), MOST_EDITS),
            itertools.islice(_read_in(path, base, fix, vary_pattern), MOST_EDITS),
            itertools.islice(_vary_statements(path, fix, [h.new for h in hunks]), MOST_EDITS),
            itertools.islice(_vary_usually(path, fix, [h.new for h in hunks]), MOST_READINGS),
            itertools.islice(_mirror_calls(path, fix, [h.new for h in hunks]), MOST_READINGS),
            itertools.islice(_recompute(path, fix, [h.new for h in hunks]), MOST_COMPUTED),
            itertools.islice(_copy_first(path, base, fix), MOST_COPIES),
            itertools.islice(_move_statements(path, base, fix), MOST_MOVES),
            itertools.islice(_vary(path, fix, [h.new for h in hunks]), MOST_VARIATIONS),
        ):
            content = neighbour.content
            if content not in texts and not (sure and changes_only(fix, content, sure)):
                texts.add(neighbour.content)
                neighbours.append(neighbour)
    return neighbours


def _take_parts(path: str, base: str, fix: str, hunks: Sequence[Hunk]) -> Iterator[Neighbour]:
    """The fix with some of its hunks taken back, the smallest remainders first."""
    count = len(hunks)
    sizes = range(1, count) if count <= MOST_HUNKS else (count - 1,)
    for size in sizes:
        for remainder in itertools.combinations(hunks, size):
            text = keep_hunks(base, fix, remainder)
            if SourceFile(path, text).tree is not None:
                line = fix[: remainder[0].new.start].count("\n") + 1
                yield Neighbour(path, text, PART, line)


def _take_drafts(path: str, base: str, drafts: Sequence[Draft]) -> Iterator[Neighbour]:
    for draft in drafts:
        edits = [edit for edit in draft.edits if isinstance(edit, WriteFile)]
        if len(draft.edits) == len(edits) == 1 and edits[0].path == path:
            content = edits[0].content
            line = base[: find_replacement(base, content).start].count("\n") + 1
            yield Neighbour(path, content, f"{RULE}/{draft.rule}", line)


def _swap_keys(
    path: str, text: str, spans: Sequence[Span], keys: Sequence[str]
) -> Iterator[Neighbour]:
    for content in swap_keys(SourceFile(path, text), spans, keys):
        line = text[: find_replacement(text, content).start].count("\n") + 1
        yield Neighbour(path, content, "key", line)


def _read_in(
    path: str, base: str, fix: str, read: Read, shape: str = READING
) -> Iterator[Neighbour]:
    """What `read` puts in place of the expressions of unfixed statements that the fix changes."""
    lines = find_line_hunks(base, fix)
    spans = [hunk.old for hunk in lines if hunk.old.start < hunk.old.end]
    code = SourceFile(path, base)
    for node in code.nodes:
        if isinstance(node, ast.expr) and any(s.contains(Span(*code.span(node))) for s in spans):
            for text in read(code, node):
                yield _replace_in(code, node, text, shape)


def _vary_usually(path: str, fix: str, spans: Sequence[Span]) -> Iterator[Neighbour]:
    """What people might have written in place of what the fix brought."""
    code = SourceFile(path, fix)
    for node in code.nodes:
        if isinstance(node, ast.expr) and _is_brought(code, node, spans):
            texts = (vary(code, node) for vary in _VARIATIONS)
            for text in itertools.chain.from_iterable(texts):
                yield _replace_in(code, node, text, "variation")
            for statement, text in itertools.chain(leave_out(code, node), read_again(code, node)):
                yield _replace_in(code, statement, text, "variation")
        elif isinstance(node, ast.Return | ast.Break | ast.Continue):
            if _touches(code, node, spans):
                for text in stay_in_loop(code, node):
                    yield _replace_in(code, node, text, "variation")
        elif isinstance(node, ast.Try) and _touches(code, node, spans):
            for text in move_try(code, node):
                yield _replace_in(code, node, text, "variation")


def _mirror_calls(path: str, fix: str, spans: Sequence[Span]) -> Iterator[Neighbour]:
    """Calls of which the fix brought anything, be it an argument, from the other end."""
    code = SourceFile(path, fix)
    for node in code.nodes:
        if isinstance(node, ast.Call) and _touches(code, node, spans):
            for text in other_end(code, node):
                yield _replace_in(code, node, text, "variation")


def _recompute(path: str, fix: str, spans: Sequence[Span]) -> Iterator[Neighbour]:
    """Numbers that the fix brought, and what it computes, as they may come out by chance."""
    code = SourceFile(path, fix)
    for node in code.nodes:
        if isinstance(node, ast.expr) and any(s.contains(Span(*code.span(node))) for s in spans):
            for text in recompute(code, node):
                yield _replace_in(code, node, text, "variation")


def _vary_statements(path: str, fix: str, spans: Sequence[Span]) -> Iterator[Neighbour]:
    """Statements of SQL and regular expressions whose words the fix brought, with others."""
    code = SourceFile(path, fix)
    for node in code.nodes:
        if isinstance(node, ast.expr) and _touches(code, node, spans):
            for text in itertools.chain(vary_statement(code, node), vary_pattern(code, node)):
                neighbour = _replace_in(code, node, text, "variation/text")
                if changes_only(fix, neighbour.content, spans):
                    yield neighbour


def _copy_first(path: str, base: str, fix: str) -> Iterator[Neighbour]:
    for line, content in copy_first(SourceFile(path, base), SourceFile(path, fix)):
        yield Neighbour(path, content, "variation/copy", line)


def _move_statements(path: str, base: str, fix: str) -> Iterator[Neighbour]:
    """The fix with each statement that it brought on the other side of the work beside it. A line
    that became another one stands where it stood before."""
    code = SourceFile(path, fix)
    hunks = find_line_hunks(base, fix)
    spans = [h.new for h in hunks if {base.count("\n", *h.old), fix.count("\n", *h.new)} != {1}]
    for node in code.nodes:
        if isinstance(node, ast.stmt) and any(s.contains(Span(*code.span(node))) for s in spans):
            for content in move_statement(code, node):
                yield Neighbour(path, content, "variation/order", node.lineno)


def _touches(code: SourceFile, node: ast.expr | ast.stmt, spans: Sequence[Span]) -> bool:
    """Something of it lies in one of the spans, or at its border."""
    place = Span(*code.span(node))
    return any(span.touches(place) for span in spans)


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


def _replace_in(code: SourceFile, node: ast.expr | ast.stmt, text: str, shape: str) -> Neighbour:
    start, end = code.span(node)
    content = code.text[:start] + text + code.text[end:]
    return Neighbour(code.path, content, f"{shape}/{text}", node.lineno)


def _vary(path: str, fix: str, spans: Sequence[Span]) -> Iterator[Neighbour]:
    return (n for n in _edit_at(path, fix, spans) if n.shape not in UNNATURAL_VARIATIONS)


def _edit_at(path: str, text: str, spans: Sequence[Span]) -> Iterator[Neighbour]:
    """The search's single edits, and the judge's mutants, that change something in the spans."""
    lines = {line for span in spans for line in span.lines_of(text)}
    files, suspicion = {path: SourceFile(path, text)}, {(path, line): 1.0 for line in lines}
    variants = (
        Neighbour(path, each.content, each.shape, each.line)
        for each in stream_variants(files, suspicion, with_pairs=False)
        if each.line in lines and each.shape not in UNNATURAL_SHAPES
        if operator_of(each.shape) not in UNNATURAL_OPERATORS
    )
    mutants = (
        Neighbour(path, each.source, f"mutant/{each.description}", each.line)
        for each in make_mutants(text, lines)
        if each.after not in UNLIKELY_FIXES
    )
    for neighbour in itertools.chain(mutants, variants):
        if changes_only(text, neighbour.content, spans):
            yield neighbour
