"""A postponed repair rests, each time longer, and shortly again once it went on."""

from healer.engine.backoff import FIRST_S, LONGEST_S, Rests


def test_each_rest_is_twice_as_long_up_to_the_longest() -> None:
    rests, now, slept = Rests(), 0.0, []
    for _ in range(8):
        rests.postpone("r", now)
        start = now
        while rests.resting("r", now):
            now += 1.0
        slept.append(now - start)
    assert slept[:3] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S]
    assert slept[-1] == LONGEST_S


def test_a_repair_that_went_on_rests_shortly_again_and_others_never_rested() -> None:
    rests = Rests()
    for _ in range(3):
        rests.postpone("r", 0.0)
    assert not rests.resting("other", 0.0)
    rests.over("r")
    assert not rests.resting("r", 0.0)
    rests.postpone("r", 0.0)
    assert not rests.resting("r", FIRST_S)
