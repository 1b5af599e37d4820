"""A scratch copy has the branches and gives nothing back to the original."""

from pathlib import Path

from quarantine.candidate import write_candidate
from quarantine.repository import Repository
from quarantine.scratch import shared_clone
from tests.support.git import make_repository


def test_what_is_written_to_the_copy_never_reaches_the_original(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "original", {"a.py": "x = 1\n"})
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
