"""What the policy is given and what it answers.

Belongs here: the frozen facts. Does not belong here: how files are read into something that rules
can look at (`files`), or any rule.
"""

from typing import Final, Literal, Protocol

from quarantine.facts import Fact

Severity = Literal["reject", "person"]
"""`reject`: no honest fix needs this. `person`: it may be right, and a person must say so."""


PROTECTED_KIND: Final = "protected-kind"
"""The rules of this name look at what only people change; a person's own patch may."""


NOT_PYTHON: Final = "not-python"
"""The rule of this name looks at files that no other rule can read."""


class Finding(Fact):
    """One thing in a patch that must not be merged unseen."""

    rule: str
    severity: Severity
    path: str
    line: int
    """1-based in the patched file; 0 when it concerns the file as a whole."""
    reason: str
    """One sentence in plain words, for the person who decides."""

    @property
    def is_of_protected_kind(self) -> bool:
        """It is about the kind of file, and not about what is written in it."""
        return self.rule == PROTECTED_KIND

    @property
    def is_of_unread_file(self) -> bool:
        """It is about a file that no rule can read."""
        return self.rule == NOT_PYTHON


class ChangedPath(Fact):
    """One path that differs between the base tree and the patched tree."""

    path: str
    """Exactly as in the tree: relative, with `/` between folders."""
    old_mode: str = ""
    """git's octal mode (`100644`); empty or all zeros where the path did not exist."""
    new_mode: str = ""
    """The same; empty or all zeros where the patch deletes the path."""

    @property
    def is_new(self) -> bool:
        return not self.old_mode.strip("0")

    @property
    def is_deleted(self) -> bool:
        return not self.new_mode.strip("0")


class Files(Protocol):
    """Read-only sight of one tree."""

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None where there is no regular file."""
