"""What screening relies on inside: new code in live functions, inputs like recorded ones."""

import time
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.inside import behaviour, inputs, objects, swap

OLD = """
LIMIT = 3
def f(x, step=1):
    return x + step
class A:
    def g(self):
        return 1
"""


def swapped(new: str) -> tuple[bool, types.ModuleType]:
    """A module of `OLD` in which the functions of `new` were put, if that could be done."""
    module = types.ModuleType("swapped")
    old_code = compile(OLD, "swapped.py", "exec")
    exec(old_code, module.__dict__)
    functions = swap.Functions({"swapped.py"})
    done = functions.swap(old_code, compile(new, "swapped.py", "exec"), set())
    return done is not None, module


def test_a_changed_body_reaches_functions_and_methods_that_are_already_imported() -> None:
    done, module = swapped(OLD.replace("x + step", "x - step").replace("return 1", "return 2"))
    assert done
    assert module.f(5) == 4
    assert module.A().g() == 2


def test_what_was_swapped_can_be_undone() -> None:
    module = types.ModuleType("swapped")
    old_code = compile(OLD, "swapped.py", "exec")
    exec(old_code, module.__dict__)
    new_code = compile(OLD.replace("x + step", "x - step"), "swapped.py", "exec")
    undo = swap.Functions({"swapped.py"}).swap(old_code, new_code, set())
    assert undo is not None
    for function, code in undo:
        function.__code__ = code
    assert module.f(5) == 6


def test_a_changed_default_needs_a_real_import() -> None:
    done, module = swapped(OLD.replace("step=1", "step=2"))
    assert not done
    assert module.f(5) == 6


def test_a_changed_constant_of_the_module_needs_a_real_import() -> None:
    assert not swapped(OLD.replace("LIMIT = 3", "LIMIT = 4"))[0]


@given(st.lists(st.tuples(st.lists(st.integers(0, 50)).map(sorted), st.integers(1, 9)), min_size=1))
def test_new_inputs_keep_order_sign_and_length(calls: list[tuple[list[int], int]]) -> None:
    shortest = min(len(items) for items, _ in calls)
    least = min(number for _, number in calls)
    for items, number in inputs.varied(calls):
        assert items == sorted(items)
        assert len(items) >= shortest
        assert number >= least
        assert all(item >= 0 for item in items)


class Node:
    def __init__(self, value: int, after: "list[Node] | None" = None) -> None:
        self.value, self.after = value, after or []


def test_objects_are_shown_by_what_they_hold_and_rings_end() -> None:
    first = Node(1)
    second = Node(2, [first])
    assert objects.described((second, 7)) == "(Node#1(value=2, after=[Node#2(value=1)]), 7)"
    first.after = [second]
    assert (
        objects.described([first]) == "[Node#1(value=1, after=[Node#2(value=2, after=[Node#1])])]"
    )


def test_graphs_of_objects_are_varied_and_the_recorded_ones_stay() -> None:
    first = Node(1)
    second = Node(2, [first])
    before = objects.described(second)
    found = inputs.varied([(second, first)])
    shown = {objects.described(call) for call in found}
    assert len(shown) > 10
    assert objects.described(second) == before
    assert any("after=[]" not in text and text.count("Node#1") > 1 for text in shown)


def observed(function: types.FunctionType, *calls: object) -> list[tuple[str, str]]:
    seen = behaviour.Observed()
    file, name = function.__code__.co_filename, function.__name__
    behaviour.observe(file, name, [lambda c=c: function(c) for c in calls], seen)
    return seen.pairs


def negated(flag: bool) -> bool:
    return not flag


def halved(number: int) -> float:
    return number / 2


def test_a_function_whose_inputs_cannot_be_varied_is_not_told_of() -> None:
    assert observed(negated, True, False) == []
    assert len(observed(halved, 4, 10)) > behaviour.FEWEST_NEW


def waits(number: int) -> int:
    """Each call takes longer than what a first try is given; from 6 on it never ends."""
    begun = time.process_time()
    while number > 5 or time.process_time() - begun < 0.02:
        pass
    return number


def test_what_is_slow_and_what_never_ends_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("_ONE_CALL_S", 0.01), ("_AGAIN_S", 0.1), ("_PATIENCE_S", 0.25)):
        monkeypatch.setattr(behaviour, name, seconds)
    results = observed(waits, 4, 5)
    for call, result in results:
        number = int(call.strip("(),"))
        assert result in ((str(number) if number <= 5 else behaviour.ENDLESS), behaviour.SLOW)
    assert {behaviour.SLOW, "4"} <= {result for _, result in results}


def test_a_slow_test_is_cut_off_once_its_inputs_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """`waits(6)` never ends; the calls before and after it are still varied."""
    for name in ("_ONE_CALL_S", "_AGAIN_S", "_ONE_TEST_S"):
        monkeypatch.setattr(behaviour, name, 0.05)
    monkeypatch.setattr(behaviour, "_PATIENCE_S", 0.0)
    shown = {call for call, _ in observed(waits, 3, 6, 5)}
    assert {"(3)", "(6)", "(5)"} <= shown


def test_what_was_there_before_is_tried_on_the_inputs_that_the_change_was_given() -> None:
    def before(number: int) -> float:
        return number * 10

    seen, former = behaviour.Observed(), halved.__code__
    halved.__code__ = before.__code__.replace(co_name="halved")
    changed = halved.__code__
    try:
        runs = [lambda n=n: halved(n) for n in (4, 10)]
        undo = [(halved, former)]
        behaviour.observe(changed.co_filename, "halved", runs, seen, undo)
    finally:
        halved.__code__ = former
    assert dict(seen.pairs)["(4)"] == "2.0"
    assert seen.work_s > 0
