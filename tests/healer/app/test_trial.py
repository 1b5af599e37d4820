"""A trial tries the newest of the past first, keeps what it found, and ends where it is told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from healer.app.trial import Trial, TrialOptions, as_trial
from healer.config import Config
from healer.render.trial_report import TrialCase
from healer.watch.inbox import Inbox
from quarantine.repository import Repository
from tests.healer.app.test_trial_cases import BEFORE, TEST, OneDraft, recorded, seen_with_traceback
from tests.support.bench import ALWAYS, FILES, LINE, RIGHT, SCRIPT, SOURCE, Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Two commits that mended something."""
    bench = Bench(tmp_path, files=BEFORE, sandbox=seen_with_traceback)
    bench.write(SCRIPT, SOURCE.replace(LINE, RIGHT))
    bench.write(TEST, FILES[TEST])
    bench.commit("Mend the total")
    bench.write(SCRIPT, SOURCE.replace(LINE, f"{RIGHT}  # all"))
    bench.write("tests/test_more.py", f"def test_more():\n    '{ALWAYS}'\n")
    bench.commit("Say more")
    return bench


@contextmanager
def trial(bench: Bench, **options: object) -> Iterator[Trial]:
    config = Config(search_s=0)
    with bench.opened(as_trial(config), dry=True) as services:
        drafting = replace(services, drafters=lambda _: [OneDraft(RIGHT)])
        given = TrialOptions.model_validate(options)
        yield Trial(Repository.open(bench.folder), config, drafting, given)


def ends(cases: list[TrialCase]) -> list[tuple[str, str]]:
    return [(case.subject, case.end) for case in cases]


def test_the_newest_of_the_past_comes_first_and_each_script_is_summed_up(bench: Bench) -> None:
    with trial(bench) as shadow:
        cases = list(shadow.replay())
        report = shadow.report()
    assert ends(cases) == [("Say more", "unusable"), ("Mend the total", "merged")]
    (script,) = report.scripts
    assert (script.cases, script.merged, script.right, script.unusable) == (1, 1, 1, 1)
    assert (script.autonomy, script.proposal) == ("merge", "review")
    assert (report.has_more, report.stopped) == (False, "")


def test_what_was_tried_once_is_taken_from_what_was_kept(bench: Bench) -> None:
    with trial(bench) as shadow:
        first = list(shadow.replay())
    count = len(bench.box.jobs)
    with trial(bench) as shadow:
        assert list(shadow.replay()) == first
    assert len(bench.box.jobs) == count
    with trial(bench, again=True) as shadow:
        assert ends(list(shadow.replay())) == ends(first)
    assert len(bench.box.jobs) > count


def test_no_more_are_tried_than_asked_for_and_that_is_said(bench: Bench) -> None:
    with trial(bench, most=1) as shadow:
        assert ends(list(shadow.replay())) == [("Say more", "unusable")]
        assert shadow.report().has_more
    with trial(bench, budget_usd=0) as shadow:
        assert list(shadow.replay()) == []
        assert "--budget are spent" in shadow.report().stopped


def test_recorded_failures_come_before_commits_and_one_kind_is_tried_once(bench: Bench) -> None:
    inbox = Inbox(Repository.open(bench.folder).state_dir)
    base = Repository.open(bench.folder).resolve("HEAD~2")
    for failure_id in ("f1", "f2"):
        inbox.put(recorded(base, id=failure_id))
    with trial(bench, most=1) as shadow:
        assert [case.id for case in shadow.replay()] == ["f2"]
    with trial(bench, since=1_900_000_000) as shadow:
        assert shadow.list_failures() == []


def test_a_failure_that_comes_later_is_tried_then(bench: Bench) -> None:
    inbox = Inbox(Repository.open(bench.folder).state_dir)
    base = Repository.open(bench.folder).resolve("HEAD~2")
    inbox.put(recorded(base, id="f1"))
    with trial(bench, most=1) as shadow:
        list(shadow.replay())
        assert list(shadow.try_new_failures()) == []
        late = "2999-01-01T00:00:00+00:00"
        inbox.put(recorded(base, id="f3", occurred_at=late, fingerprint="other"))
        assert [case.id for case in shadow.try_new_failures()] == ["f3"]
        assert list(shadow.try_new_failures()) == []


def test_in_a_trial_all_may_merge_and_nothing_leaves() -> None:
    config = Config.model_validate(
        {"autonomy": "off", "push": True, "job": [{"script": SCRIPT, "autonomy": "review"}]}
    )
    changed = as_trial(config)
    assert changed.autonomy_of(SCRIPT) == changed.autonomy_of("other.py") == "merge"
    assert not changed.push
