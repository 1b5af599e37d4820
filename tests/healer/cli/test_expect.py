"""`healer expect` prints a proposal, and writes it only with --write."""

from pathlib import Path

from tests.healer.app.test_expect import keep_nights
from tests.support.command_line import run_command
from tests.support.healer_jobs import repository


def test_a_proposal_is_printed_and_written_where_that_is_asked_for(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"job.py": "print()\n"})
    keep_nights(repo, 3)
    answer = run_command("expect", "job.py", cwd=repo)
    assert (answer.code, answer.out.split("\n", 1)[0]) == (0, "[[job]]")
    assert not (repo / "healer.toml").exists()
    again = run_command("expect", "job.py", "--write", cwd=repo)
    assert (repo / "healer.toml").read_text() == again.out == answer.out
    elsewhere = run_command("expect", "job.py", "--repo", str(repo), cwd=tmp_path)
    assert elsewhere.out == answer.out
    assert "read it, then commit it" in again.err
