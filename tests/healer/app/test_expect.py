"""Expectations are proposed from a repository's tapes, and written only where that is asked for."""

from pathlib import Path

import pytest

from healer.app.expect import add_to_configuration, propose
from healer.config import load
from healer.facts.errors import UsageError
from healer.tape.facts import WrittenFile
from healer.tape.good_nights import keep_good_night
from tests.support.healer_jobs import repository
from tests.support.tapes import tape

CSV = b"code,rate\nUSD,1.1\nGBP,0.85\n"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", {"job.py": "print()\n"})


def keep_nights(repo: Path, count: int) -> None:
    for night in range(count):
        written = (WrittenFile(f"{repo}/out/a.csv", len(CSV), "x", CSV),)
        facts = {"script": "job.py", "command": ("python", "job.py"), "argv": ("python", "job.py")}
        one = tape(root=str(repo), written=written, started_at=1.8e9 + night, stdout=b"", **facts)
        keep_good_night(repo / ".git" / "healer", one)


def test_nights_on_disk_become_a_proposal_that_the_configuration_accepts(repo: Path) -> None:
    keep_nights(repo, 4)
    text = propose(repo, "job.py", repo)
    assert 'file = "out/a.csv"' in text
    (repo / "healer.toml").write_text('target = "main"')
    path = add_to_configuration(repo, text)
    config = load(lambda name: (repo / name).read_bytes() if (repo / name).exists() else None)
    assert path == repo / "healer.toml"
    assert config.target == "main"
    assert config.job[0].expect[0].columns == ("code", "rate")


def test_a_second_table_of_a_script_adds_to_the_first(repo: Path) -> None:
    keep_nights(repo, 3)
    (repo / "healer.toml").write_text('[[job]]\nscript = "job.py"\nautonomy = "review"\n')
    add_to_configuration(repo, propose(repo, "job.py", repo))
    config = load(lambda name: (repo / name).read_bytes() if (repo / name).exists() else None)
    assert [(job.autonomy, len(job.expect)) for job in config.job] == [("review", 1)]
    add_to_configuration(repo, propose(repo, "job.py", repo))
    config = load(lambda name: (repo / name).read_bytes() if (repo / name).exists() else None)
    assert [len(job.expect) for job in config.job] == [2]


def test_too_few_nights_are_said(repo: Path) -> None:
    with pytest.raises(UsageError, match=r"0 good nights of job.py are recorded"):
        propose(repo, "job.py", repo)
