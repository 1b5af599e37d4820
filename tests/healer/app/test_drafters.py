"""What the drafters are told of a file's history, from a real repository."""

from pathlib import Path

from healer.app.drafters import FileHistory
from quarantine.repository import Repository
from tests.support.git import commit_files, make_repository


def test_the_last_commits_of_a_file_come_newest_first_without_the_one_that_made_it(
    tmp_path: Path,
) -> None:
    root = make_repository(tmp_path / "jobs", {"README": "x"})
    for number, name in enumerate(("job.py", "job.py", "other.py", "job.py")):
        commit_files(root, {name: f"x = {number}\n"}, f"change {number}")
    repository = Repository.open(root)
    base = repository.tip("main")
    assert base is not None
    steps = FileHistory(repository).list_commits("job.py", base, 5)
    assert [(s.before, s.after) for s in steps] == [("x = 1\n", "x = 3\n"), ("x = 0\n", "x = 1\n")]
    assert steps[0].commit == base
    assert len(FileHistory(repository).list_commits("job.py", base, 1)) == 1
    assert FileHistory(repository).list_commits("missing.py", base, 5) == ()
