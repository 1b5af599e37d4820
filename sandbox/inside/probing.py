"""Which candidates would give an expression the same values: those need not all be run.

Belongs here: one run of one failing test in which chosen expressions are evaluated in their other
forms too. What comes out only orders a screening: nothing is left out because of it.
"""

import ast
import builtins
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

_MOST_VISITS = 40
_SHOWN_CHARS = 200
_HOOK = "__healer_probe__"
SAME = "same"


class Probes:
    """The sites of one plan, and what was seen there."""

    def __init__(self, sites: list[dict[str, Any]]) -> None:
        self._sites = sites
        self._visits: dict[int, int] = {}
        self.keys: list[list[list[str]]] = [[] for _ in sites]

    def instrumented(self, path: str, source: bytes, name: str) -> CodeType | None:
        """A file's code in which every site of it asks for all its forms."""
        try:
            tree = ast.parse(source)
            sites = {
                tuple(s["at"]): (number, s["forms"])
                for number, s in enumerate(self._sites)
                if s["path"] == path
            }
            changed = ast.fix_missing_locations(_Instrument(sites).visit(tree))
            return compile(changed, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def install(self) -> None:
        """Only ever in a fork that ends after its one test."""
        setattr(builtins, _HOOK, self._visit)

    def _visit(
        self, site: int, standing: Callable[[], Any], others: tuple[Callable[[], Any], ...]
    ) -> Any:
        count = self._visits.get(site, 0)
        self._visits[site] = count + 1
        if count >= _MOST_VISITS or _holds_iterator(sys._getframe(1).f_locals):
            return standing()
        truth = self._sites[site]["truth"]
        keys = [_key(form, truth=truth) for form in others]
        value = standing()  # last: it may change what the others would have seen
        self.keys[site].append([_shown(value, truth=truth), *keys])
        return value

    def order(self, count: int, keys: list[list[list[str]]]) -> list[int]:
        """Candidates in the order to try them: of those that gave the same values only the first;
        then the rest of them; at last those that changed nothing."""
        classes = self._classes(keys)
        seen: set[str] = set()
        first: list[int] = []
        again: list[int] = []
        idle: list[int] = []
        for index in range(count):
            key = classes.get(index)
            if key is None:
                first.append(index)
            elif key.endswith(SAME):
                idle.append(index)
            else:
                (again if key in seen else first).append(index)
                seen.add(key)
        return [*first, *again, *idle]

    def _classes(self, keys: list[list[list[str]]]) -> dict[int, str]:
        """Candidate indices with a name for what they did; unknown ones are left out."""
        found: dict[int, str] = {}
        for number, (site, visits) in enumerate(zip(self._sites, keys, strict=True)):
            for place, index in enumerate(site["members"], 1):
                values = [visit[place] for visit in visits]
                if not visits:
                    continue
                same = all(visit[place] == visit[0] for visit in visits)
                found[index] = f"{number} {SAME}" if same else f"{number} {values}"
        return found


class _Instrument(ast.NodeTransformer):
    def __init__(self, sites: dict[tuple[int, ...], tuple[int, list[str]]]) -> None:
        self._sites = sites

    def visit(self, node: ast.AST) -> Any:
        at = _place(node) if isinstance(node, ast.expr) else None
        changed = self.generic_visit(node)
        if at is None or at not in self._sites or not isinstance(changed, ast.expr):
            return changed
        number, forms = self._sites.pop(at)  # of two nodes at one place, the inner one
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


def _key(form: Callable[[], Any], *, truth: bool) -> str:
    try:
        return _shown(form(), truth=truth)
    except Exception as error:
        return f"raises {type(error).__name__}"


def _shown(value: Any, *, truth: bool) -> str:
    try:
        if truth:
            return str(bool(value))
        return f"{type(value).__name__} {value!r}"[:_SHOWN_CHARS]
    except Exception as error:
        return f"(repr raises {type(error).__name__})"
