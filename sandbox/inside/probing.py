"""Which candidates would give an expression the same values: those need not all be run.

Belongs here: one run of one failing test in which chosen expressions are evaluated in their other
forms too. What comes out orders a screening. Left out are only candidates that cannot heal that
test: at every visit their form gave just what stands there.
"""

import ast
import builtins
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any, NamedTuple

from .turns import Order

_MOST_VISITS = 150
_SHOWN_CHARS = 200
_HOOK = "__healer_probe__"
SAME = "same"
_PLAIN = (int, float, str, bytes, type(None))
_RAISES = "raises "
_NUMBERS = ("bool", "int", "float", "True", "False")
_NOTHING = "NoneType"
_LATER = 60
"""By how many places a candidate comes later that changes the type of a value: fixes seldom do."""
_ABOUT = "about "
"""Before a text that does not tell all of a value, such as which list it is."""


class Probes:
    """The sites of one plan, and what was seen there."""

    def __init__(self, sites: list[dict[str, Any]]) -> None:
        self._sites = sites
        self._visits: dict[int, int] = {}
        self.keys: list[list[list[str]]] = [[] for _ in sites]
        self.sure: set[int] = set()
        """Sites of which every visit was seen."""

    def instrumented(self, path: str, source: bytes, name: str) -> CodeType | None:
        """A file's code in which every site of it asks for all its forms."""
        try:
            tree = ast.parse(source)
            sites = {
                tuple(s["at"]): (number, s["forms"])
                for number, s in enumerate(self._sites)
                if s["path"] == path
            }
            placing = _Instrument(sites)
            changed = ast.fix_missing_locations(placing.visit(tree))
            code = compile(changed, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        self.sure |= placing.placed
        return code

    def install(self) -> None:
        """Only ever in a fork that ends after its one test."""
        setattr(builtins, _HOOK, self._visit)

    def _visit(
        self, site: int, standing: Callable[[], Any], others: tuple[Callable[[], Any], ...]
    ) -> Any:
        count = self._visits.get(site, 0)
        self._visits[site] = count + 1
        if count >= _MOST_VISITS or _holds_iterator(sys._getframe(1).f_locals):
            self.sure.discard(site)
            return standing()
        truth = self._sites[site]["truth"]
        keys = [_key(form, truth=truth) for form in others]
        try:
            value = standing()  # last: it may change what the others would have seen
        except BaseException:
            self.sure.discard(site)
            raise
        self.keys[site].append([_shown(value, truth=truth), *keys])
        return value

    def order(self, count: int, found: "Found") -> Order:
        """Candidates by what they would do in the test that was run."""
        classes = self._classes(found)
        alike = self._alike(found)
        seen: dict[str, int] = {}
        order = Order([], {}, [], sorted(alike))
        again: dict[int, list[int]] = {}
        for index in range(count):
            key = classes.get(index)
            if index in alike:
                continue
            if key is not None and key.endswith(SAME):
                order.idle.append(index)
            elif key in seen:
                again.setdefault(seen[key], []).append(index)
            else:
                order.first.append(index)
                if key is not None:
                    seen[key] = index
        odd = self._odd(found.keys)
        place = {i: n + (_LATER if i in odd else 0) for n, i in enumerate(order.first)}
        return order._replace(first=sorted(order.first, key=place.__getitem__), again=again)

    def _odd(self, keys: list[list[list[str]]]) -> set[int]:
        """Candidates with another kind of value than what stands there, or none at all."""
        return {
            index
            for site, visits in zip(self._sites, keys, strict=True)
            for place, index in enumerate(site["members"], 1)
            if any(_is_odd(visit[0], visit[place]) for visit in visits)
        }

    def _classes(self, seen: "Found") -> dict[int, str]:
        """Candidate indices with a name for what they did; left out are those of which not every
        visit was seen, but for those that raised."""
        found: dict[int, str] = {}
        for number, (site, visits) in enumerate(zip(self._sites, seen.keys, strict=True)):
            for place, index in enumerate(site["members"], 1):
                values = _up_to_an_error([visit[place] for visit in visits])
                if not visits:
                    continue
                same = all(visit[place] == visit[0] for visit in visits)
                if not (same or number in seen.sure or values[-1].startswith(_RAISES)):
                    continue
                found[index] = f"{number} {SAME}" if same else f"{number} {values}"
        return found

    def _alike(self, found: "Found") -> set[int]:
        """Candidates with which the test would go exactly as it goes without them."""
        alike: set[int] = set()
        for number, (site, visits) in enumerate(zip(self._sites, found.keys, strict=True)):
            if number in found.sure and site["pure"]:
                for place, index in enumerate(site["members"], 1):
                    if all(v[place] == v[0] and not v[0].startswith(_ABOUT) for v in visits):
                        alike.add(index)
        return alike


def _up_to_an_error(values: list[str]) -> list[str]:
    """What comes after it would not have been reached."""
    end = next((n for n, value in enumerate(values, 1) if value.startswith(_RAISES)), None)
    return values[:end]


def _is_odd(standing: str, value: str) -> bool:
    if value.startswith(_RAISES):
        return True
    return _kind(standing) not in (_kind(value), _NOTHING)


def _kind(shown: str) -> str:
    """The name of a shown value's type; one name for all numbers."""
    name = shown.removeprefix(_ABOUT).partition(" ")[0]
    return "number" if name in _NUMBERS else name


class Found(NamedTuple):
    """What one run of the test saw."""

    keys: list[list[list[str]]]
    """For each site and visit: the value that stands there, and those of the other forms."""
    sure: frozenset[int] = frozenset()
    """Sites of which every visit was seen."""


class _Instrument(ast.NodeTransformer):
    def __init__(self, sites: dict[tuple[int, ...], tuple[int, list[str]]]) -> None:
        self._sites = sites
        self.placed: set[int] = set()

    def visit(self, node: ast.AST) -> Any:
        at = _place(node) if isinstance(node, ast.expr) else None
        changed = self.generic_visit(node)
        if at is None or at not in self._sites or not isinstance(changed, ast.expr):
            return changed
        number, forms = self._sites.pop(at)  # of two nodes at one place, the inner one
        self.placed.add(number)
        others: list[ast.expr] = [_lambda(ast.parse(form, mode="eval").body) for form in forms]
        call = ast.Call(
            func=ast.Name(_HOOK, ast.Load()),
            args=[ast.Constant(number), _lambda(changed), ast.Tuple(others, ast.Load())],
            keywords=[],
        )
        return ast.copy_location(call, node)


def _lambda(body: ast.expr) -> ast.Lambda:
    none = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(args=none, body=body)


def _place(node: ast.expr) -> tuple[int, ...]:
    ends = (node.end_lineno or 0, node.end_col_offset or 0)
    return (node.lineno, node.col_offset, *ends)


def _holds_iterator(names: dict[str, Any]) -> bool:
    """Something in sight would be used up by looking at it."""
    return any(hasattr(type(value), "__next__") for value in names.values())


def _shows_which(kind: Any) -> bool:
    """Its objects are shown by where they are, so that one text is one object."""
    return kind.__repr__ is object.__repr__


def _key(form: Callable[[], Any], *, truth: bool) -> str:
    try:
        return _shown(form(), truth=truth)
    except Exception as error:
        return f"{_RAISES}{type(error).__name__}"


def _shown(value: Any, *, truth: bool) -> str:
    try:
        if truth:
            return str(bool(value))
        text = f"{type(value).__name__} {value!r}"
        exact = len(text) <= _SHOWN_CHARS and (
            isinstance(value, _PLAIN) or _shows_which(type(value))
        )
        return text if exact else f"{_ABOUT}{text}"[:_SHOWN_CHARS]
    except Exception as error:
        return f"(repr raises {type(error).__name__})"
