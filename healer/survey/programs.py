"""Which Python files of a repository are started by something or somebody.

Belongs here: the signs of a program, and the globs that cover them. Does not belong here: times
(`schedules`), or what is a test (`quarantine.project_tests`).
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from healer.support.tree_text import read_text
from healer.survey.commands import Starts, is_program
from healer.survey.facts import Job, Program
from quarantine.project_tests import Listed, ProjectTests

_GUARD = re.compile(
    rb"^if\s+\(?(__name__\s*==\s*['\"]__main__['\"]|['\"]__main__['\"]\s*==\s*__name__)", re.M
)
_TARGET = re.compile(r"^([\w.-]+)\s*:(?!=).*\n((?:\t.*\n?)*)", re.M)
_NOT_PROGRAMS = frozenset(("setup.py", "noxfile.py", "conftest.py", "versioneer.py", "tasks.py"))
"""Programs of the project's own making."""
_NOT_FOLDERS = frozenset(("docs", "doc", "examples", "example", "benchmarks", "vendor", "_vendor",
                          "node_modules", "site-packages", "venv", ".venv"))  # fmt: skip
MOST_GLOBS = 20
"""More folders than that are named by one glob for all."""
MOST_BYTES = 1_000_000
"""Of a file that is read for its `__main__` part."""


def find_programs(
    tree: Listed, starts: Starts, jobs: Sequence[Job], tests: ProjectTests
) -> tuple[Program, ...]:
    """In the order of paths."""
    reasons: dict[str, list[str]] = {}
    for job in jobs:
        reasons.setdefault(job.script, []).append(f"{job.schedule} in {job.place}")
    for name, path in starts.entry_points.items():
        reasons.setdefault(path, []).append(f"entry point {name}")
    for path, reason in (*_from_makefile(tree, starts), *_from_containers(tree, starts)):
        reasons.setdefault(path, []).append(reason)
    for path in sorted(starts.paths):
        reason = "" if _is_left_out(path) else _look_at(tree, path)
        if reason:
            reasons.setdefault(path, []).append(reason)
    return tuple(
        Program(path, tuple(dict.fromkeys(texts)))
        for path, texts in sorted(reasons.items())
        if not tests.is_test_code(path) and path.rpartition("/")[2] not in _NOT_PROGRAMS
    )


def choose_globs(
    programs: Iterable[Program], tree: Listed, starts: Starts, tests: ProjectTests
) -> tuple[str, ...]:
    """Globs that cover the programs, Python files that lie in no package (most scripts have no
    `__main__` part), and the packages that these import; where there are none, the packages of a
    library."""
    paths = tree.paths()
    own = [path for path in paths if path.endswith(".py") and not _is_left_out(path)]
    own = [path for path in own if not tests.is_test_code(path)]
    packages = {path.rpartition("/")[0] for path in paths if path.endswith("/__init__.py")}
    loose = [path for path in own if path.rpartition("/")[0] not in packages]
    files = [*(program.path for program in programs), *loose] or own
    files += sorted({*_list_imported(tree, starts, files)}.intersection(own))
    globs = {_glob_for(path, packages) for path in files}
    if len(globs) > MOST_GLOBS:
        globs = {"**/*.py", *(glob for glob in globs if not glob.endswith(".py"))}
    return tuple(sorted(glob for glob in globs if not _is_inside(glob, globs)))


def _look_at(tree: Listed, path: str) -> str:
    """Why the file is a program by what stands in it; empty where it is none."""
    if path.endswith(".py"):
        if "/management/commands/" in path and not path.endswith("__init__.py"):
            return "a management command"
        if path.endswith("__main__.py"):
            return "python -m"
        data = tree.read(path) or b""
        return "a __main__ part" if len(data) <= MOST_BYTES and _GUARD.search(data) else ""
    return "a shebang line" if is_program(tree, path) else ""


def _is_left_out(path: str) -> bool:
    *folders, name = path.split("/")
    return name in _NOT_PROGRAMS or bool(_NOT_FOLDERS.intersection(folders)) or path.startswith(".")


def _from_makefile(tree: Listed, starts: Starts) -> list[tuple[str, str]]:
    text = read_text(tree, "Makefile")
    return [
        (start.script, f"make {match[1]}")
        for match in _TARGET.finditer(text)
        for line in match[2].splitlines()
        for start in starts.find(line.strip())
    ]


def _from_containers(tree: Listed, starts: Starts) -> list[tuple[str, str]]:
    """Dockerfiles' CMD and ENTRYPOINT, a Procfile's lines."""
    places: Mapping[str, re.Pattern[str]] = {
        "Dockerfile": re.compile(r"^(?:CMD|ENTRYPOINT)\s+(.+)$", re.M),
        "Procfile": re.compile(r"^\w+:\s*(.+)$", re.M),
    }
    return [
        (start.script, place)
        for place, pattern in places.items()
        for line in pattern.findall(read_text(tree, place))
        for start in starts.find(re.sub(r'^\[|\]$|"\s*,', " ", line).replace('"', " "))
    ]


def _list_imported(tree: Listed, starts: Starts, files: Iterable[str]) -> Iterator[str]:
    """The repository's own files that these name in an import, also one inside a function."""
    for path in files:
        data = tree.read(path) or b""
        try:
            nodes = list(ast.walk(ast.parse(data))) if len(data) <= MOST_BYTES else []
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in nodes:
            if isinstance(node, ast.Import):
                yield from (starts.find_module(each.name) for each in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield starts.find_module(node.module)
                yield from (starts.find_module(f"{node.module}.{e.name}") for e in node.names)


def _glob_for(path: str, packages: set[str]) -> str:
    """The outermost package that holds it, or its folder; a program without `.py` is itself."""
    folder, _, name = path.rpartition("/")
    if not name.endswith(".py"):
        return _escape(path)
    if not folder:
        return "*.py"
    if folder not in packages:
        return f"{_escape(folder)}/**/*.py"
    while folder.rpartition("/")[0] in packages:
        folder = folder.rpartition("/")[0]
    return f"{_escape(folder)}/**/*.py"


def _escape(path: str) -> str:
    """As gitignore has it: a name with `*`, `[` or a leading `!` means itself."""
    text = re.sub(r"([*?\[\]\\])", r"\\\1", path)
    return f"\\{text}" if text.startswith(("!", "#")) else text


def _is_inside(glob: str, globs: Iterable[str]) -> bool:
    return any(
        other != glob and other.endswith("/**/*.py") and glob.endswith(".py")
        and glob.startswith(other.removesuffix("**/*.py"))
        for other in globs
    )  # fmt: skip
