"""What a repository says that its scripts need, as lines of a requirements file.

Belongs here: from files of a tree to lines, in one order of preference. Does not belong here:
installing them (`environments`). A committed file is input of whoever can commit: of requirements
files only names, versions, hashes and markers are taken, no address, path or option.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from healer.facts.draft import Source
from healer.support.tree_text import read_text
from healer.triage.declarations import (
    EXTRAS,
    find_table,
    is_from_elsewhere,
    load_script_table,
    load_toml,
    read_pipfile,
    read_setup_cfg,
    read_setup_py,
)
from quarantine.requirement_pins import normalize
from sandbox.interpreter import describe

_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)")
_PLAIN = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[\w,.\s-]*\])?\s*"
    r"\(?(?:[=<>!~]{1,3}\s*[\w.*+!-]+\s*,?\s*)*\)?\s*"
    r"(?:;(?:(?!--|://)[^#])*?)?(?:\s*--hash=\w+:[0-9a-f]+)*"
)
"""A project of the index, its versions, its marker, its hashes."""
_ARCHIVES = (".whl", ".gz", ".zip", ".bz2", ".xz")
_FILES = (
    "requirements.txt", "requirements.lock", "requirements/base.txt", "requirements/prod.txt",
    "requirements-dev.txt", "requirements-test.txt", "dev-requirements.txt",
    "test-requirements.txt", "requirements/dev.txt", "requirements/test.txt",
)  # fmt: skip
_MOST_INCLUDED = 16
_WISHES: Mapping[str, Callable[[str], Iterator[str]]] = {
    "Pipfile": read_pipfile,
    "setup.cfg": read_setup_cfg,
    "setup.py": read_setup_py,
}


class Requirements(NamedTuple):
    """What is to be installed."""

    origin: str
    """The file that says so; empty: nothing is declared."""
    lines: tuple[str, ...] = ()
    uv_lock: tuple[bytes, bytes] | None = None
    """pyproject.toml and uv.lock, of which uv itself makes the lines."""
    direct: tuple[str, ...] = ()
    """Of a lock: what the project itself asks for."""
    python: Path | None = None
    """For which interpreter; None: the one that runs us."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the projects that are asked for, as written."""
        lines = self.direct or self.lines
        return tuple(match[1] for line in lines if (match := _NAME.match(line)))


NOTHING = Requirements("")


def for_python(requirements: Requirements, python: Path) -> Requirements:
    """The same for this interpreter."""
    return requirements._replace(python=None if python == Path(sys.executable) else python)


def find_requirements(tree: Source, script: str = "") -> Requirements:
    """What the script declares itself, else a lock of the repository, its requirements files, its
    project."""
    inline = _read_script(read_text(tree, script) if script else "")
    if inline:
        return Requirements(script, inline)
    project, lock = tree.read("pyproject.toml") or b"", tree.read("uv.lock")
    direct = tuple(_read_project(load_toml(_decode(project))))
    if project and lock is not None:
        return Requirements("uv.lock", uv_lock=(project, lock), direct=direct)
    return _find_lock(tree, direct) or _find_files(tree) or _find_project(tree, direct) or NOTHING


def _find_lock(tree: Source, direct: tuple[str, ...]) -> Requirements | None:
    for file in ("poetry.lock", "pdm.lock"):
        data = tree.read(file)
        if data is not None:
            return Requirements(file, tuple(_read_lock(load_toml(_decode(data)))), direct=direct)
    lines = tuple(_read_pipfile_lock(tree.read("Pipfile.lock")))
    wishes = tuple(_read_wishes(tree, "Pipfile"))
    return Requirements("Pipfile.lock", lines, direct=wishes) if lines else None


def _find_files(tree: Source) -> Requirements | None:
    files = [file for file in _FILES if tree.read(file) is not None]
    lines = (line for file in files for line in _read_file(tree, file, set()))
    return Requirements(files[0], tuple(dict.fromkeys(lines))) if files else None


def _find_project(tree: Source, direct: tuple[str, ...]) -> Requirements | None:
    """What nobody has locked, and no requirements file gives: as the project asks for it."""
    wishes = ((file, tuple(_read_wishes(tree, file))) for file in _WISHES)
    every = (("pyproject.toml", direct), *wishes)
    return next((Requirements(file, lines) for file, lines in every if lines), None)


def _read_wishes(tree: Source, file: str) -> Iterator[str]:
    yield from _plain(list(dict.fromkeys(_WISHES[file](read_text(tree, file)))))


def _read_pipfile_lock(data: bytes | None) -> Iterator[str]:
    """The packages of a lock of pipenv's, with their hashes; those of development too."""
    try:
        lock = json.loads(data or b"{}")
    except ValueError:
        return
    groups = (find_table(lock, key) for key in ("default", "develop"))
    every = dict(pair for group in groups for pair in group.items())
    for name, details in every.items():
        version = details.get("version") if isinstance(details, dict) else None
        if not isinstance(version, str) or is_from_elsewhere(details):
            continue
        yield from _lock_line(name, version, details.get("markers"), details.get("hashes"))


def _lock_line(name: str, version: str, marker: object, hashes: object) -> Iterator[str]:
    """One package of a lock, as a requirements file has it."""
    end = f" ; {marker}" if isinstance(marker, str) and marker else ""
    digests = sorted({str(each) for each in hashes} - {""}) if isinstance(hashes, list) else ()
    yield from _plain(
        [" ".join((f"{name}{version}{end}", *(f"--hash={each}" for each in digests)))]
    )


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _read_script(text: str) -> tuple[str, ...]:
    return tuple(_plain(load_script_table(text).get("dependencies", ())))


def _plain(items: object) -> Iterator[str]:
    """Requirements that name a project of the index."""
    for item in items if isinstance(items, list) else ():
        line = item.strip() if isinstance(item, str) else ""
        is_one_line = len(line.splitlines()) == 1
        if is_one_line and _PLAIN.fullmatch(line) and not line.endswith(_ARCHIVES):
            yield line


def choose_plain_lines(text: str) -> tuple[str, ...]:
    """The lines of a requirements file that name a project of the index; nothing else of it."""
    lines = (re.sub(r"(?:^|\s)#.*", "", line) for line in text.replace("\\\n", " ").splitlines())
    return tuple(_plain([" ".join(line.split()) for line in lines]))


def _read_lock(table: Mapping[str, Any]) -> Iterator[str]:
    """The packages of a lock of poetry's or pdm's, with their hashes."""
    for package in table.get("package", ()):
        name, version = package.get("name"), package.get("version")
        if package.get("optional") is True or "source" in package or not (name and version):
            continue
        files = package.get("files") or table.get("metadata", {}).get("files", {}).get(name, ())
        hashes = [file.get("hash", "") for file in files]
        marker = package.get("marker") or package.get("markers")
        yield from _lock_line(name, f"=={version}", marker, hashes)


def _read_file(tree: Source, path: str, seen_names: set[str]) -> Iterator[str]:
    """The lines of a requirements file and of those that it includes."""
    if path in seen_names or len(seen_names) > _MOST_INCLUDED:
        return
    seen_names.add(path)
    text = read_text(tree, path).replace("\\\n", " ")
    folder = path.rpartition("/")[0]
    for raw_line in text.splitlines():
        line = re.sub(r"(?:^|\s)#.*", "", raw_line).strip()
        include = re.match(r"(?:-r|--requirement)[ =]*(\S+)", line)
        if include:
            inside = f"{folder}/{include[1]}" if folder else include[1]
            yield from _read_file(tree, inside.removeprefix("./"), seen_names)
        else:
            yield from choose_plain_lines(line)


def _read_project(table: Mapping[str, Any]) -> Iterator[str]:
    project, groups = table.get("project", {}), table.get("dependency-groups", {})
    yield from _plain(project.get("dependencies"))
    extras = project.get("optional-dependencies", {})
    for name in EXTRAS:
        yield from _plain(extras.get(name))
        yield from _plain(list(_read_group(groups, name, set())))
    poetry = table.get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {})]
    tables += [poetry.get("group", {}).get(name, {}).get("dependencies", {}) for name in EXTRAS]
    yield from (name for each in tables for name in each if name.lower() != "python")


def _read_group(groups: Mapping[str, Any], name: str, seen_names: set[str]) -> Iterator[str]:
    """A dependency group with those that it includes (PEP 735)."""
    if name in seen_names:
        return
    seen_names.add(name)
    for item in groups.get(name, ()):
        if isinstance(item, dict):
            yield from _read_group(groups, str(item.get("include-group", "")), seen_names)
        elif isinstance(item, str):
            yield item


def find_missing(names: Iterable[str], python: Path | None = None) -> tuple[str, ...]:
    """Those of the projects that an interpreter has not; without one, the Python that runs us."""
    from importlib.metadata import distributions  # noqa: PLC0415 - one use

    folders = [str(each) for each in describe(python).packages] if python else sys.path
    names_here = {normalize(each.name) for each in distributions(path=folders)}
    return tuple(name for name in names if normalize(name) not in names_here)
