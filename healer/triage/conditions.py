"""The conditions that rules are made of, and the row of a table.

Belongs here: small questions to an observation, and how they combine. Does not belong here: the
rows themselves (`rules`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from healer.triage.observation import Observation

Kind = Literal["code", "environment", "transient", "interrupted", "deliberate"]


@dataclass(frozen=True)
class Condition:
    """A question to what was observed; `|`, `&` and `~` combine questions."""

    ask: Callable[[Observation], bool]

    def __call__(self, observation: Observation) -> bool:
        return self.ask(observation)

    def __or__(self, other: "Condition") -> "Condition":
        return Condition(lambda it: self(it) or other(it))

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(lambda it: self(it) and other(it))

    def __invert__(self) -> "Condition":
        return Condition(lambda it: not self(it))


@dataclass(frozen=True)
class Rule:
    """One row: when it fits, what it then is, and what a person does about it."""

    name: str
    kind: Kind
    when: Condition
    reason: str
    next_step: str

    @property
    def is_sure(self) -> bool:
        """A row that says "code" does so because it cannot tell: sure code faults need no row."""
        return self.kind != "code"


def is_type(*names: str) -> Condition:
    """The exception's name, without its module."""
    return Condition(lambda it: it.name in names)


def is_from(*packages: str) -> Condition:
    """The exception's type is defined in one of these packages."""
    return Condition(lambda it: it.type.startswith(tuple(f"{package}." for package in packages)))


def is_named(pattern: str) -> Condition:
    """The exception's name matches, as of a library that we do not know."""
    regex = re.compile(pattern)
    return Condition(lambda it: bool(regex.search(it.name)))


def says(pattern: str) -> Condition:
    """The message (or the printed output of a job without traceback) matches, whatever case.

    Data that Python quotes does not count: `KeyError: 'rate limit'` is not a rate limit.
    """
    regex = re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    return Condition(lambda it: it.speaks and bool(regex.search(it.text)))


def has_errno(*numbers: int) -> Condition:
    """The error number of the system or of a database."""
    return Condition(lambda it: it.errno in numbers)


def has_signal(*numbers: int) -> Condition:
    """The signal that ended the job."""
    return Condition(lambda it: it.signal in numbers)


def has_exit_code(*codes: int) -> Condition:
    """The exit code of the job."""
    return Condition(lambda it: it.failure.exit_code in codes)


def words(text: str) -> frozenset[str]:
    """The words of a table written as one text."""
    return frozenset(text.split())


IS_OS_ERROR = is_type(
    *("OSError", "IOError", "PermissionError", "FileNotFoundError", "BlockingIOError"),
    *("FileExistsError", "Error", "SameFileError", "NotADirectoryError", "IsADirectoryError"),
)
STARTS_A_PROGRAM = Condition(
    lambda it: (
        it.last_function in ("_execute_child", "_posix_spawn", "_execvpe", "_make_subprocess")
    )
)

REVIEW = "A fix may be drafted, and a person reviews it."
WAIT = "Nothing to do if the next run succeeds; healer reports it if it keeps failing."
