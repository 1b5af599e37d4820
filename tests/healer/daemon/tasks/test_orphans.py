"""Orphans are adopted before the failures that could not be taken come again."""

from healer.daemon.orphans import Orphans
from healer.daemon.tasks.orphans import AdoptOrphans


class Recorder(Orphans):
    """Notes that it was asked."""

    def __init__(self, calls: list[str]) -> None:
        self._calls = calls

    def adopt(self) -> list[str]:
        self._calls.append("adopt")
        return []


def test_incidents_are_put_right_before_their_failures_come_again() -> None:
    calls: list[str] = []
    task = AdoptOrphans(Recorder(calls), lambda: calls.append("return"))
    task.run(1.0)
    assert calls == ["adopt", "return"]


def test_failures_stay_where_they_are_when_the_ledger_cannot_be_read() -> None:
    calls: list[str] = []

    class Broken(Recorder):
        def adopt(self) -> list[str]:
            raise OSError("the disk is gone")

    task = AdoptOrphans(Broken(calls), lambda: calls.append("return"))
    try:
        task.run(1.0)
    except OSError as error:
        calls.append(f"{error}")
    assert calls == ["the disk is gone"]
