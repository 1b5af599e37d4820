"""A count reaches whoever watches the same thread, and nobody else."""

import threading

from healer.support.work_count import show_count, show_work, watch_work


def test_a_count_is_said_with_the_limits_that_are_known() -> None:
    said: list[str] = []
    with watch_work(said.append):
        show_count("edits tried", 1_240, used_s=12.2, limit_s=30)
        show_count("good nights run again", 2, 5)
        show_count("files", 7)
        show_work("the fix again")
    assert said == [
        "1,240 edits tried, 12 s of 30",
        "2 of at most 5 good nights run again",
        "7 files",
        "the fix again",
    ]


def test_the_inner_of_two_watchers_is_told_and_after_it_the_outer_again() -> None:
    outer: list[str] = []
    inner: list[str] = []
    with watch_work(outer.append):
        with watch_work(inner.append):
            show_work("inside")
        show_work("outside")
    assert (inner, outer) == (["inside"], ["outside"])


def test_nobody_is_told_of_another_threads_work_or_after_the_end() -> None:
    said: list[str] = []
    with watch_work(said.append):
        other = threading.Thread(target=show_work, args=("of another",))
        other.start()
        other.join()
    show_work("afterwards")
    assert said == []
