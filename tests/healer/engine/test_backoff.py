"""A postponed repair waits, each time longer, and shortly again once it went on."""

from healer.engine.backoff import FIRST_S, LONGEST_S, Backoffs


def test_each_wait_is_twice_as_long_up_to_the_longest() -> None:
    backoffs, now, slept = Backoffs(), 0.0, []
    for _ in range(8):
        backoffs.postpone("r", now)
        start = now
        while not backoffs.is_due("r", now):
            now += 1.0
        slept.append(now - start)
    assert slept[:3] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S]
    assert slept[-1] == LONGEST_S


def test_a_repair_that_went_on_waits_shortly_again_and_others_never_waited() -> None:
    backoffs = Backoffs()
    for _ in range(3):
        backoffs.postpone("r", 0.0)
    assert backoffs.is_due("other", 0.0)
    backoffs.reset("r")
    assert backoffs.is_due("r", 0.0)
    backoffs.postpone("r", 0.0)
    assert backoffs.is_due("r", FIRST_S)
