"""Jobs that ask PostgreSQL through libpq: run for real, and played back without their server."""

import os
import subprocess
import sys
from pathlib import Path

from healer.evidence.world import make_world
from healer.tape.facts import Tape
from tests.support.healer_jobs import environment, repository, under_healer
from tests.support.stage import Played, play
from tests.support.tapes import read_only_tape


def record(tmp_path: Path, job: str, url: str) -> tuple[Tape, str]:
    """The tape of a job and what it printed, which is what it prints without healer. The job finds
    the URL in `URL`, and fails in the end."""
    script = f"import sys\nURL = sys.argv[1]\n{job}\n1 / 0\n"
    repo = repository(tmp_path / "repo", {"job.py": script})
    plain = subprocess.run(
        [sys.executable, "job.py", url],
        cwd=repo,
        env=environment(),
        capture_output=True,
        check=False,
    )
    done = under_healer(sys.executable, "job.py", url, cwd=repo)
    assert b"ZeroDivisionError" in done.stderr, done.stderr
    assert (done.stdout, done.stderr) == (plain.stdout, plain.stderr)
    return read_only_tape(repo), done.stdout.decode()


def replay(tape: Tape, job: str, url: str, tmp_path: Path) -> Played:
    """The job, or another one, in the world of that night."""
    world = make_world(tape).model_copy(update={"environment": {}, "files": (), "folders": ()})
    packages = os.pathsep.join(path for path in sys.path if path.endswith("-packages"))
    path = f"import sys\nsys.path += {packages.split(os.pathsep)!r}\nURL = {url!r}\n"
    return play(world, path + job, tmp_path)
