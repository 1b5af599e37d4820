"""A rule's example: a script that fails, and what becomes of it.

Belongs here: reading the short form in which rules and their tests write examples. Does not belong
here: trying a rule on one (the tests do), and how it is shown (`healer.cli.rules`).

The script is written as a diff of the broken and the fixed one. What it raises stands after `#!` on
the line that fails, or below it, on as many lines as it needs:

      import glob
    - for path in glob("*.csv"):  #! TypeError: 'module' object is not callable
    + for path in glob.glob("*.csv"):
          print(path)

An example without `-` and `+` is a script that a rule must leave alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from textwrap import dedent

from healer.failure import Frame, Raised

_MARK = re.compile(r"(?:^|\s+)#!(?: (?P<text>.*))?$")
_RAISED = re.compile(r"(?P<type>[\w.]+)(?:: (?P<message>.*))?")
_DIFF = re.compile(r"^[-+](?: |$)", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """One broken script. Raises ValueError when read, where it is not written as described."""

    text: str
    """As above, indented as one likes."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The repository's other files, by path."""
    locals: Mapping[str, str] = field(default_factory=dict)
    """What the hook has recorded of the failing line's names, as `repr` shows it."""
    path: str = "job.py"
    is_reported: bool = False
    """The error is as another Python, library or machine reports it: not to be had by a run."""
    read: tuple[str, str] = ("", "")
    """What the job read: on the last good night, and now."""
    next_page: str = ""
    """The next page of what it read now, as a header names it; it lies at the same place."""

    @property
    def is_silent(self) -> bool:
        """A script that must be left alone."""
        return not _DIFF.search("\n".join(self.lines))

    @property
    def before(self) -> str:
        """The script that fails."""
        return "".join(f"{line}\n" for line in self._broken_script[0])

    @property
    def after(self) -> str:
        """The fixed script; the same as before where it must be left alone."""
        return "".join(f"{line}\n" for line in _without_marks(self._side("+"))[0])

    @cached_property
    def error(self) -> Raised:
        """What the script raises, at the marked line."""
        lines, number, text = self._broken_script
        match = _RAISED.fullmatch(text)
        if match is None:
            raise ValueError(f"no line of this example says what it raises:\n{self.text}")
        frame = Frame(
            file=self.path,
            line=number,
            function="<module>",
            source=lines[number - 1].strip(),
            own=True,
            locals=dict(self.locals),
        )
        return Raised(type=match["type"], message=match["message"] or "", frames=(frame,))

    @cached_property
    def lines(self) -> list[str]:
        """As it was written, for people."""
        return dedent(self.text).strip("\n").split("\n")

    @cached_property
    def _broken_script(self) -> tuple[list[str], int, str]:
        return _without_marks(self._side("-"))

    def _side(self, sign: str) -> list[str]:
        if self.is_silent:
            return self.lines
        side = []
        for line in self.lines:
            if _MARK.fullmatch(line.strip()):
                side.append(line)
            elif line[:2] not in ("", "  ", "- ", "+ ", "-", "+"):
                raise ValueError(f"neither kept, taken out nor put in: {line!r}")
            elif line[:1] in ("", " ", sign):
                side.append(line[2:])
        return side


def _without_marks(lines: list[str]) -> tuple[list[str], int, str]:
    """A script's lines, the 1-based number of the one that fails (0: none), and what it raises."""
    script: list[str] = []
    number, texts = 0, []
    for line in lines:
        match = _MARK.search(line)
        code = line[: match.start()] if match else line
        if code.strip() or not match:
            script.append(code)
        if match:
            number = len(script)
            texts.append(match["text"] or "")
    return script, number, " ".join(texts)
