"""What the dead man's switch has told is shown for as long as it is so."""

import json
from pathlib import Path

import pytest

from healer.app.missed import EXPECTED_FILE, find_trouble, read_watches
from healer.daemon.tasks import expected_runs

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


@pytest.mark.parametrize("text", ["", "[", "[]", '{"a.py": []}'])
def test_what_cannot_be_read_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / EXPECTED_FILE).write_text(text)
    assert read_watches(tmp_path) == {}


def test_the_file_is_the_one_that_the_daemon_writes() -> None:
    assert expected_runs.FILE == EXPECTED_FILE
