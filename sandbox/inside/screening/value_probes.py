"""Which candidates would give an expression the same values: those need not all be run.

Belongs here: one run of one failing test in which chosen expressions are evaluated in their other
forms too. What comes out orders a screening. Left out are only candidates that cannot heal that
test: at every visit their form gave just what stands there. Does not belong here: the order made
of it (`candidate_order`).
"""

from __future__ import annotations

import ast
import builtins
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType

    from ..messages import ProbeSite

    Visits = list[list[str]]
    """What was seen at one site: for each visit the value that stands there, and of each other
    form."""


RAISES = "raises "
"""Before the name of an error."""
ABOUT = "about "
"""Before a text that does not tell all of a value, such as which list it is."""
_MOST_VISITS = 150
_TEXT_CHARS = 200
_HOOK = "__healer_probe__"
_PLAIN = (int, float, str, bytes, type(None))


class ProbeRun(NamedTuple):
    """What one run of the test saw."""

    visits: list[Visits]
    """For each site."""
    sure: frozenset[int] = frozenset()
    """Sites of which every visit was seen."""


class Probes:
    """The sites of one plan, and what was seen there."""

    def __init__(self, sites: Sequence[ProbeSite]) -> None:
        self._sites = sites
        self._counts: dict[int, int] = {}
        self.visits: list[Visits] = [[] for _ in sites]
        self.sure: set[int] = set()
        """Sites of which every visit was seen."""

    def instrument(self, path: str, source: bytes, name: str) -> CodeType | None:
        """A file's code in which every site of it asks for all its forms; `name` is its file name.
        None where it cannot be compiled so."""
        try:
            module = ast.parse(source)
            sites = {
                tuple(site["at"]): (number, site["forms"])
                for number, site in enumerate(self._sites)
                if site["path"] == path
            }
            instrument = _Instrument(sites)
            module = ast.fix_missing_locations(instrument.visit(module))
            code = compile(module, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        self.sure |= instrument.placed
        return code

    def install(self) -> None:
        """Only ever in a fork that ends after its one test."""
        setattr(builtins, _HOOK, self.visit)

    def visit(
        self, site: int, standing: Callable[[], Any], others: tuple[Callable[[], Any], ...]
    ) -> Any:
        """Evaluates what stands at a site and gives its value; notes it beside the other forms'."""
        count = self._counts.get(site, 0)
        self._counts[site] = count + 1
        if count >= _MOST_VISITS or _holds_iterator(sys._getframe(1).f_locals):
            self.sure.discard(site)
            return standing()
        truth = self._sites[site]["truth"]
        texts = [_evaluate(form, truth=truth) for form in others]
        try:
            value = standing()  # last: it may change what the others would have seen
        except BaseException:
            self.sure.discard(site)
            raise
        self.visits[site].append([show(value, truth=truth), *texts])
        return value


class _Instrument(ast.NodeTransformer):
    def __init__(self, sites: dict[tuple[int, ...], tuple[int, list[str]]]) -> None:
        self._sites = sites
        self.placed: set[int] = set()

    def visit(self, node: ast.AST) -> Any:
        at = _place_of(node) if isinstance(node, ast.expr) else None
        new_node = self.generic_visit(node)
        if at is None or at not in self._sites or not isinstance(new_node, ast.expr):
            return new_node
        number, forms = self._sites.pop(at)  # of two nodes at one place, the inner one
        self.placed.add(number)
        others: list[ast.expr] = [_lambda(ast.parse(form, mode="eval").body) for form in forms]
        call = ast.Call(
            func=ast.Name(_HOOK, ast.Load()),
            args=[ast.Constant(number), _lambda(new_node), ast.Tuple(others, ast.Load())],
            keywords=[],
        )
        return ast.copy_location(call, node)


def _lambda(body: ast.expr) -> ast.Lambda:
    none = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(args=none, body=body)


def _place_of(node: ast.expr) -> tuple[int, ...]:
    ends = (node.end_lineno or 0, node.end_col_offset or 0)
    return (node.lineno, node.col_offset, *ends)


def _holds_iterator(names: dict[str, Any]) -> bool:
    """Something in sight would be used up by looking at it."""
    return any(hasattr(type(value), "__next__") for value in names.values())


def _shows_which(kind: Any) -> bool:
    """Its objects are shown by where they are, so that one text is one object."""
    return kind.__repr__ is object.__repr__


def _evaluate(form: Callable[[], Any], *, truth: bool) -> str:
    try:
        return show(form(), truth=truth)
    except Exception as error:
        return f"{RAISES}{type(error).__name__}"


def show(value: Any, *, truth: bool) -> str:
    """A value as text, with its type's name first; `truth`: only whether it is true."""
    try:
        if truth:
            return str(bool(value))
        text = f"{type(value).__name__} {value!r}"
        exact = len(text) <= _TEXT_CHARS and (
            isinstance(value, _PLAIN) or _shows_which(type(value))
        )
        return text if exact else f"{ABOUT}{text}"[:_TEXT_CHARS]
    except Exception as error:
        return f"(repr raises {type(error).__name__})"
