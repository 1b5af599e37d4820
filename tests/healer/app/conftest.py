"""What the tests of the commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.git import git


@contextmanager
def is_unchanged(folder: Path) -> Iterator[None]:
    """Refs, index and working tree of a repository are at the end as at the beginning."""

    def look() -> tuple[object, ...]:
        files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        objects = git(folder, "count-objects", "-v")
        kept = {path: text for path, text in files.items() if "healer" not in path.parts}
        refs = git(folder, "for-each-ref")
        return refs, git(folder, "--no-optional-locks", "status", "--porcelain"), objects, kept

    before = look()
    yield
    assert look() == before
