"""Small mistakes on given lines of a source, to see whether the checks would notice them.

Belongs here: making mutants from text. Does not belong here: running them.
"""

import ast
import io
from collections.abc import Iterable, Iterator

from healer.failure import Fact

LIMIT = 20
"""Mutants for one candidate; more cost time and tell little more."""


class Mutant(Fact):
    """One changed source."""

    line: int
    before: str
    after: str
    source: str

    @property
    def what(self) -> str:
        """`before -> after`, for a person."""
        return f"{self.before} -> {self.after}"


_SWAPS: dict[type[ast.AST], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "//", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "*",
    ast.Lt: ">=", ast.LtE: ">", ast.Gt: "<=", ast.GtE: "<", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
    ast.And: "or", ast.Or: "and",
}  # fmt: skip


def mutants(source: str, lines: Iterable[int], limit: int = LIMIT) -> tuple[Mutant, ...]:
    """At most `limit` mutants of the given 1-based lines, spread over them; none if the source
    does not parse. Every mutant parses."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    wanted = set(lines)
    text = _Text(source)
    by_line: dict[int, list[Mutant]] = {}
    seen = {source}
    for node in ast.walk(tree):
        for mutant in _of_node(node, text, wanted):
            if mutant.source not in seen and _parses(mutant.source):
                seen.add(mutant.source)
                by_line.setdefault(mutant.line, []).append(mutant)
    return tuple(_spread(by_line, limit))


class _Text:
    """A source addressed by the byte columns that `ast` gives."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._data = source.encode("utf-8")
        self._starts = [0]
        for line in io.StringIO(source, newline=""):  # lines as the parser counts them
            self._starts.append(self._starts[-1] + len(line.encode("utf-8")))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[end_line - 1] + end_column

    def get(self, start: int, end: int) -> str:
        return self._data[start:end].decode("utf-8", "replace")

    def replaced(self, start: int, end: int, new: str) -> str:
        changed = self._data[:start] + new.encode("utf-8") + self._data[end:]
        return changed.decode("utf-8", "replace")


def _of_node(node: ast.AST, text: _Text, wanted: set[int]) -> Iterator[Mutant]:
    if isinstance(node, ast.expr) and node.lineno in wanted:
        yield from _of_expression(node, text)
    elif isinstance(node, ast.stmt) and node.lineno in wanted:
        yield from _of_statement(node, text)


def _of_expression(node: ast.expr, text: _Text) -> Iterator[Mutant]:
    if isinstance(node, ast.BinOp):
        yield from _operator(node.left, node.op, node.right, text)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _operator(node.left, node.ops[0], node.comparators[0], text)
    elif isinstance(node, ast.BoolOp):
        yield from _operator(node.values[0], node.op, node.values[1], text)
    elif isinstance(node, ast.Constant):
        yield from (_whole(node, text, new) for new in _other_constants(node.value))
    elif isinstance(node, ast.Call) and len(node.args) > 1:
        first, second = text.span(node.args[0]), text.span(node.args[1])
        swapped = f"{text.get(*second)}, {text.get(*first)}"
        yield _replaced(node.lineno, first[0], second[1], swapped, text)


def _of_statement(node: ast.stmt, text: _Text) -> Iterator[Mutant]:
    if isinstance(node, ast.If | ast.While):
        yield _whole(node.test, text, f"(not ({text.get(*text.span(node.test))}))")
    elif isinstance(node, ast.Return | ast.Assign):
        if node.value is not None:
            yield _whole(node.value, text, "None")
    elif isinstance(node, ast.Import | ast.ImportFrom | ast.AugAssign | ast.Expr | ast.Raise):
        yield _whole(node, text, "pass")


def _operator(left: ast.expr, op: ast.AST, right: ast.expr, text: _Text) -> Iterator[Mutant]:
    new = _SWAPS.get(type(op))
    if new is None:
        return
    whole = text.get(*text.span(left)), text.get(*text.span(right))
    start, end = text.span(left)[0], text.span(right)[1]
    yield _replaced(left.lineno, start, end, f"({whole[0]}) {new} ({whole[1]})", text)


def _other_constants(value: object) -> tuple[str, ...]:
    if isinstance(value, bool):
        return (repr(not value),)
    if isinstance(value, int | float):
        return (repr(value + 1),)
    if isinstance(value, str):
        return (repr(value + "?"),)
    if isinstance(value, bytes):
        return (repr(value + b"?"),)
    return ()


def _whole(node: ast.expr | ast.stmt, text: _Text, new: str) -> Mutant:
    return _replaced(node.lineno, *text.span(node), new, text)


def _replaced(line: int, start: int, end: int, new: str, text: _Text) -> Mutant:
    return Mutant(
        line=line,
        before=" ".join(text.get(start, end).split())[:80],
        after=" ".join(new.split())[:80],
        source=text.replaced(start, end, new),
    )


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def _spread(by_line: dict[int, list[Mutant]], limit: int) -> Iterator[Mutant]:
    """One of each line in turn, so that no line takes all the places."""
    queues = [list(found) for _, found in sorted(by_line.items())]
    taken = 0
    while taken < limit and any(queues):
        for queue in queues:
            if queue and taken < limit:
                taken += 1
                yield queue.pop(0)
