"""A rule's example: one file before and after a patch.

Belongs here: reading the short form in which rules write examples. Does not belong here: trying a
rule on one (the tests do), and how it is shown.

The file is written as a diff without its header, indented as one likes:

      import shutil
    - total = rows[0]
    + shutil.rmtree("data")
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from textwrap import dedent

PLAIN = "100644"
PRICE_TESTS = {
    "tests/test_job.py": "from scripts.job import price\n\n\ndef test_price():\n"
    "    assert price('mug, large') == 12.75\n    assert price('cup, small') == 7.35\n"
}
"""The tests of examples about literals."""


@dataclass(frozen=True)
class Example:
    """One patch of one file. Raises ValueError when read, where it is not written as described."""

    text: str = ""
    path: str = "scripts/job.py"
    files: Mapping[str, str] = field(default_factory=dict)
    """The repository's other files, by path; their literals count where they are tests."""
    old_mode: str = PLAIN
    new_mode: str = PLAIN
    """git's; empty where the file is not on that side."""
    is_lost: bool = False
    """The patch names the file, and the patched tree does not hold it."""
    data: bytes | None = None
    """The patched file, where no text can show it; then `text` says it in words."""

    @classmethod
    def read(cls, example: "str | Example") -> "Example":
        """An example that may be given as its text alone."""
        return cls(example) if isinstance(example, str) else example

    @property
    def before(self) -> bytes | None:
        """The file in the base; None where it is new."""
        return self._side("-") if self.old_mode else None

    @property
    def after(self) -> bytes | None:
        """The patched file; None where it is removed."""
        if not self.new_mode or self.is_lost:
            return None
        return self._side("+") if self.data is None else self.data

    @cached_property
    def lines(self) -> list[str]:
        """As it was written, for people."""
        return dedent(self.text).strip("\n").split("\n")

    def _side(self, sign: str) -> bytes:
        if self.data is not None:
            return b"x = 1\n"
        side = []
        for line in self.lines:
            if line[:2] not in ("", "  ", "- ", "+ ", "-", "+"):
                raise ValueError(f"neither kept, taken out nor put in: {line!r}")
            if line[:1] in ("", " ", sign):
                side.append(f"{line[2:]}\n")
        return "".join(side).encode()
