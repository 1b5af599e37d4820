"""What a watcher is shown, and that nothing but a watcher notices it."""

import time
from dataclasses import replace
from typing import Any

import pytest

from healer.engine.workflows import StepFailed
from healer.facts.progress import Progress
from healer.judge import Check
from healer.repair.report_progress import ProgressReporter
from healer.support.work_count import show_count, show_work
from tests.support.repair_facts import crash_of, verdict_of


@pytest.fixture
def notes() -> list[Progress]:
    return []


@pytest.fixture
def reporter(make: Any, notes: list[Progress]) -> ProgressReporter:
    return ProgressReporter(replace(make(), progress=notes.append), "r1", crash_of())


def test_a_step_is_shown_with_its_repair_and_incident(
    reporter: ProgressReporter, notes: list[Progress]
) -> None:
    reporter.show("draft", "pass", "wrong-key", cost_usd=0.5)
    (note,) = notes
    assert (note.repair, note.step, note.state, note.detail) == (
        "r1", "draft", "pass", "wrong-key",
    )  # fmt: skip
    assert (note.fingerprint, note.cost_usd) == (crash_of().fingerprint, 0.5)


def test_a_step_without_a_time_of_its_own_took_what_passed_since_the_last(
    reporter: ProgressReporter, notes: list[Progress]
) -> None:
    reporter.show("lint", "pass", seconds=12.0)
    reporter.show("merge", "pass")
    assert notes[0].seconds == 12.0
    assert 0 <= notes[1].seconds < 5


def test_where_no_failure_is_known_no_incident_is_named(
    reporter: ProgressReporter, notes: list[Progress]
) -> None:
    reporter.failure = None
    reporter.show("merge", "pass")
    assert notes[0].fingerprint == ""


def test_each_check_of_a_verdict_is_shown(
    reporter: ProgressReporter, notes: list[Progress]
) -> None:
    checks = (
        Check(name="syntax", status="pass", detail="1 file compiles", seconds=0.25),
        Check(name="tests", status="fail", detail="test_a fails", seconds=3.0),
    )
    reporter.show_checks(verdict_of("regressed", "test_a fails", checks=checks))
    assert [(note.step, note.state, note.seconds) for note in notes] == [
        ("syntax", "pass", 0.25), ("tests", "fail", 3.0),
    ]  # fmt: skip


@pytest.mark.parametrize(("is_news", "count"), [(True, 1), (False, 0)])
def test_a_stop_is_told_once_and_goes_on_upwards(
    reporter: ProgressReporter, notes: list[Progress], is_news: bool, count: int
) -> None:
    def stop() -> None:
        raise StepFailed(is_news=is_news) from OSError("the disk is full")

    with pytest.raises(StepFailed), reporter.report_stop():
        stop()
    assert [(n.step, n.state, n.detail) for n in notes] == [
        ("stopped", "note", "the disk is full")
    ] * count


def test_an_error_of_another_kind_is_not_a_stop(
    reporter: ProgressReporter, notes: list[Progress]
) -> None:
    def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError), reporter.report_stop():
        fail()
    with reporter.report_stop():
        pass
    assert notes == []


def test_what_no_check_measured_is_the_time_of_the_evidence(
    reporter: ProgressReporter, notes: list[Progress]
) -> None:
    checks = (
        Check(name="policy", status="pass", detail="nothing forbidden"),
        Check(name="tests", status="pass", detail="3 passed", seconds=0.01),
        Check(name="evidence", status="pass", detail="strong"),
    )
    time.sleep(0.1)
    reporter.show_checks(verdict_of("fixed", "strong", checks=checks))
    assert [note.seconds for note in notes[:2]] == [0.0, 0.01]
    assert notes[2].seconds >= 0.09


def test_a_count_of_the_work_is_shown_with_its_step_and_takes_none_of_its_time(
    reporter: ProgressReporter, notes: list[Progress]
) -> None:
    with reporter.show_work("draft", "search"):
        time.sleep(0.1)
        show_count("edits tried", 120, used_s=1, limit_s=30)
    reporter.show("draft", "pass", "wrong-key")
    show_work("afterwards")
    assert [(note.state, note.detail) for note in notes] == [
        ("running", "search"),
        ("running", "search: 120 edits tried, 1 s of 30"),
        ("pass", "wrong-key"),
    ]
    assert notes[2].seconds >= 0.1
