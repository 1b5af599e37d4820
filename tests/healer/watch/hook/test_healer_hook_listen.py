"""The hook hears of the files that a job reads, where it may, and the job notices nothing."""

import base64
import sys
from pathlib import Path

from tests.support.healer_jobs import (
    read_failure,
    repository,
    under_healer,
)

CAPTURE = '[[job]]\nscript = "job.py"\ncapture = true\n'


READER = (
    "import sys\nrows = open('data/rows.csv').read() + sys.stdin.read()\n"
    "open('out.txt', 'w').write(rows)\nopen('.env').read()\nprint(len(rows))\n"
    "if 'bad' in rows: raise ValueError(rows)\n"
)


def capturing(tmp_path: Path, rows: str) -> Path:
    files = {"job.py": READER, "healer.toml": CAPTURE, "data/rows.csv": rows, ".env": "A=1"}
    return repository(tmp_path, files)


def test_with_capture_on_what_the_job_read_is_kept(tmp_path: Path) -> None:
    repo = capturing(tmp_path, "bad,1\n")
    under_healer(sys.executable, "job.py", cwd=repo, stdin=b"more\n")
    failure = read_failure(repo)
    assert base64.b64decode(failure.stdin or "") == b"more\n"
    assert {k: base64.b64decode(v) for k, v in failure.inputs.items()} == {
        "data/rows.csv": b"bad,1\n"
    }
