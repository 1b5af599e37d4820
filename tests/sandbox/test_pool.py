"""Containers are given out once, replaced, recycled, and thrown away."""

import queue
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from sandbox.pool import Pool


class Slot:
    """Counts what happens to it."""

    def __init__(self) -> None:
        self.born = time.monotonic()
        self.waiting = True
        self.discarded = threading.Event()

    def wait_until_ready(self) -> None: ...

    def is_waiting(self) -> bool:
        return self.waiting

    def hang_up(self) -> None:
        self.waiting = False

    def discard(self) -> None:
        self.discarded.set()


@pytest.fixture
def pools() -> Iterator[Callable[..., Pool[Slot]]]:
    made: list[Pool[Slot]] = []

    def one(make: Callable[[], Slot] = Slot, size: int = 2, idle_s: float = 600) -> Pool[Slot]:
        made.append(Pool(make, size, idle_s))
        return made[-1]

    yield one
    for pool in made:
        pool.close()


def test_an_empty_pool_gives_nothing_at_once(pools: Callable[..., Pool[Slot]]) -> None:
    assert pools(size=0).take() is None


def test_what_was_taken_is_replaced_and_never_given_out_again(
    pools: Callable[..., Pool[Slot]],
) -> None:
    pool = pools()
    taken: list[Slot] = []
    for _ in range(5):
        assert pool.wait_until_full(5)
        slot = pool.take()
        assert slot is not None
        assert not any(slot is other for other in taken)
        taken.append(slot)
        pool.put_away(slot)
        assert slot.discarded.wait(5)


def test_a_container_that_died_while_it_waited_is_not_given_out(
    pools: Callable[..., Pool[Slot]],
) -> None:
    made: list[Slot] = []

    def make() -> Slot:
        made.append(Slot())
        return made[-1]

    pool = pools(make=make)
    assert pool.wait_until_full(5)
    made[0].waiting = False
    taken = pool.take()
    assert taken is not made[0]
    assert made[0].discarded.wait(5)


def test_old_containers_are_recycled(pools: Callable[..., Pool[Slot]]) -> None:
    made: list[Slot] = []

    def make() -> Slot:
        made.append(Slot())
        return made[-1]

    pools(make=make, size=1, idle_s=0.05)
    assert _soon(lambda: len(made) >= 3)
    assert made[0].discarded.wait(5)


def test_making_is_tried_again_after_it_failed(pools: Callable[..., Pool[Slot]]) -> None:
    tries: list[int] = []

    def make() -> Slot:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("the engine is away")
        return Slot()

    assert pools(make=make, size=1).wait_until_full(5)


def test_one_that_is_expected_is_made_once_more_and_not_replaced(
    pools: Callable[..., Pool[Slot]],
) -> None:
    made: list[Slot] = []

    def make() -> Slot:
        made.append(Slot())
        return made[-1]

    pool = pools(make=make, size=0)
    pool.expect()
    pool.expect()
    taken: list[Slot | None] = []

    def took() -> bool:
        taken.append(pool.take())
        return taken[-1] is not None

    assert _soon(took)
    assert taken[-1] is made[0]
    assert pool.take() is None
    assert len(made) == 1


def test_one_that_was_expected_in_vain_is_thrown_away_and_not_replaced(
    pools: Callable[..., Pool[Slot]],
) -> None:
    made: list[Slot] = []
    begun = threading.Event()

    def make() -> Slot:
        made.append(Slot())
        begun.set()
        return made[-1]

    pool = pools(make=make, size=0, idle_s=0.05)
    pool.expect()
    assert begun.wait(60)
    assert made[0].discarded.wait(60)
    assert pool.take() is None
    assert len(made) == 1


def test_one_that_is_being_started_is_waited_for_by_one_caller_only(
    pools: Callable[..., Pool[Slot]],
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Slot):
        def wait_until_ready(self) -> None:
            begun.set()
            assert go_on.wait(60)

    pool = pools(make=Slow, size=1)
    assert begun.wait(60)
    found: queue.SimpleQueue[Slot | None] = queue.SimpleQueue()
    for _ in range(2):
        threading.Thread(target=lambda: found.put(pool.take()), daemon=True).start()
    assert found.get(timeout=60) is None
    go_on.set()
    assert isinstance(found.get(timeout=60), Slow)


def test_nobody_waits_for_one_that_cannot_be_started(pools: Callable[..., Pool[Slot]]) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def make() -> Slot:
        begun.set()
        assert go_on.wait(60)
        raise OSError("no engine")

    pool = pools(make=make, size=1)
    assert begun.wait(60)
    found: list[Slot | None] = []
    waiting = threading.Thread(target=lambda: found.append(pool.take()))
    waiting.start()
    go_on.set()
    waiting.join(60)
    assert found == [None]


def test_close_throws_everything_away(pools: Callable[..., Pool[Slot]]) -> None:
    made: list[Slot] = []

    def make() -> Slot:
        made.append(Slot())
        return made[-1]

    pool = pools(make=make)
    assert pool.wait_until_full(5)
    pool.close()
    assert all(slot.discarded.is_set() for slot in made)
    assert pool.take() is None


def _soon(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
