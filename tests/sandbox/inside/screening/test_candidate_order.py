"""Who is tried first: what does something of its own; and who not at all: what cannot heal."""

import pytest

from sandbox.inside.messages import ProbeSite
from sandbox.inside.screening.candidate_order import order_candidates
from sandbox.inside.screening.value_probes import ProbeRun
from tests.sandbox.inside.screening.test_value_probes import probe

FORMS = ("a <= b", "b > a", "a != b", "True", "missing")


def site(*members: int, pure: bool = True) -> ProbeSite:
    return {
        "path": "f.py", "at": [], "truth": True, "pure": pure, "forms": [],
        "members": list(members),
    }  # fmt: skip


def order(
    *calls: tuple[object, object], form: str = "a != b", pure: bool = True, truth: bool = True
) -> tuple[list[int], list[int]]:
    """The order of ten candidates, of which 4 to 8 have forms, and those that need no trying."""
    forms = tuple(form if each == "a != b" else each for each in FORMS)
    probes = probe(*calls, forms=forms, truth=truth)
    run = ProbeRun(probes.visits, frozenset(probes.sure))
    found = order_candidates(10, [site(4, 5, 6, 7, 8, pure=pure)], run)
    waiting = [index for members in found.same_values.values() for index in members]
    return [*found.first, *waiting, *found.idle], found.alike


def test_forms_that_give_the_same_values_are_tried_once_and_idle_ones_not_at_all() -> None:
    # 5 changes nothing; 4, 6 and 7 each do something else; 8 raises, and so comes later; the rest
    # is not known.
    assert order((1, 2), (2, 2), (3, 2)) == ([0, 1, 2, 3, 4, 6, 7, 9, 8], [5])
    assert order((1, 2)) == ([0, 1, 2, 3, 9, 8], [4, 5, 6, 7])
    assert order((2, 2)) == ([0, 1, 2, 3, 4, 9, 8, 7], [5, 6])


def test_forms_that_fail_alike_are_one_whatever_they_would_have_given_later() -> None:
    visits = [["int 1", "raises TypeError", "raises TypeError"], ["int 1", "int 2", "int 3"]]
    found = order_candidates(2, [site(0, 1)], ProbeRun([visits]))
    assert (found.first, found.same_values) == ([0], {0: [1]})


def test_where_not_every_visit_was_seen_nobody_waits_for_another() -> None:
    visits = [["int 1", "int 2", "int 2"]]
    found = order_candidates(2, [site(0, 1)], ProbeRun([visits]))
    assert (found.first, found.same_values) == ([0, 1], {})


@pytest.mark.parametrize(
    ("standing", "value", "is_odd"),
    [
        ("int 1", "float 2.0", False),
        ("bool True", "int 2", False),
        ("int 1", "str 'a'", True),
        ("about list [1]", "about list [2]", False),
        ("about list [1]", "int 1", True),
        ("NoneType None", "int 1", False),
        ("int 1", "NoneType None", True),
        ("True", "raises NameError", True),
    ],
)
def test_a_value_of_another_kind_comes_late(standing: str, value: str, is_odd: bool) -> None:
    found = order_candidates(2, [site(0)], ProbeRun([[[standing, value]]]))
    assert found.first == ([1, 0] if is_odd else [0, 1])


def test_what_the_test_never_comes_to_cannot_heal_it() -> None:
    assert order() == ([0, 1, 2, 3, 9], [4, 5, 6, 7, 8])


@pytest.mark.parametrize(
    ("calls", "pure"),
    [
        pytest.param([(1, 2)], False, id="what stands there has an effect"),
        pytest.param([(1, 2)] * 160, True, id="more visits than are looked at"),
        pytest.param([(1, 2), (1, "")], True, id="what stands there raised"),
    ],
)
def test_a_form_that_may_yet_differ_is_only_tried_late(
    calls: list[tuple[object, object]], pure: bool
) -> None:
    indices, alike = order(*calls, pure=pure)
    assert alike == []
    assert sorted(indices) == list(range(10))
    assert indices[-1] == 7


def test_a_list_that_looks_the_same_may_be_another_one() -> None:
    indices, alike = order(([1], [2]), form="a[:] < b", truth=False)
    assert 6 in alike
    assert 6 not in indices


def test_without_sites_all_come_as_they_are() -> None:
    found = order_candidates(3, [], ProbeRun([]))
    assert found == ([0, 1, 2], {}, [], [])
