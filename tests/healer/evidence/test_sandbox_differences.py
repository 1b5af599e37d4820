"""What the sandbox lacks is told from what a job did; what it has is never its excuse."""

from pathlib import Path

import pytest

from healer.evidence.sandbox_differences import explain_by_sandbox
from sandbox.inside.tree import ROOT
from tests.healer.evidence.reports import failure
from tests.support.memory_tree import MemoryTree

OWN = f'  File "{ROOT}/scripts/job.py", line 2, in <module>\n    work()\n'
POPEN = (
    '  File "/usr/lib/python3.11/subprocess.py", line 1955, in _execute_child\n    raise child\n'
)
ENVIRON = '  File "/usr/lib/python3.11/os.py", line 679, in __getitem__\n    raise KeyError(key)\n'


def explain(error: str, root: Path, frames: str = OWN) -> str:
    trace = f"Traceback (most recent call last):\n{frames}{error}\n"
    tree = MemoryTree({"data/kept.csv": b"1"})
    return explain_by_sandbox(failure(trace), tree, root, {"DB_URL"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("data/kept.csv", "state/last.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("error", "frames", "part"),
    [
        ("socket.gaierror: [Errno -3] Temporary failure in name resolution", OWN, "no network"),
        ("requests.exceptions.ConnectionError: x [Errno 111] refused", OWN, "no network"),
        ("httpx.ConnectError: All connection attempts failed", OWN, "no network"),
        ("OSError: [Errno 101] Network is unreachable", OWN, "no network"),
        (f"FileNotFoundError: [Errno 2] No such file or directory: '{ROOT}/state/last.json'", OWN,
         "state/last.json is in the working tree and not in git"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'state/last.json'", OWN, "git"),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/etc/hostname'", OWN,
         "/etc/hostname is not in the sandbox"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'tar'", OWN + POPEN,
         "the program tar is on this machine"),
        ("OSError: [Errno 30] Read-only file system: '/srv/out.csv'", OWN, "cannot be written"),
        ("KeyError: 'DB_URL'", OWN + ENVIRON, "the variable DB_URL"),
    ],
)  # fmt: skip
def test_what_the_sandbox_lacks_is_named(root: Path, error: str, frames: str, part: str) -> None:
    assert part in explain(error, root, frames)


@pytest.mark.parametrize(
    ("error", "frames"),
    [
        ("KeyError: 'totl'", OWN),
        ("KeyError: 'DB_URL'", OWN),
        ("KeyError: 'NOWHERE_SET'", OWN + ENVIRON),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'data/kept.csv'", OWN),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'data/misspelt.csv'", OWN),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/no/such/file'", OWN),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'no-such-prog'", OWN + POPEN),
        ("ValueError: the connection string has no host", OWN),
        ("OSError: [Errno 28] No space left on device", OWN),
    ],
)
def test_what_would_fail_anywhere_is_the_jobs_own(root: Path, error: str, frames: str) -> None:
    assert explain(error, root, frames) == ""


def test_the_cause_of_a_wrapped_error_counts(root: Path) -> None:
    inner = "Traceback (most recent call last):\n" + OWN + "socket.gaierror: [Errno -2] unknown\n"
    link = "\nThe above exception was the direct cause of the following exception:\n\n"
    outer = "Traceback (most recent call last):\n" + OWN + "RuntimeError: no rates today\n"
    recorded = failure(inner + link + outer)
    assert "no network" in explain_by_sandbox(recorded, MemoryTree({}), root)
