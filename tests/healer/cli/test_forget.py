"""`healer forget` removes a tape, and says so."""

import sys
from pathlib import Path

from healer.facts.errors import UsageError
from tests.support.command_line import run_command
from tests.support.healer_jobs import repository, under_healer


def test_a_tape_is_shown_and_then_forgotten(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"job.py": "1 / 0\n"})
    under_healer(sys.executable, "job.py", cwd=repo)
    (path,) = (repo / ".git" / "healer" / "tapes").iterdir()
    assert "python" in run_command("show", path.stem, "--tape", cwd=repo).out
    document = run_command("show", path.stem, "--tape", "--json", cwd=repo).out
    assert document.startswith('{"format":1')
    answer = run_command("forget", path.stem, cwd=repo)
    assert (answer.code, answer.out) == (0, "")
    assert not path.exists()
    assert isinstance(run_command("forget", path.stem, cwd=repo).error, UsageError)
