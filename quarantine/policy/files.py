"""From bytes to something rules can look at: decoded text, syntax trees, added lines.

Belongs here: reading both sides of a patch, and the limits of what is read. Does not belong
here: any opinion on what was found.
"""

import ast
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from quarantine.policy.expressions import form_of, parse
from quarantine.policy.model import ChangedPath, Files
from quarantine.policy.module import Module
from quarantine.project_tests import ProjectTests

MAX_FILE_BYTES = 512 * 1024
"""A larger file is not parsed: it goes to a person. The largest module of CPython's standard
library with hand-written code has about 300 KiB."""
MAX_READ_LINES = 2_000
"""A file with more added lines is not parsed, which bounds the time; it goes to a person."""
REGULAR_MODES = frozenset({"100644", "100755"})
"""git's modes of plain files."""
MAX_FILES = 40
"""More changed files than this are not read: such a patch goes to a person as a whole."""


def decode(data: bytes | None) -> str | None:
    """UTF-8 text with `\\n` line ends and without a byte order mark; None when it is not that."""
    if data is None:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


_QUOTED = re.compile(r"""(?P<quote>["'])(?P<word>[^"'\n]{1,40})(?P=quote)""")


def literals_of(tests: Iterable[bytes]) -> frozenset[str]:
    """Every literal of these test files in a normal form, docstrings left out, and what stands in
    quotes within a text: a value of JSON, an attribute of HTML.

    Pass the files that the failing and the passing tests of the base commit lie in. What cannot
    be decoded or parsed adds nothing.
    """
    return frozenset[str]().union(*(_literals_of_file(data) for data in tests))


@lru_cache(maxsize=500)
def _literals_of_file(data: bytes) -> frozenset[str]:
    """Remembered, since the tests stay the same from draft to draft, and mostly from repair to
    repair."""
    text = decode(data)
    tree = parse(text) if text is not None else None
    if tree is None:
        return frozenset()
    module = Module(tree)
    nodes = [
        node
        for node in module.nodes
        if isinstance(node, ast.expr) and id(node) not in module.docstrings
    ]
    words = [word for node in nodes for word in _find_quoted(node)]
    forms = (form_of(node) for node in (*nodes, *map(ast.Constant, words)))
    return frozenset(filter(None, forms))


def _find_quoted(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from (match["word"] for match in _QUOTED.finditer(node.value))


@dataclass(frozen=True)
class FileChange:
    """One changed file, both sides. A side is None where the file does not exist."""

    change: ChangedPath
    old: bytes | None
    new: bytes | None
    is_test_code: bool
    """A test, or what tests are built on, as the base commit has it."""

    @property
    def path(self) -> str:
        return self.change.path

    @cached_property
    def is_python(self) -> bool:
        if self.path.endswith((".py", ".pyw", ".pyi")):
            return True
        head = (self.new or self.old or b"")[:120].split(b"\n", 1)[0]
        return head.startswith(b"#!") and b"python" in head

    @cached_property
    def is_new_test(self) -> bool:
        """A test that the patch brings along; existing tests are protected anyway."""
        return self.change.is_new and self.is_test_code

    @cached_property
    def too_big(self) -> bool:
        return max(len(self.old or b""), len(self.new or b"")) > MAX_FILE_BYTES

    @cached_property
    def old_text(self) -> str | None:
        return None if self.too_big else decode(self.old)

    @cached_property
    def new_text(self) -> str | None:
        return None if self.too_big else decode(self.new)

    @cached_property
    def old_module(self) -> Module | None:
        """None also when the base does not parse: its syntax error may be the failure."""
        return self._module(self.old_text)

    @cached_property
    def new_module(self) -> Module | None:
        """None for what is not Python, is deleted, too long, or cannot be parsed."""
        return None if self.too_long else self._module(self.new_text)

    @cached_property
    def too_long(self) -> bool:
        return len(self.added_lines) > MAX_READ_LINES

    def _module(self, text: str | None) -> Module | None:
        tree = parse(text) if self.is_python and text is not None else None
        return None if tree is None else Module(tree)

    @cached_property
    def base_unreadable(self) -> bool:
        """There was a file, but no tree to compare with: then added *lines* count as new."""
        return self.old is not None and self.old_module is None

    @cached_property
    def added_lines(self) -> tuple[tuple[int, str], ...]:
        """Lines (1-based number, text) that the base does not have as often.

        Compared without indentation and as a multiset, so moved lines are not new, and the cost
        is linear for any input.
        """
        rest = Counter(line.strip() for line in (self.old_text or "").split("\n"))
        new_lines = []
        for number, line in enumerate((self.new_text or "").split("\n"), 1):
            rest[line.strip()] -= 1
            if rest[line.strip()] < 0:
                new_lines.append((number, line))
        return tuple(new_lines)

    @cached_property
    def _added_numbers(self) -> list[int]:
        return [number for number, _ in self.added_lines]

    def is_touched(self, start: int, end: int) -> bool:
        """True when one of the lines from `start` to `end` (both included) is added."""
        index = bisect_left(self._added_numbers, start)
        return index < len(self._added_numbers) and self._added_numbers[index] <= end


@dataclass(frozen=True)
class Patch:
    """Everything the rules look at."""

    changes: tuple[ChangedPath, ...]
    files: tuple[FileChange, ...]
    """Changed regular files; at most `MAX_FILES`."""
    before: Files
    after: Files
    test_literals: frozenset[str]
    tests: ProjectTests
    """What the base commit's tests are."""
    own_notes: frozenset[str] = frozenset()
    """Notes that the service itself wrote a line into; the draft did not touch them."""

    @cached_property
    def python(self) -> tuple[FileChange, ...]:
        """Python files that still exist and could be parsed."""
        return tuple(file for file in self.files if file.new_module is not None)

    @cached_property
    def product(self) -> tuple[FileChange, ...]:
        """`python` without the tests that the patch brings along."""
        return tuple(file for file in self.python if not file.is_new_test)


def read_patch(
    before: Files,
    after: Files,
    changes: Sequence[ChangedPath],
    test_literals: frozenset[str],
    own_notes: frozenset[str] = frozenset(),
) -> Patch:
    """Reads both sides of each changed regular file."""
    tests = ProjectTests.load(before)
    files = tuple(
        FileChange(
            change=change,
            old=None if change.is_new else before.read(change.path),
            new=None if change.is_deleted else after.read(change.path),
            is_test_code=tests.is_test_code(change.path),
        )
        for change in changes[:MAX_FILES]
    )
    return Patch(tuple(changes), files, before, after, test_literals, tests, own_notes)
