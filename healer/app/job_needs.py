"""What a job's box must hold: the interpreter that the job really ran on, and its programs.

Belongs here: from a recorded failure and its tape to paths and names on this machine. Does not
belong here: what an image is made of (`sandbox`), or which one is used (`sandbox_setup`). Nothing
that is named here is run: files are read.
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from healer.evidence.commands import choose_process
from healer.failure import Failure
from healer.survey.suites import find_suite
from healer.tape.facts import Tape
from quarantine.project_tests import configured_command
from quarantine.tree import Tree
from sandbox import ImageError
from sandbox.interpreter import describe
from sandbox.packed import PackedLayer
from sandbox.programs import choose_further, list_called

MAX_SOURCE_BYTES = 200_000
MAX_SOURCES = 4_000
"""Of a larger repository, the first so many sources are looked through for programs."""


class JobNeeds(NamedTuple):
    """Of one job beside what its repository needs anyway."""

    python: Path | None = None
    """None: the one that the repository's other runs have."""
    programs: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    """Folders of the repository on Python's path, beside those that the interpreter's own packages
    lead to."""
    script: str = ""
    """One that declares what it needs inside itself (PEP 723)."""
    packed: PackedLayer | None = None
    """What it ran on, where that was another machine."""


NOTHING_MORE = JobNeeds()


def find_needs(
    failure: Failure | None, tape: Tape | None, root: Path, script: str = ""
) -> JobNeeds:
    """What the failing run used. `root` is the repository's, for paths that are told from it;
    `script` one that declares inside itself what it needs."""
    if failure is None:
        return JobNeeds(script=script)
    names = (words[0] for words in tape.programs if words) if tape else ()
    of_job = tape.environment.get("PYTHONPATH", "") if tape else ""
    paths = _choose_inside((Path(part) for part in of_job.split(":")), root)
    return JobNeeds(find_job_python(failure, tape, root), choose_further(names), paths, script)


def find_job_python(failure: Failure, tape: Tape | None, root: Path) -> Path | None:
    """The interpreter that the job ran on; None where it is not known, or gone, or none that an
    image can be made of."""
    for python in _list_pythons(failure, tape, root):
        if python.exists():
            try:
                return describe(python).executable
            except ImageError:
                return None
    return None


def _list_pythons(failure: Failure, tape: Tape | None, root: Path) -> Iterator[Path]:
    process = choose_process(failure, tape) if tape else None
    if process is not None:
        yield Path(process.python)
        return
    for word in failure.argv[:1]:
        if "/" in word:
            program = root / failure.folder / word
            yield program if program.name.startswith("python") else _read_shebang(program)
        elif word.startswith("python") and "VIRTUAL_ENV" in failure.environment:
            yield Path(failure.environment["VIRTUAL_ENV"]) / "bin" / word
        else:
            yield Path(shutil.which(word) or "/")


def find_tree_paths(python: Path, root: Path) -> tuple[str, ...]:
    """Folders of the repository that the interpreter's packages lead to, relative: those that are
    installed as links (`pip install -e .`)."""
    try:
        packages = describe(python).packages
    except ImageError:
        return ()
    return _choose_inside((Path(line) for folder in packages for line in _read_links(folder)), root)


def _choose_inside(folders: Iterable[Path], root: Path) -> tuple[str, ...]:
    inside = (folder for folder in folders if folder.is_relative_to(root) and folder.is_dir())
    return tuple(dict.fromkeys(folder.relative_to(root).as_posix() for folder in inside))


def _read_links(packages: Path) -> Iterator[str]:
    """Folders that files of a site folder lead to."""
    for file in sorted(packages.glob("*.pth")):
        lines = file.read_text("utf-8", "replace").splitlines()
        yield from (line.strip() for line in lines if line.startswith("/"))
    for file in sorted(packages.glob("__editable__*_finder.py")):  # as setuptools writes them
        for path in re.findall(r"'(/[^']+)'", file.read_text("utf-8", "replace")):
            yield path.rpartition("/")[0]


def _read_shebang(program: Path) -> Path:
    """The interpreter in a program's first line; `/` where there is none."""
    try:
        with program.open("rb") as file:
            line = file.readline(512).decode("utf-8", "replace")
    except OSError:
        return Path("/")
    words = line.removeprefix("#!").split() if line.startswith("#!") else []
    return Path(words[0]) if words and "python" in words[0] else Path("/")


def find_programs_called(tree: Tree) -> tuple[str, ...]:
    """This machine's programs that sources of the repository seem to call, beside the usual ones;
    sorted."""
    sources = [path for path in tree.paths() if path.endswith((".py", ".sh", ".bash"))]
    sources += [path for path in tree.paths() if "." not in path.rpartition("/")[2]]
    contents = tree.read_all(sources[:MAX_SOURCES])
    names: set[str] = set()
    for path, data in contents.items():
        if len(data) <= MAX_SOURCE_BYTES and (data.startswith(b"#!") or path.endswith(".py")):
            names.update(list_called(path, data.decode("utf-8", "replace")))
    names.update(configured_command(tree) or find_suite(tree).command)
    return choose_further(names)
