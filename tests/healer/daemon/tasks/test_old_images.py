"""Outdated images go, and young ones stay."""

from healer.daemon.tasks.old_images import DAY_S, RemoveOldImages
from sandbox import SandboxError


def test_what_is_older_than_a_day_may_go() -> None:
    moments: list[float] = []
    task = RemoveOldImages(moments.append)
    task.run(10 * DAY_S)
    assert moments == [9 * DAY_S]


def test_an_engine_that_is_away_is_asked_another_time() -> None:
    def fail(moment: float) -> None:
        raise SandboxError(f"Docker is away at {moment}")

    RemoveOldImages(fail).run(10 * DAY_S)
