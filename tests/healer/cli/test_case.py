"""`healer case` writes an archive, or says why it cannot."""

from pathlib import Path

from healer.facts.errors import UsageError
from tests.support.command_line import run_command
from tests.support.git import make_repository


def test_an_incident_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "shop", {"a.py": "x = 1\n"})
    done = run_command("case", "ffff", "--out", "x.tar.gz", cwd=root)
    assert isinstance(done.error, UsageError)
    assert "there is no incident" in str(done.error)
    assert not (root / "x.tar.gz").exists()
