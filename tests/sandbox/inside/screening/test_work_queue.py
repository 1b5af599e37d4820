"""What a worker tries next, and what a result changes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.inside.screening.work_queue import Order, WorkQueue


def test_what_comes_further_brings_those_forward_that_gave_the_same_values() -> None:
    order = Order([0, 1, 2, 3, 4], {0: [5], 2: [6, 7]}, [8], [9])
    queue = WorkQueue(order, 0, 2)  # the other worker has 1 and 3
    assert queue.take(2) == [0, 2]
    queue.learn(0, further=False)
    queue.learn(2, further=True)
    assert queue.take(9) == [6, 7, 4]
    assert queue.take(9) == [8]
    assert queue.take(9) == [5]
    assert queue.take(9) == []
    assert queue.turns == {0: 0, 2: 2, 6: 4, 7: 6, 4: 8, 8: 10, 5: 12}


@pytest.mark.parametrize(("most", "first", "second"), [(0, 3, 2), (3, 2, 1), (1, 1, 0), (9, 3, 2)])
def test_workers_together_try_no_more_than_asked(most: int, first: int, second: int) -> None:
    order = Order([0, 1, 2, 3, 4], {}, [], [])
    counts = [len(WorkQueue(order, worker, 2, most).take(9)) for worker in (0, 1)]
    assert counts == [first, second]


def test_those_that_seem_to_change_nothing_come_when_nothing_else_is_left() -> None:
    queue = WorkQueue(Order([0], {0: [1]}, [2], []), 0, 1)
    assert queue.take(1) == [0]
    queue.learn(0, further=False)
    assert queue.take(1) == [2]
    assert queue.take(1) == [1]


@given(st.integers(1, 4), st.sets(st.integers(0, 30)), st.integers(1, 5), st.data())
def test_all_workers_together_try_each_candidate_once_whatever_is_learnt(
    workers: int, candidates: set[int], count: int, data: st.DataObject
) -> None:
    numbers = sorted(candidates)
    first, rest = numbers[::2], numbers[1::2]
    same = {first[0]: rest[::2]} if first else {}
    idle = rest[1::2] if first else rest
    order = Order(first, same, idle, [])
    tried: list[int] = []
    turns: list[int] = []
    for worker in range(workers):
        queue = WorkQueue(order, worker, workers)
        while batch := queue.take(count):
            tried += batch
            for index in batch:
                queue.learn(index, further=data.draw(st.booleans()))
        turns += queue.turns.values()
    assert sorted(tried) == numbers
    assert len(set(turns)) == len(turns)
