"""The programs next to a fix: parts of it alone, and other readings of what it changed.

Belongs here: which texts a fix is held against. Does not belong here: running them (`rivals`). Pure
but for the trees it reads.

Five kinds. *Parts*: the change with some of its hunks taken back, so that what rides along with a
fix shows itself. *Drafts*: what the rules say of the same failure. *Readings*: single edits of the
unfixed file at the words that the fix changed, and in the lines around these, as somebody else
would have mended it.
*Variations*: single edits of the words that the fix brought. *Narrower handlers* of the errors that
it catches. What the fix leaves as it was is not varied: that is the project's own code, and none of
the fix's claims.
"""

import ast
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.operators.mutation import operator_of
from healer.draft.search.variants import stream_variants
from healer.evidence.crashes import find_crash_lines
from healer.evidence.experiment import Experiment
from healer.evidence.hunks import (
    Hunk,
    Span,
    changes_only,
    find_hunks,
    find_line_hunks,
    find_lines_beside,
    find_replacement,
    keep_hunks,
)
from healer.evidence.keys_alike import write_key_alike
from healer.evidence.loop_ends import end_loop
from healer.evidence.narrow_handlers import narrow_handlers
from healer.evidence.nearby_keys import MOST_KEYS, collect_keys, find_new_keys, swap_keys
from healer.evidence.neighbour import (
    MOVED_INDEX,
    MUTANT,
    PART,
    READING,
    RULE,
    Neighbour,
    replace_node,
)
from healer.evidence.regex_edits import vary_pattern
from healer.evidence.slips import find_misspellings, mend_slip, move_index, retype
from healer.evidence.sql_edits import MOST_EDITS, vary_statement
from healer.evidence.usual_edits import (
    usual_readings,
)
from healer.evidence.variations import vary_fix
from healer.facts.draft import Draft, ReadData, WriteFile
from healer.judge.mutants import UNLIKELY_FIXES, make_mutants

MOST_PARTS = 40
MOST_DRAFTS = 8
MOST_READINGS = 60
MOST_VARIATIONS = 80
MOST_MOVES = 12
MOST_NEW_KEYS = 12
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


_NAMING = re.compile(r"\s*(\w+) = (.*\S)\s*")
_NAME = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\d)")
Read = Callable[[SourceFile, ast.expr], Iterator[str]]
_READINGS: tuple[tuple[Read, str, int], ...] = (
    (mend_slip, READING, MOST_READINGS),
    (write_key_alike, READING, MOST_READINGS),
    (usual_readings, READING, MOST_READINGS),
    (move_index, MOVED_INDEX, MOST_MOVES),
    (retype, READING, MOST_READINGS),
    (vary_statement, READING, MOST_EDITS),
    (vary_pattern, READING, MOST_EDITS),
)
"""What stands in place of an unfixed expression, the first word of its shape, and how many."""


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
        around = [s if s.start < s.end else find_lines_beside(base, s.start) for s in lines]
        sure = find_misspellings(SourceFile(path, base), SourceFile(path, fix), hunks)
        texts = {base, fix}
        for neighbour in itertools.chain(
            itertools.islice(_take_parts(path, base, fix, hunks), MOST_PARTS),
            itertools.islice(_take_parts(path, base, fix, find_line_hunks(base, fix)), MOST_PARTS),
            itertools.islice(_take_drafts(path, base, drafts), MOST_DRAFTS),
            _read_unfixed(path, base, _find_unfixed(path, base, fix, experiment)),
            itertools.islice(_swap_keys(path, base, lines, keys), MOST_KEYS),
            itertools.islice(_swap_keys(path, fix, [h.new for h in hunks], keys), MOST_KEYS),
            itertools.islice(_edit_at(path, base, [h.old for h in hunks]), MOST_READINGS),
            itertools.islice(
                _vary(path, base, around if hunks else (), with_mutants=False), MOST_READINGS
            ),
            narrow_handlers(path, base, fix),
            vary_fix(path, base, fix, hunks),
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


def swap_new_keys(experiment: Experiment, reads: Sequence[ReadData]) -> Iterator[Neighbour]:
    """With each key that the failing night's data has and a good night's had not, in place of one
    that the fix names: whoever moves a field may have meant the one that stands beside it."""
    keys = find_new_keys(reads)
    for path in experiment.changed_files:
        base, fix = experiment.texts_of(path)
        yield from _swap_keys(path, fix, [h.new for h in find_hunks(base, fix)], keys)


def _read_unfixed(path: str, base: str, spans: Sequence[Span]) -> Iterator[Neighbour]:
    """What stands in place of the expressions of unfixed statements: of every sort the first."""
    code = SourceFile(path, base)
    nodes = [
        node
        for node in code.nodes
        if isinstance(node, ast.expr) and any(s.contains(Span(*code.span(node))) for s in spans)
    ]
    for read, shape, most in _READINGS:
        readings = (
            replace_node(code, node, text, shape) for node in nodes for text in read(code, node)
        )
        yield from itertools.islice(readings, most)
    sources = (node for value in _find_sources(code, nodes) for node in ast.walk(value))
    types = (
        replace_node(code, node, text, READING)
        for node in sources
        if isinstance(node, ast.expr)
        for text in retype(code, node)
    )
    yield from itertools.islice(types, MOST_READINGS)
    endings = (
        Neighbour(path, content, f"{READING}/loop", node.lineno)
        for node in nodes
        for content in end_loop(code, node)
    )
    yield from itertools.islice(endings, MOST_EDITS)


def _find_sources(code: SourceFile, nodes: Sequence[ast.expr]) -> Iterator[ast.expr]:
    """What the functions make the names of, that these expressions read: where one of them is of
    the wrong type, it may have been so from there on."""
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    functions = {code.function_at(node.lineno): None for node in nodes}
    for function in functions:
        for node in ast.walk(function) if function else ():
            if isinstance(node, ast.Assign):
                targets = {
                    n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)
                }
                if targets & names:
                    yield node.value


def _find_unfixed(path: str, base: str, fix: str, experiment: Experiment) -> list[Span]:
    """Where another mend might stand: the unfixed lines that the fix changes, and the statements at
    which the tests crashed, which a fix may leave as they are."""
    code = SourceFile(path, base)
    spans = [hunk.old for hunk in find_line_hunks(base, fix) if hunk.old.start < hunk.old.end]
    crashes = (code.statement_at(line) for line in find_crash_lines(experiment, path))
    plain = (node for node in crashes if node is not None and not hasattr(node, "body"))
    return [*spans, *(Span(*code.span(node)) for node in plain)]


def _vary(
    path: str, fix: str, spans: Sequence[Span], *, with_mutants: bool = True
) -> Iterator[Neighbour]:
    code = SourceFile(path, fix)
    for neighbour in _edit_at(path, fix, spans, with_mutants=with_mutants):
        if neighbour.shape not in UNNATURAL_VARIATIONS and not (
            _only_names(code, neighbour) or _is_denied(code, neighbour)
        ):
            yield neighbour


def _only_names(code: SourceFile, neighbour: Neighbour) -> bool:
    """It brings a statement that gives a value a second name, such as `old = new`, or an argument's
    name to something else."""
    before, after = code.text.splitlines(), neighbour.content.splitlines()
    pairs = itertools.zip_longest(before, after)
    brings = next((new for old, new in pairs if old != new), None)
    match = _NAMING.fullmatch(brings or "") if len(after) == len(before) + 1 else None
    if match is None:
        return False
    function = code.function_at(neighbour.line)
    arguments = {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)} if function else ()
    is_new = match[1] in arguments and match[1] not in _NAME.findall(match[2])
    return match[2].isidentifier() or is_new


def _is_denied(code: SourceFile, neighbour: Neighbour) -> bool:
    """It has another number in place of one that the function's docstring says, and that says
    nothing of the other."""
    function = code.function_at(neighbour.line)
    docstring = ast.get_docstring(function) if function else None
    numbers = _NUMBER.findall(docstring or "")
    if not numbers:
        return False
    before, after = _list_numbers(code.text), _list_numbers(neighbour.content)
    pairs = [(old, new) for old, new in zip(before, after, strict=False) if old != new]
    return len(before) == len(after) and [
        (old in numbers, new in numbers) for old, new in pairs
    ] == [(True, False)]


def _list_numbers(text: str) -> list[str]:
    nodes = SourceFile("", text).nodes
    values = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return [repr(each) for each in values if type(each) in (int, float)]


def _is_natural(shape: str) -> bool:
    return shape not in UNNATURAL_SHAPES and operator_of(shape) not in UNNATURAL_OPERATORS


def _edit_at(
    path: str, text: str, spans: Sequence[Span], *, with_mutants: bool = True
) -> Iterator[Neighbour]:
    """The search's single edits, and the judge's mutants, that change something in the spans."""
    lines = {line for span in spans for line in span.lines_of(text)}
    files, suspicion = {path: SourceFile(path, text)}, {(path, line): 1.0 for line in lines}
    variants = (
        Neighbour(path, each.content, each.shape, each.line)
        for each in stream_variants(files, suspicion, accepts=_is_natural, with_pairs=False)
        if each.line in lines
    )
    mutants = (
        Neighbour(path, each.source, f"{MUTANT}/{each.description}", each.line)
        for each in (make_mutants(text, lines) if with_mutants else ())
        if each.after not in UNLIKELY_FIXES
    )
    for neighbour in itertools.chain(mutants, variants):
        if changes_only(text, neighbour.content, spans):
            yield neighbour
