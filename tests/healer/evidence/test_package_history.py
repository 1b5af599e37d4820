"""What moved between nights is said, and may be pinned where both releases are known."""

from pathlib import Path

import pytest

from healer.evidence.package_history import (
    MOST_NAMED,
    PackageHistory,
    explain_packages,
    find_package_history,
)
from healer.failure import Failure, Frame, Raised
from healer.tape.facts import Process
from healer.tape.good_nights import keep_good_night
from healer.tape.recordings import Recordings
from healer.tape.store import keep_tape
from tests.support.tapes import tape


def failure(file: str = "") -> Failure:
    frame = Frame(file=file, line=1, function="f", source="", own=False)
    raised = Raised(type="AttributeError", message="no append", frames=(frame,))
    return Failure(id="f", script="job.py", source="run", chain=(raised,), stderr_tail="")


def process(prefix: str, version: tuple[int, ...] = (3, 12, 1)) -> Process:
    return Process(("job.py",), f"{prefix}/bin/python", prefix, "/usr", version, "/srv")


OLD = ("numpy==1.26.4", "pandas==2.2.3", "six==1.17.0")


@pytest.mark.parametrize(
    ("now", "error", "sentence"),
    [
        (("numpy==1.26.4", "pandas==3.0.0", "six==1.17.0"), "", "pandas went from 2.2.3 to 3.0.0."),
        (OLD[:2], "", "six 1.17.0 is gone."),
        ((*OLD, "attrs==25.1"), "", "attrs 25.1 is new."),
        (
            ("numpy==2.4", "pandas==3.0.0", "six==1.17.0"),
            "/srv/.venv/lib/python3.12/site-packages/pandas/core/generic.py",
            "pandas went from 2.2.3 to 3.0.0, numpy went from 1.26.4 to 2.4.",
        ),
    ],
)
def test_what_moved_is_said_and_first_what_the_failure_names(
    now: tuple[str, ...], error: str, sentence: str
) -> None:
    said = list(explain_packages(tape(packages=OLD), tape(packages=now), failure(error)))
    assert said == [f"Since the last good night {sentence}"]


@pytest.mark.parametrize(("before", "now"), [(OLD, OLD), ((), OLD), (OLD, ())])
def test_what_did_not_move_or_is_not_known_is_not_said(
    before: tuple[str, ...], now: tuple[str, ...]
) -> None:
    assert list(explain_packages(tape(packages=before), tape(packages=now), failure())) == []


def test_another_python_is_said_and_many_are_counted() -> None:
    good = tape(packages=[f"a{n}==1" for n in range(9)], processes=(process("/v", (3, 11, 7)),))
    bad = tape(packages=[f"a{n}==2" for n in range(9)], processes=(process("/v"),))
    (said,) = explain_packages(good, bad, failure())
    assert said.startswith("Since the last good night Python went from 3.11.7 to 3.12.1, a0 went ")
    assert said.endswith(f" and {10 - MOST_NAMED} more.")


def test_what_may_be_pinned_has_both_releases(tmp_path: Path) -> None:
    argv = ("python", "job.py")
    good = tape(packages=OLD, started_at=4e9, argv=argv)
    keep_good_night(tmp_path, good)
    keep_tape(tmp_path, "f", tape(packages=("pandas==3.0.0", "six==1.17.0", "x==1"), argv=argv))
    history = find_package_history(failure(), Recordings(tmp_path))
    assert [(m.name, m.old, m.new) for m in history.moves] == [("pandas", "2.2.3", "3.0.0")]
    assert history.before == OLD
    assert history.now == ("pandas==3.0.0", "six==1.17.0", "x==1")
    assert find_package_history(None, Recordings(tmp_path)) == PackageHistory()


def test_what_was_installed_is_known_without_a_good_night_too(tmp_path: Path) -> None:
    keep_tape(tmp_path, "f", tape(packages=("pandas==3.0.0",)))
    history = find_package_history(failure(), Recordings(tmp_path))
    assert history == PackageHistory(now=("pandas==3.0.0",))
