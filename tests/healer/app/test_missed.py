"""What the dead man's switch has told is shown for as long as it is so."""

import json
from pathlib import Path

import pytest

from healer.app.missed import (
    EXPECTED_FILE,
    JOBS_FILE,
    find_trouble,
    read_starts,
    read_watches,
)
from healer.daemon.tasks import expected_runs, planned_jobs

SLOT = 1_700_000_000.0


def keep(folder: Path, **facts: object) -> None:
    watch = {"watched_since": 1.0, "reported": None, "is_absent": False, "overlong": None}
    text = json.dumps({"a.py": watch | facts, "broken.py": 3})
    (folder / EXPECTED_FILE).write_text(text)


@pytest.mark.parametrize(
    ("facts", "last_run", "trouble"),
    [
        ({}, 0.0, ""),
        ({"reported": SLOT, "is_absent": True}, 0.0, "missed the run of 14 Nov 22:13 UTC"),
        ({"reported": SLOT, "is_absent": True}, SLOT - 60, "missed the run of 14 Nov 22:13 UTC"),
        ({"reported": SLOT, "is_absent": True}, SLOT + 60, ""),  # it ran since
        ({"reported": SLOT, "is_absent": False}, 0.0, ""),
        ({"overlong": SLOT}, SLOT, "runs too long"),
    ],
)
def test_the_matter_with_a_job(
    tmp_path: Path, facts: dict[str, object], last_run: float, trouble: str
) -> None:
    keep(tmp_path, **facts)
    assert find_trouble(read_watches(tmp_path), "a.py", last_run) == trouble
    assert find_trouble(read_watches(tmp_path), "other.py", last_run) == ""


@pytest.mark.parametrize(
    ("runs", "missed", "last_run", "trouble"),
    [
        ({"last_start": SLOT - 90, "last_end": SLOT - 80}, None, SLOT - 90, ""),
        ({"last_start": None, "last_end": None}, SLOT, 0.0, "missed the run of 14 Nov 23:13 CET"),
        (
            {"last_start": SLOT - 90, "last_end": SLOT - 80, "reported": SLOT + 3_600},
            SLOT,
            SLOT - 90,
            "missed the run of 14 Nov 23:13 CET",
        ),
        ({"last_start": SLOT - 90, "last_end": SLOT - 80}, SLOT, SLOT + 60, ""),  # run by hand
        ({"last_start": SLOT, "last_end": None, "reported": SLOT}, None, SLOT, "runs too long"),
        ({"last_start": SLOT, "last_end": None, "reported": SLOT - 60}, None, SLOT, ""),
        ({"last_start": SLOT, "last_end": SLOT + 9, "reported": SLOT}, None, SLOT, ""),
        ({"last_start": None, "last_end": None, "reported": None}, None, 0.0, ""),
    ],
)
def test_a_job_that_healer_starts_is_shown_like_one_that_others_do(
    tmp_path: Path, runs: dict[str, object], missed: float | None, last_run: float, trouble: str
) -> None:
    whole = {"watched_since": 1.0, "reported": None} | runs
    text = json.dumps({"a.py": {"runs": whole, "missed": missed}, "broken.py": 3})
    (tmp_path / JOBS_FILE).write_text(text)
    watches = read_watches(tmp_path)
    assert find_trouble(watches, "a.py", last_run, "Europe/Vienna") == trouble
    assert find_trouble(watches, "broken.py", 0.0) == ""
    start = runs["last_start"]
    assert read_starts(tmp_path) == ({} if start is None else {"a.py": start})


def test_what_an_earlier_version_kept_of_a_job_says_no_more_than_it_knows(tmp_path: Path) -> None:
    runs = {"watched_since": 1.0, "last_start": 5.0, "last_end": 6.0, "reported": SLOT}
    (tmp_path / JOBS_FILE).write_text(json.dumps({"a.py": {"runs": runs, "start": 5.0}}))
    assert read_watches(tmp_path) == {"a.py": (None, False)}


@pytest.mark.parametrize("text", ["", "[", "[]", '{"a.py": []}'])
def test_what_cannot_be_read_says_nothing(tmp_path: Path, text: str) -> None:
    for name in (EXPECTED_FILE, JOBS_FILE):
        (tmp_path / name).write_text(text)
    assert read_watches(tmp_path) == {}
    assert read_starts(tmp_path) == {}


def test_the_files_are_those_that_the_daemon_writes() -> None:
    assert (expected_runs.FILE, planned_jobs.FILE) == (EXPECTED_FILE, JOBS_FILE)
