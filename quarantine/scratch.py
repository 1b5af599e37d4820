"""A throw-away copy of a repository in which everything may be tried.

Belongs here: making one. The copy borrows the objects and has the branches; what is written to
it never reaches the original.
"""

from pathlib import Path

from quarantine.git import Git
from quarantine.repository import Repository


def shared_clone(repository: Repository, folder: Path) -> Repository:
    """A bare copy at `folder`, which must not exist; the original is only read."""
    Git(None, cwd=folder.parent).run(
        "init", "--quiet", "--bare", f"--object-format={repository.hash_name}", "--", str(folder)
    )
    alternates = folder / "objects" / "info" / "alternates"
    alternates.write_text(f"{repository.git_dir / 'objects'}\n", encoding="utf-8")
    refs = repository.git.run("for-each-ref", "--format=create %(refname) %(objectname)")
    Git(folder, cwd=folder).run("update-ref", "--stdin", stdin=refs)
    return Repository.open(folder)
