"""Finds the repository around a folder and the commit that is checked out, by reading files.

Belongs here: what `healer run` must know before and after a job, in under a millisecond and with
nothing but the standard library. Does not belong here: anything else about git (`quarantine`).
"""

import os
from itertools import pairwise
from pathlib import Path

from healer.watch.entry_points import (
    MAX_WORD,
    EntryPoint,
    find_entry_point,
    split_shell_lines,
)

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from healer.watch.runner.options import RunOptions

_COMMIT_LENGTHS = (40, 64)
_MAX_LINKS = 5


class NoRepositoryError(Exception):
    """One sentence with the next step."""


class Checkout:
    """A working tree and the folder that all its worktrees share."""

    def __init__(self, root: Path, git_dir: Path, common_dir: Path) -> None:
        """`git_dir` is this worktree's git folder, with HEAD; `common_dir` the repository's, with
        refs."""
        self.root = root
        self.git_dir = git_dir
        self.common_dir = common_dir

    @property
    def state_dir(self) -> Path:
        """healer's own folder in the repository."""
        return self.common_dir / "healer"


def find_checkout(start: Path) -> Checkout:
    """The repository that holds a folder; raises `NoRepositoryError` where none does."""
    folder = start.resolve()
    for root in (folder, *folder.parents):
        mark = root / ".git"
        if mark.is_dir() and (mark / "HEAD").is_file():
            return Checkout(root, mark, mark)
        if mark.is_file():
            return _follow_link(root, mark)
    raise NoRepositoryError(
        f"{folder} is not in a git repository; run it inside one, or name one with --repo"
    )


def find_state_dir(start: Path) -> Path:
    """healer's own folder in the repository that holds `start`; in a bare repository too."""
    try:
        return find_checkout(start).state_dir
    except NoRepositoryError:
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
                return folder / "healer"
        raise


def find_job_checkout(options: "RunOptions", cwd: Path) -> Checkout:
    """The repository of a job: the one named, else the one it is started in, else its script's.

    cron starts jobs in the home folder and names scripts from `/` on. Raises `NoRepositoryError`.
    """
    if options.repo:
        return find_checkout(Path(options.repo))
    try:
        return find_checkout(cwd)
    except NoRepositoryError:
        # The interpreter comes last: its virtual environment may lie in another repository.
        words = split_shell_lines(options.argv)
        folders = [cwd / after for word, after in pairwise(words) if word == "cd"]
        names = [w for w in (*words[1:], *words[:1]) if "/" in w and len(w) < MAX_WORD]
        files = (cwd / name for name in names if not name.startswith("-"))
        folders += [file.parent for file in files if file.is_file()]
        for folder in folders:
            try:
                return find_checkout(folder)
            except NoRepositoryError:
                continue
        raise


def _follow_link(root: Path, mark: Path) -> Checkout:
    """A worktree or a submodule: its `.git` is a file that names the folder."""
    line = mark.read_text("utf-8", "surrogateescape").strip()
    git = (root / line.removeprefix("gitdir:").strip()).resolve()
    if not line.startswith("gitdir:") or not (git / "HEAD").is_file():
        raise NoRepositoryError(f"{mark} names no git folder; repair it with `git worktree repair`")
    pointer = git / "commondir"
    if not pointer.is_file():
        return Checkout(root, git, git)
    common = pointer.read_text("utf-8", "surrogateescape").strip()
    return Checkout(root, git, (git / common).resolve())


def read_commit(checkout: Checkout) -> str:
    """The commit that is checked out; empty where it cannot be read (a new repository)."""
    try:
        text = (checkout.git_dir / "HEAD").read_text("ascii").strip()
        for _ in range(_MAX_LINKS):
            if not text.startswith("ref:"):
                return text if _is_commit(text) else ""
            text = _read_ref(checkout, text.removeprefix("ref:").strip())
    except (OSError, UnicodeDecodeError):
        return ""
    return ""


def _read_ref(checkout: Checkout, name: str) -> str:
    for folder in (checkout.git_dir, checkout.common_dir):
        loose = folder / name
        if loose.is_file():
            return loose.read_text("ascii").strip()
    packed_refs = (checkout.common_dir / "packed-refs").read_text("utf-8", "replace")
    for line in packed_refs.splitlines():
        commit_id, _, ref = line.partition(" ")
        if ref == name:
            return commit_id
    return ""


def _is_commit(text: str) -> bool:
    return len(text) in _COMMIT_LENGTHS and not set(text) - set("0123456789abcdef")


def look_for(path: str, cwd: Path, root: Path) -> tuple[Path, ...]:
    """What a person may mean by a path, the likeliest first: from the folder that they are in, then
    from the repository's root; of the two only what is there, and both where nothing is."""
    paths = tuple(Path(os.path.normpath(folder / path)) for folder in (cwd, root))
    return tuple(each for each in paths if each.exists()) or paths


def name_inside(path: str, cwd: Path, root: Path) -> str | None:
    """The same as a path of the repository, also through links; None where it lies outside."""
    for each in look_for(path, cwd, root):
        for candidate, top in ((each, root), (each.resolve(), root.resolve())):
            if candidate.is_relative_to(top):
                return candidate.relative_to(top).as_posix()
    return None


def find_script(argv: tuple[str, ...], checkout: Checkout, cwd: Path) -> str:
    """The script that a command runs, relative to the root; empty where none can be told.

    It is the first word that names a file of the repository or an installed program that calls a
    module of it, a Python file before others, or the module after `-m`. Programs of a virtual
    environment are no scripts, wherever it lies.
    """
    files: list[str] = []
    words = split_shell_lines(argv)
    for index, word in enumerate(words):
        if index and words[index - 1] == "-m":
            files += _module_files(word, checkout, cwd)
        elif index and words[index - 1] == "cd":
            cwd = cwd / word
        elif not word.startswith("-"):
            inside = _file_inside(cwd / word, checkout)
            entry = None if inside else find_job_entry_point(word, checkout, cwd)
            files += inside or (_module_files(entry.module, checkout, cwd) if entry else [])
    return next((path for path in files if path.endswith(".py")), files[0] if files else "")


def find_job_entry_point(word: str, checkout: Checkout, cwd: Path) -> EntryPoint | None:
    """The entry point that a word of a job's command starts, where its module is one of the
    repository's."""
    entry = find_entry_point(word, checkout.root, cwd, os.environ.get("PATH", ""))
    return entry if entry and _module_files(entry.module, checkout, cwd) else None


def make_portable(
    argv: tuple[str, ...], checkout: Checkout, cwd: Path
) -> tuple[tuple[str, ...], str]:
    """(the command for another copy of the repository, the folder of it to start it in).

    A word, or an option's value after `=`, that is a path of the repository from `/` on, or from a
    folder elsewhere, is told from the folder it is started in. All other words stay.
    """
    inner_cwd = _relative_to_root(cwd, checkout)
    start = checkout.root / (inner_cwd or "")

    def rebase(text: str) -> str:
        if "/" not in text or (inner_cwd is not None and not text.startswith("/")):
            return text
        inside = _relative_to_root(cwd / text, checkout)
        return text if inside is None else os.path.relpath(checkout.root / inside, start)

    def rebase_word(text: str) -> str:
        option, equals, value = text.partition("=")
        if equals and option.startswith("-"):
            return f"{option}={rebase(value)}"
        return rebase(text)

    return tuple(rebase_word(each) for each in argv), inner_cwd or ""


def _relative_to_root(path: Path, checkout: Checkout) -> str | None:
    """The path from the repository's root (empty: the root itself); None where it lies elsewhere.

    `..` and links of folders are resolved, a file that is itself a link keeps its name.
    """
    try:
        whole = path.resolve() if path.is_dir() else path.parent.resolve() / path.name
        inside = whole.relative_to(checkout.root).as_posix()
    except (OSError, ValueError):
        return None
    return "" if inside == "." else inside


def _module_files(name: str, checkout: Checkout, cwd: Path) -> list[str]:
    path = name.replace(".", "/")
    folders = (cwd, checkout.root, checkout.root / "src")
    ends = (f"{path}.py", f"{path}/__main__.py")
    files = (folder / end for folder in folders for end in ends)
    return [path for file in files for path in _file_inside(file, checkout)]


def _file_inside(path: Path, checkout: Checkout) -> list[str]:
    try:
        if not path.is_file():
            return []
    except (OSError, ValueError):
        return []
    inside = _relative_to_root(path, checkout)
    is_environment = inside is not None and (path.parent.parent / "pyvenv.cfg").is_file()
    return [inside] if inside and not is_environment else []


def is_dirty(checkout: Checkout) -> bool:
    """Whether tracked files differ from the commit; False where git cannot tell."""
    import subprocess  # noqa: PLC0415 - only needed when a job has failed

    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        status = subprocess.run(
            ["git", "-C", str(checkout.root), "status", "--porcelain", "--untracked-files=no"],
            capture_output=True,
            check=False,
            timeout=20,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return status.returncode == 0 and bool(status.stdout.strip())
