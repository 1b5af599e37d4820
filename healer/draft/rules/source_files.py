"""The repository's Python files as rules see them.

Belongs here: parsing each file once, which files a draft may change, and finding a module by its
name. Does not belong here: one file's text (`source_file`).
"""

from collections.abc import Iterable, Iterator

from healer.draft.rules.source_file import SourceFile
from healer.facts.draft import ReadData, Source
from quarantine.project_tests import ProjectTests


class SourceFiles:
    """The files of one commit, each parsed at most once."""

    def __init__(
        self,
        source: Source,
        protected_paths: Iterable[str] = (),
        reads: tuple[ReadData, ...] = (),
    ) -> None:
        """`reads`: what the failing job read, and what it read when it ran well."""
        self.source = source
        self.reads = reads
        self._protected = frozenset(protected_paths)
        self._files: dict[str, SourceFile | None] = {}
        self.paths = source.paths()
        self.tests = ProjectTests.load(source)

    def parse(self, path: str) -> SourceFile | None:
        """A UTF-8 Python file, or None where there is none."""
        if path not in self._files:
            data = self.source.read(path) if path.endswith(".py") else None
            try:
                self._files[path] = None if data is None else SourceFile(path, data.decode())
            except UnicodeDecodeError:
                self._files[path] = None
        return self._files[path]

    def parse_all(self, first: str) -> Iterator[SourceFile]:
        """Every Python file, `first` before the others."""
        for path in (first, *(path for path in self.paths if path != first)):
            if file := self.parse(path):
                yield file

    def can_change(self, path: str) -> bool:
        return path not in self._protected and path in self.paths

    def find_module(self, name: str) -> SourceFile | None:
        """The repository's own module of that dotted name, from any root that fits."""
        tail = name.replace(".", "/")
        for path in self.paths:
            if path.endswith((f"{tail}.py", f"{tail}/__init__.py")):
                stem = path.removesuffix("/__init__.py").removesuffix(".py")
                if stem == tail or stem.endswith(f"/{tail}"):
                    return self.parse(path)
        return None
