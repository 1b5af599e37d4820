"""From a command line to the file of the repository that it starts.

Belongs here: reading words as a shell would, and finding the program among tracked files. Does not
belong here: where command lines stand (`schedules`, `suites`).
"""

import re
import shlex
from dataclasses import dataclass
from functools import cached_property

from healer.support.tree_text import read_text
from healer.watch.entry_points import PROJECT_FILES, read_console_scripts
from quarantine.project_tests import Listed

_SEPARATOR = re.compile(r"\s*(?:&&|\|\||;|\n|\|)\s*")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_WRAPPERS = frozenset(
    ("sudo", "env", "exec", "nice", "nohup", "time", "timeout", "flock", "uv", "poetry", "pdm",
     "pipenv", "hatch", "conda", "run", "healer", "chronic", "ionice")
)  # fmt: skip
"""Programs that start the one named after them."""
_PYTHON = re.compile(r"(?:.*/)?(?:python|pypy)[\d.]*$")
_ROOTS = ("", "src/", "lib/")
"""Folders from which modules are imported, most usual first."""


@dataclass(frozen=True)
class Start:
    """One program of the repository, as a command line starts it."""

    script: str
    command: tuple[str, ...]


class Starts:
    """Finds programs of one tree in command lines."""

    def __init__(self, tree: Listed) -> None:
        self._tree = tree
        self.paths = frozenset(tree.paths())

    def find(self, line: str) -> list[Start]:
        """The programs that a shell line starts, in order; none for what no shell would read."""
        return [start for part in _SEPARATOR.split(line) for start in self._find_in(part)]

    def find_module(self, module: str) -> str:
        """The file that `python -m module` runs, or that an import gives; empty for none."""
        path = module.strip().replace(".", "/")
        names = (f"{path}/__main__.py", f"{path}.py", f"{path}/__init__.py")
        files = (f"{root}{name}" for root in _ROOTS for name in names)
        return next((file for file in files if file in self.paths), "")

    @cached_property
    def entry_points(self) -> dict[str, str]:
        """The file of each console script that the project declares, by the script's name."""
        files: dict[str, str] = {}
        for name in PROJECT_FILES:
            scripts = read_console_scripts(name, read_text(self._tree, name))
            for script, target in scripts.items():
                files.setdefault(script, self.find_module(target.partition(":")[0]))
        return {name: file for name, file in files.items() if file}

    def _find_in(self, part: str) -> list[Start]:
        try:
            words = shlex.split(part.strip().lstrip("@-"), comments=True)
        except ValueError:
            return []
        for index, word in enumerate(words):
            if word.startswith("-") or _ASSIGNMENT.match(word) or word in _WRAPPERS:
                continue
            if _PYTHON.match(word):
                return self._find_python(words, index)
            script = self.entry_points.get(word.rpartition("/")[2]) or self._find_file(word)
            if script:
                return [Start(script, tuple(words[index:]))]
        return []

    def _find_python(self, words: list[str], index: int) -> list[Start]:
        for place, word in enumerate(words[index + 1 :], index + 1):
            if word == "-m" and place + 1 < len(words):
                script = self.find_module(words[place + 1])
            elif word.startswith("-"):
                continue
            else:
                script = self._find_file(word)
            return [Start(script, ("python", *words[index + 1 :]))] if script else []
        return []

    def _find_file(self, word: str) -> str:
        """The tracked program of this path, wherever the repository lies on that machine."""
        parts = [part for part in word.split("/") if part not in ("", ".", "..")]
        for start in range(len(parts)):
            path = "/".join(parts[start:])
            if path in self.paths and is_program(self._tree, path):
                return path
        return ""


def is_program(tree: Listed, path: str) -> bool:
    """Whether it is Python by its name or by its first line."""
    if path.endswith(".py"):
        return True
    if "." in path.rpartition("/")[2]:
        return False
    head = (tree.read(path) or b"")[:200].partition(b"\n")[0]
    return head.startswith(b"#!") and b"python" in head
