"""A run that ends well and leaves something else than expected is a failure, told as one."""

import sys
from pathlib import Path

import pytest

from healer.failure import fingerprint
from healer.triage import triage
from healer.watch.runner.run_log import NOT_AS_EXPECTED, describe_exit, read
from tests.support.healer_jobs import open_inbox, read_failure, repository, under_healer

JOB = """\
import sys
from pathlib import Path
Path("out").mkdir(exist_ok=True)
if sys.argv[1:]:
    Path("out/a.csv").write_text("id,v\\n" + "".join(sys.argv[1:]))
print("wrote", len(sys.argv) - 1)
"""
EXPECT = """
[[job]]
script = "job.py"
[[job.expect]]
file = "out/a.csv"
rows = "2..5"
not_null = ["v"]
[[job.expect]]
stdout = "^wrote \\\\d"
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = repository(tmp_path / "repo")
    (folder / "job.py").write_text(JOB)
    (folder / "healer.toml").write_text(EXPECT)
    return folder


def test_a_run_as_expected_is_no_failure(repo: Path) -> None:
    done = under_healer(sys.executable, "job.py", "1,2\n", "2,3\n", cwd=repo)
    assert (done.returncode, done.stderr) == (0, b"")
    assert open_inbox(repo).list_pending() == ()


def test_a_broken_expectation_is_recorded_with_the_exit_code_untouched(repo: Path) -> None:
    done = under_healer(sys.executable, "job.py", "1,2\n", "2,\n", cwd=repo)
    assert done.returncode == 0
    failure = read_failure(repo)
    assert failure.exit_code == 0
    assert failure.exception is not None
    assert failure.exception.message == "`out/a.csv`: column `v` is empty in 1 of 2 rows"
    assert triage(failure).rule == "broken expectation"
    (run,) = read(repo / ".git" / "healer")
    assert run.exit_code == NOT_AS_EXPECTED
    assert describe_exit(run.exit_code) == "not as expected"


def test_one_kind_of_break_is_one_incident(repo: Path) -> None:
    fingerprints = set()
    for rows in (["1,2\n"], ["1,2\n"] * 7, ["1,\n", "2,3\n"]):
        under_healer(sys.executable, "job.py", *rows, cwd=repo)
        (record,) = open_inbox(repo).claim_all()
        fingerprints.add(fingerprint(record))
    assert len(fingerprints) == 2


def test_a_file_that_this_run_has_not_written_is_missing(repo: Path) -> None:
    (repo / "out").mkdir()
    old = repo / "out" / "a.csv"
    old.write_text("id,v\n1,2\n2,3\n")
    import os

    os.utime(old, (1, 1))
    under_healer(sys.executable, "job.py", cwd=repo)
    failure = read_failure(repo)
    assert failure.exception is not None
    assert failure.exception.message == "`out/a.csv`: it was not written"


def test_an_expectation_that_cannot_be_read_is_said_and_stops_nothing(repo: Path) -> None:
    (repo / "healer.toml").write_text(EXPECT.replace("2..5", "some"))
    done = under_healer(sys.executable, "job.py", "1,2\n", cwd=repo)
    assert done.returncode == 0
    assert b"cannot be read: 'some' is no span" in done.stderr
    assert open_inbox(repo).list_pending() == ()
