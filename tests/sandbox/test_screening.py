"""The parts of screening that run inside the box, each by itself in this process."""

import ast
import sys
import time
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sandbox.inside import probing, screen, spectrum, state, tries
from sandbox.inside.turns import Order, Turns

pytestmark = pytest.mark.skipif(not hasattr(time, "process_time"), reason="needs POSIX")


def passes() -> tuple[str, str]:
    return "passed", ""


def fails() -> tuple[str, str]:
    return "failed", "no"


def spins() -> tuple[str, str]:
    while True:
        pass


def dies() -> tuple[str, str]:
    import os

    os._exit(3)


def eats() -> tuple[str, str]:
    try:
        bytearray(2 << 30)
    except MemoryError:
        return "failed", "MemoryError"
    return "passed", ""


def outcomes(*attempts: Any, unchanged: Any = lambda: True) -> list[object]:
    limits = [1.0] * len(attempts)
    return [record["outcome"] for record in tries.in_turn(attempts, limits, unchanged)]


def test_attempts_in_one_fork_each_have_an_answer_whatever_one_of_them_does() -> None:
    found = outcomes(passes, spins, fails, dies, passes)
    assert found == ["passed", "timeout", "failed", "crashed", "passed"]


def test_an_attempt_that_leaves_something_behind_is_the_last_of_its_fork() -> None:
    seen: list[int] = []

    def adds() -> tuple[str, str]:
        seen.append(1)
        return "passed", str(len(seen))

    records = list(tries.in_turn([adds] * 3, [3.0] * 3, lambda: not seen))
    assert [record["detail"] for record in records] == ["1", "1", "1"]
    records = list(tries.in_turn([adds] * 3, [3.0] * 3, lambda: True))
    assert [record["detail"] for record in records] == ["1", "2", "3"]


def test_a_try_that_takes_too_long_says_where_it_was() -> None:
    record = tries.forked(spins, 1.0, "node", {"more": lambda: 7})
    assert (record["outcome"], record["more"]) == ("timeout", 7)
    assert "in spins" in str(record["detail"])


def works() -> tuple[str, str]:
    end = time.process_time() + 0.2
    while time.process_time() < end:
        sum(range(20_000))
    return "passed", ""


@pytest.mark.parametrize(
    ("limits_s", "outcome"),
    [((5.0, 5.0), "passed"), ((0.05, 5.0), "timeout"), ((5.0, 0.05), "timeout")],
)
def test_a_part_of_a_try_may_have_a_limit_of_its_own(
    limits_s: tuple[float, ...], outcome: str
) -> None:
    def attempt() -> tuple[str, str]:
        for limit_s in limits_s:
            tries.within(limit_s, works)
        return "passed", ""

    assert tries.forked(attempt, 5.0, "", {})["outcome"] == outcome


def test_the_parts_of_a_try_share_its_limit() -> None:
    def attempt() -> tuple[str, str]:
        for _ in range(5):
            tries.within(5.0, works)
        return "passed", ""

    assert tries.forked(attempt, 0.5, "", {})["outcome"] == "timeout"


def test_cases_of_a_test_come_as_given_and_tests_as_collected() -> None:
    collected = ["t::b[1]", "t::b[2]", "t::a", "t::c"]
    assert screen.in_order(["t::c", "t::a", "t::b[2]", "t::b[1]"], collected) == [
        "t::b[2]", "t::b[1]", "t::a", "t::c",
    ]  # fmt: skip


def counts() -> tuple[str, str]:
    """One operation, in which the interpreter looks at no signal."""
    return "passed", str(sum(range(10**12)))


def test_an_operation_that_cannot_be_interrupted_is_ended_by_the_kernel() -> None:
    started = time.monotonic()
    assert tries.forked(counts, 1.0, "", {})["outcome"] == "crashed"
    assert time.monotonic() - started < tries.WALL_FACTOR


def test_memory_is_limited_for_each_try_alone() -> None:
    assert tries.forked(eats, 5.0, "", {})["outcome"] == "failed"


def shared(**names: Any) -> tuple[ModuleType, state.Shared]:
    module = ModuleType("job")
    module.__dict__.update(names)
    return module, state.Shared([module], [])


def test_changed_data_of_a_module_is_noticed() -> None:
    module, before = shared(rows=[1, 2], name="x")
    assert before.known
    assert before.unchanged()
    module.__dict__["rows"].append(3)
    assert not before.unchanged()


def test_a_changed_default_value_is_noticed() -> None:
    def collect(found: list[int] = []) -> None:  # noqa: B006 - the trap itself
        found.append(1)

    _, before = shared(collect=collect)
    collect()
    assert not before.unchanged()


def test_what_cannot_be_compared_is_said() -> None:
    assert not shared(handle=(n for n in ()))[1].known


def test_parameters_are_given_as_copies() -> None:
    rows = [3, 1]
    item = SimpleNamespace(callspec=SimpleNamespace(params={"rows": rows}))
    before = state.Shared([], [item])
    before.refresh()
    item.callspec.params["rows"].sort()
    assert rows == [3, 1]
    assert before.unchanged()


def test_executed_lines_are_noticed_in_watched_files_only() -> None:
    namespace: dict[str, Any] = {}
    exec(
        compile("def f(x):\n    if x:\n        return 1\n    return 2\n", "/w.py", "exec"),
        namespace,
    )
    exec(compile("def g():\n    return 1\n", "/other.py", "exec"), namespace)
    lines: dict[str, set[int]] = {"w.py": set()}
    with spectrum.noticed({"/w.py": "w.py"}, lines):
        namespace["f"](0)
        namespace["g"]()
    assert lines == {"w.py": {2, 4}}
    assert sys.gettrace() is None


SOURCE = "def f(a, b):\n    if a < b:\n        return a + 1\n    return b\n"


def probed(
    *calls: tuple[object, object], form: str = "a != b", pure: bool = True, truth: bool = True
) -> tuple[list[int], list[int]]:
    """The order of ten candidates, of which 4 to 8 have forms, and those that need no trying."""
    function = ast.parse(SOURCE).body[0]
    assert isinstance(function, ast.FunctionDef)
    test = function.body[0]
    assert isinstance(test, ast.If)
    at = (test.test.lineno, test.test.col_offset, test.test.end_lineno, test.test.end_col_offset)
    forms = ["a <= b", "b > a", form, "True", "missing"]
    site = {"path": "f.py", "at": at, "truth": truth, "pure": pure, "forms": forms}
    probes = probing.Probes([{**site, "members": [4, 5, 6, 7, 8]}])
    code = probes.instrumented("f.py", SOURCE.encode(), "f.py")
    assert code is not None
    namespace: dict[str, Any] = {"__healer_probe__": probes._visit}
    exec(code, namespace)
    plain: dict[str, Any] = {}
    exec(SOURCE, plain)
    for a, b in calls:
        assert ended(namespace["f"], a, b) == ended(plain["f"], a, b)
    found = probes.order(10, probing.Found(probes.keys, frozenset(probes.sure)))
    again = [index for members in found.again.values() for index in members]
    return [*found.first, *again, *found.idle], found.alike


def ended(function: Any, *given: object) -> object:
    try:
        return function(*given)
    except TypeError:
        return TypeError


def test_forms_that_give_the_same_values_are_tried_once_and_idle_ones_not_at_all() -> None:
    # 5 changes nothing; 4, 6 and 7 each do something else; 8 raises, and so comes later; the rest
    # is not known.
    assert probed((1, 2), (2, 2), (3, 2)) == ([0, 1, 2, 3, 4, 6, 7, 9, 8], [5])
    assert probed((1, 2)) == ([0, 1, 2, 3, 9, 8], [4, 5, 6, 7])
    assert probed((2, 2)) == ([0, 1, 2, 3, 4, 9, 8, 7], [5, 6])


def test_forms_that_fail_alike_are_one_whatever_they_would_have_given_later() -> None:
    sites: list[dict[str, Any]] = [{"members": [0, 1]}]
    probes = probing.Probes(sites)
    visits = [["int 1", "raises TypeError", "raises TypeError"], ["int 1", "int 2", "int 3"]]
    order = probes.order(2, probing.Found([visits]))
    assert (order.first, order.again) == ([0], {0: [1]})


@pytest.mark.parametrize(
    ("standing", "value", "odd"),
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
def test_a_value_of_another_kind_is_odd(standing: str, value: str, odd: bool) -> None:
    order = probing.Probes([{"members": [0]}]).order(2, probing.Found([[[standing, value]]]))
    assert order.first == ([1, 0] if odd else [0, 1])


def test_what_the_test_never_comes_to_cannot_heal_it() -> None:
    assert probed() == ([0, 1, 2, 3, 9], [4, 5, 6, 7, 8])


@pytest.mark.parametrize(
    ("calls", "more"),
    [
        pytest.param([(1, 2)], {"pure": False}, id="what stands there has an effect"),
        pytest.param([(1, 2)] * 160, {}, id="more visits than are looked at"),
        pytest.param([(1, 2), (1, "")], {}, id="what stands there raised"),
    ],
)
def test_a_form_that_may_yet_differ_is_only_tried_late(
    calls: list[tuple[object, object]], more: dict[str, bool]
) -> None:
    order, alike = probed(*calls, **more)
    assert alike == []
    assert sorted(order) == list(range(10))
    assert order[-1] == 7


def test_a_list_that_looks_the_same_may_be_another_one() -> None:
    assert 6 not in probed(([1], [2]), form="a[:] < b", truth=False)[0]
    shown = [probing._shown(value, truth=False) for value in ([1], 1, "a", object(), True)]
    assert [text.startswith("about ") for text in shown] == [True, False, False, False, False]


def test_what_comes_further_brings_those_forward_that_gave_the_same_values() -> None:
    order = Order([0, 1, 2, 3, 4], {0: [5], 2: [6, 7]}, [8], [9])
    turns = Turns(order, 0, 2)  # the other worker has 1 and 3
    assert turns.take(2) == [0, 2]
    turns.learn(0, further=False)
    turns.learn(2, further=True)
    assert turns.take(9) == [6, 7, 4]
    assert turns.take(9) == [8]
    assert turns.take(9) == [5]
    assert turns.take(9) == []
    assert turns.turns == {0: 0, 2: 2, 6: 4, 7: 6, 4: 8, 8: 10, 5: 12}


@pytest.mark.parametrize(("most", "first", "second"), [(0, 3, 2), (3, 2, 1), (1, 1, 0), (9, 3, 2)])
def test_workers_together_try_no_more_than_asked(most: int, first: int, second: int) -> None:
    order = Order([0, 1, 2, 3, 4], {}, [], [])
    counts = [len(Turns(order, worker, 2, most).take(9)) for worker in (0, 1)]
    assert counts == [first, second]


def test_nothing_is_evaluated_beside_an_iterator() -> None:
    probes = probing.Probes([{"path": "f.py", "at": (1, 0, 1, 1), "truth": False, "forms": ["x"]}])
    rows = iter([1, 2])
    assert probes._visit(0, lambda: 5, (lambda: next(rows),)) == 5
    assert probes.keys == [[]]
    assert list(rows) == [1, 2]
