"""Finds the repository around a folder and the commit that is checked out, by reading files.

Belongs here: what `healer run` must know before and after a job, in under a millisecond and with
nothing but the standard library. Does not belong here: anything else about git (`quarantine`).
"""

import os
from pathlib import Path

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from healer.watch.runner.options import RunOptions

_COMMIT_LENGTHS = (40, 64)
_MAX_LINKS = 5


class NoRepositoryError(Exception):
    """One sentence with the next step."""


class Place:
    """A working tree and the folder that all its worktrees share."""

    def __init__(self, root: Path, git: Path, common: Path) -> None:
        """`git` is this worktree's git folder, with HEAD; `common` the repository's, with refs."""
        self.root = root
        self.git = git
        self.common = common

    @property
    def state(self) -> Path:
        """healer's own folder in the repository."""
        return self.common / "healer"


def find(start: Path) -> Place:
    """The repository that holds a folder; raises `NoRepositoryError` where none does."""
    folder = start.resolve()
    for root in (folder, *folder.parents):
        mark = root / ".git"
        if mark.is_dir() and (mark / "HEAD").is_file():
            return Place(root, mark, mark)
        if mark.is_file():
            return _linked(root, mark)
    raise NoRepositoryError(
        f"{folder} is not in a git repository; run it inside one, or name one with --repo"
    )


def find_of(options: "RunOptions", cwd: Path) -> Place:
    """The repository of a job: the one named, else the one it is started in, else its script's.

    cron starts jobs in the home folder and names scripts from `/` on. Raises `NoRepositoryError`.
    """
    if options.repo:
        return find(Path(options.repo))
    try:
        return find(cwd)
    except NoRepositoryError:
        # The interpreter comes last: its virtual environment may lie in another repository.
        for word in (*options.argv[1:], *options.argv[:1]):
            file = cwd / word
            if "/" in word and not word.startswith("-") and file.is_file():
                try:
                    return find(file.parent)
                except NoRepositoryError:
                    continue
        raise


def _linked(root: Path, mark: Path) -> Place:
    """A worktree or a submodule: its `.git` is a file that names the folder."""
    line = mark.read_text("utf-8", "surrogateescape").strip()
    git = (root / line.removeprefix("gitdir:").strip()).resolve()
    if not line.startswith("gitdir:") or not (git / "HEAD").is_file():
        raise NoRepositoryError(f"{mark} names no git folder; repair it with `git worktree repair`")
    pointer = git / "commondir"
    if not pointer.is_file():
        return Place(root, git, git)
    common = pointer.read_text("utf-8", "surrogateescape").strip()
    return Place(root, git, (git / common).resolve())


def commit(place: Place) -> str:
    """The commit that is checked out; empty where it cannot be read (a new repository)."""
    try:
        text = (place.git / "HEAD").read_text("ascii").strip()
        for _ in range(_MAX_LINKS):
            if not text.startswith("ref:"):
                return text if _is_commit(text) else ""
            text = _ref(place, text.removeprefix("ref:").strip())
    except (OSError, UnicodeDecodeError):
        return ""
    return ""


def _ref(place: Place, name: str) -> str:
    for folder in (place.git, place.common):
        loose = folder / name
        if loose.is_file():
            return loose.read_text("ascii").strip()
    packed = (place.common / "packed-refs").read_text("utf-8", "replace")
    for line in packed.splitlines():
        commit_id, _, ref = line.partition(" ")
        if ref == name:
            return commit_id
    return ""


def _is_commit(text: str) -> bool:
    return len(text) in _COMMIT_LENGTHS and not set(text) - set("0123456789abcdef")


def script_of(argv: tuple[str, ...], place: Place, cwd: Path) -> str:
    """The script that a command runs, relative to the root; empty where none can be told.

    It is the first word that names a file of the repository, a Python file before others, or
    the module after `-m`.
    """
    found: list[str] = []
    for index, word in enumerate(argv):
        if index and argv[index - 1] == "-m":
            found += _module_files(word, place, cwd)
        elif not word.startswith("-"):
            found += _inside(cwd / word, place)
    return next((path for path in found if path.endswith(".py")), found[0] if found else "")


def portable(argv: tuple[str, ...], place: Place, cwd: Path) -> tuple[tuple[str, ...], str]:
    """(the command for another copy of the repository, the folder of it to start it in).

    A word, or an option's value after `=`, that is a path of the repository from `/` on, or from a
    folder elsewhere, is told from the folder it is started in. All other words stay.
    """
    folder = _relative(cwd, place)
    start = place.root / (folder or "")

    def moved(text: str) -> str:
        if "/" not in text or (folder is not None and not text.startswith("/")):
            return text
        inside = _relative(cwd / text, place)
        return text if inside is None else os.path.relpath(place.root / inside, start)

    def word(text: str) -> str:
        option, equals, value = text.partition("=")
        if equals and option.startswith("-"):
            return f"{option}={moved(value)}"
        return moved(text)

    return tuple(word(each) for each in argv), folder or ""


def _relative(path: Path, place: Place) -> str | None:
    """The path from the repository's root (empty: the root itself); None where it lies elsewhere.

    `..` and links of folders are resolved, a file that is itself a link keeps its name.
    """
    try:
        whole = path.resolve() if path.is_dir() else path.parent.resolve() / path.name
        inside = whole.relative_to(place.root).as_posix()
    except (OSError, ValueError):
        return None
    return "" if inside == "." else inside


def _module_files(name: str, place: Place, cwd: Path) -> list[str]:
    path = name.replace(".", "/")
    folders = (cwd, place.root, place.root / "src")
    ends = (f"{path}.py", f"{path}/__main__.py")
    return [found for folder in folders for end in ends for found in _inside(folder / end, place)]


def _inside(path: Path, place: Place) -> list[str]:
    try:
        if not path.is_file():
            return []
    except (OSError, ValueError):
        return []
    inside = _relative(path, place)
    return [inside] if inside else []


def is_dirty(place: Place) -> bool:
    """Whether tracked files differ from the commit; False where git cannot tell."""
    import subprocess  # noqa: PLC0415 - only needed when a job has failed

    quiet = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(place.root), "status", "--porcelain", "--untracked-files=no"],
            capture_output=True,
            check=False,
            timeout=20,
            env=quiet,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and bool(done.stdout.strip())
