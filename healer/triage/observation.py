"""What a rule may look at: one exception, or how a job ended.

Belongs here: reading facts out of a failure for the rules. Does not belong here: any judgement.
"""

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property

from healer.failure import Failure, Frame, Raised

_ERRNO = re.compile(r"\[(?:Errno|WinError) (-?\d+)\]|^\(?(\d{4}), ")
_STATUS = re.compile(
    r"(?:^(?:HTTP Error |Error code: |)|\b(?:status(?:[ _]code)?|HTTP(?:/\d(?:\.\d)?)?|code)"
    r"[:= ]+[\"']?(?:HTTP/\d(?:\.\d)?\"? )?)([1-5]\d\d)\b",
    re.IGNORECASE,
)
_QUOTED_PATH = re.compile(r": '([^']*)'(?: -> '[^']*')?$|: \"([^\"]*)\"$")
_MODULE = re.compile(r"No module named '?([\w.]+)'?")
_NOT_A_TRACE_OF_FILES = ("/tmp/", "/var/tmp/", "/dev/shm/")  # noqa: S108 - compared, not used
_QUOTES_DATA = frozenset(
    {"KeyError", "IndexError", "NameError", "UnboundLocalError", "TypeError", "AttributeError"}
    | {"ValueError", "ZeroDivisionError", "AssertionError", "SyntaxError", "IndentationError"}
    | {"UnicodeDecodeError", "UnicodeEncodeError", "LookupError", "StopIteration", "TabError"}
    | {"RecursionError", "InvalidOperation", "OverflowError"}
)
_ALWAYS_QUOTES = frozenset({"KeyError", "CalledProcessError", "TimeoutExpired"})
"""Raised on purpose, too, with a key or a command line and no word besides."""
_SIGNAL_BASE = 128
_LAST_SIGNAL = 64


@dataclass(frozen=True)
class Observation:
    """One exception of a failure (or none: the job's end), and what the caller knows."""

    failure: Failure
    exception: Raised | None
    root: str = ""
    declared: frozenset[str] = frozenset()
    own_modules: frozenset[str] = frozenset()

    @property
    def type(self) -> str:
        return self.exception.type if self.exception else ""

    @property
    def name(self) -> str:
        """The type without its module."""
        return self.type.rpartition(".")[2]

    @property
    def speaks(self) -> bool:
        """The message was written by someone; it is not a piece of data that Python quotes."""
        return self.name not in _ALWAYS_QUOTES and (
            self.name not in _QUOTES_DATA or self.last_source.startswith("raise")
        )

    @cached_property
    def text(self) -> str:
        """The message; without an exception, the end of stderr and, where that is empty, stdout."""
        if self.exception:
            return self.exception.message
        return (self.failure.stderr_tail.strip() or self.failure.stdout_tail.strip())[-4_000:]

    @cached_property
    def quote(self) -> str:
        """What a reason quotes: type and first line, or the last line that was printed."""
        if self.exception:
            return f"{self.type}: {self.exception.message.partition(chr(10))[0]}".rstrip(": .")
        if self.signal:
            return f"signal {self.signal}"
        return (self.text.splitlines() or [f"exit code {self.failure.exit_code}"])[-1].rstrip(".")

    @cached_property
    def errno(self) -> int | None:
        """The error number of the system or the database, as printed at the message's start."""
        match = _ERRNO.search(self.text[:300])
        return int(match[1] or match[2]) if match else None

    @cached_property
    def status(self) -> int | None:
        """An HTTP status that the message names."""
        match = _STATUS.search(self.text[:500])
        return int(match[1]) if match else None

    @cached_property
    def signal(self) -> int | None:
        """The signal that ended the job, also where a shell reported it as 128 + n."""
        code = self.failure.exit_code
        if self.failure.signal:
            return self.failure.signal
        if code is not None and _SIGNAL_BASE < code <= _SIGNAL_BASE + _LAST_SIGNAL:
            return code - _SIGNAL_BASE
        return None

    @cached_property
    def path(self) -> str:
        """The path at the end of an OSError's message; empty for none."""
        match = _QUOTED_PATH.search(self.text.partition("\n")[0])
        return (match[1] or match[2] or "") if match else ""

    @cached_property
    def is_path_outside(self) -> bool:
        """The path is absolute, and neither in the repository nor a temporary file."""
        path = posixpath.normpath(self.path) if self.path else ""
        inside = bool(self.root) and (path + "/").startswith(self.root.rstrip("/") + "/")
        is_absolute = bool(self.root) and path.startswith("/")
        return is_absolute and not inside and not path.startswith(_NOT_A_TRACE_OF_FILES)

    @cached_property
    def module(self) -> str:
        """The top-level name of a module that could not be found; empty for none."""
        match = _MODULE.search(self.text)
        return match[1].partition(".")[0] if match else ""

    @property
    def last_file(self) -> str:
        """The file of the innermost frame."""
        return self._innermost.file if self._innermost else ""

    @property
    def last_function(self) -> str:
        return self._innermost.function if self._innermost else ""

    @property
    def last_source(self) -> str:
        return self._innermost.source if self._innermost else ""

    @property
    def _innermost(self) -> Frame | None:
        return self.exception.frames[-1] if self.exception and self.exception.frames else None
