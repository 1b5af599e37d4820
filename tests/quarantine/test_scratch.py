"""A scratch copy has the branches and gives nothing back to the original."""

import subprocess
from pathlib import Path

from quarantine.candidate import write_candidate
from quarantine.repository import Repository
from quarantine.scratch import shared_clone


def test_what_is_written_to_the_copy_never_reaches_the_original(tmp_path: Path) -> None:
    folder = tmp_path / "original"
    folder.mkdir()
    (folder / "a.py").write_text("x = 1\n")
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    original = Repository.open(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    copy = shared_clone(original, tmp_path / "copy.git")
    tip = copy.resolve("main")
    assert tip == original.resolve("main")
    made = write_candidate(
        copy,
        base=tip,
        changes={"a.py": b"x = 2\n"},
        branch="quarantine/a-1",
        message="try",
        when=1,
    )
    assert copy.tree(made.commit).read("a.py") == b"x = 2\n"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
