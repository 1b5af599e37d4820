"""The order in which candidates are tried, by what their forms gave in the first failing test.

Belongs here: who comes first, who waits, and who need not be tried. Does not belong here: seeing
the values (`value_probes`), and what results change of the order (`work_queue`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..older_pythons import remove_prefix
from .value_probes import ABOUT, RAISES, ProbeRun
from .work_queue import Order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..messages import ProbeSite

_SAME = "same"
_NUMBERS = ("bool", "int", "float", "True", "False")
_NOTHING = "NoneType"
_LATER = 60
"""By how many places a candidate comes later that changes the type of a value: fixes seldom do."""


def order_candidates(count: int, sites: Sequence[ProbeSite], run: ProbeRun) -> Order:
    """All `count` candidates by what they would do in the test that was run."""
    behaviours = _name_behaviours(sites, run)
    alike = set(_find_alike(sites, run))
    order = Order([], {}, [], sorted(alike))
    same_values: dict[int, list[int]] = {}
    firsts: dict[str, int] = {}
    for index in range(count):
        behaviour = behaviours.get(index)
        if index in alike:
            continue
        if behaviour is not None and behaviour.endswith(_SAME):
            order.idle.append(index)
        elif behaviour in firsts:
            same_values.setdefault(firsts[behaviour], []).append(index)
        else:
            order.first.append(index)
            if behaviour is not None:
                firsts[behaviour] = index
    odd = set(_find_odd(sites, run))
    places = {index: n + (_LATER if index in odd else 0) for n, index in enumerate(order.first)}
    first = sorted(order.first, key=places.__getitem__)
    return order._replace(first=first, same_values=same_values)


def _forms(sites: Sequence[ProbeSite]) -> Iterator[tuple[int, int, int]]:
    """The number of a site, the place of a form in its visits, and the candidate that has it."""
    for number, site in enumerate(sites):
        for place, index in enumerate(site["members"], 1):
            yield number, place, index


def _find_odd(sites: Sequence[ProbeSite], run: ProbeRun) -> Iterator[int]:
    """Candidates with another kind of value than what stands there, or none at all."""
    for number, place, index in _forms(sites):
        if any(_is_odd(visit[0], visit[place]) for visit in run.visits[number]):
            yield index


def _name_behaviours(sites: Sequence[ProbeSite], run: ProbeRun) -> dict[int, str]:
    """Candidates with a name for what they did; left out are those of which not every visit was
    seen, but for those that raised."""
    names: dict[int, str] = {}
    for number, place, index in _forms(sites):
        visits = run.visits[number]
        if not visits:
            continue
        values = _cut_at_error([visit[place] for visit in visits])
        is_same = all(visit[place] == visit[0] for visit in visits)
        if is_same or number in run.sure or values[-1].startswith(RAISES):
            names[index] = f"{number} {_SAME}" if is_same else f"{number} {values}"
    return names


def _find_alike(sites: Sequence[ProbeSite], run: ProbeRun) -> Iterator[int]:
    """Candidates with which the test would go exactly as it goes without them."""
    for number, place, index in _forms(sites):
        if number in run.sure and sites[number]["pure"]:
            visits = run.visits[number]
            if all(v[place] == v[0] and not v[0].startswith(ABOUT) for v in visits):
                yield index


def _cut_at_error(values: list[str]) -> list[str]:
    """What comes after it would not have been reached."""
    end = next((n for n, value in enumerate(values, 1) if value.startswith(RAISES)), None)
    return values[:end]


def _is_odd(standing: str, value: str) -> bool:
    if value.startswith(RAISES):
        return True
    return _kind_of(standing) not in (_kind_of(value), _NOTHING)


def _kind_of(text: str) -> str:
    """The name of a value's type; one name for all numbers."""
    name = remove_prefix(text, ABOUT).partition(" ")[0]
    return "number" if name in _NUMBERS else name
