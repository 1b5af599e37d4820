"""The questions that rules are made of, and the row of the table.

Belongs here: small questions to what was seen, and how they combine. Does not belong here: the
rows themselves (`rules`, `ends`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from healer.triage.seen import Seen

Kind = Literal["code", "environment", "transient", "interrupted", "deliberate"]


@dataclass(frozen=True)
class Test:
    """A question to what was seen; `|` and `&` combine questions."""

    __test__ = False  # pytest would collect the name

    ask: Callable[[Seen], bool]

    def __call__(self, seen: Seen) -> bool:
        return self.ask(seen)

    def __or__(self, other: "Test") -> "Test":
        return Test(lambda seen: self(seen) or other(seen))

    def __and__(self, other: "Test") -> "Test":
        return Test(lambda seen: self(seen) and other(seen))

    def __invert__(self) -> "Test":
        return Test(lambda seen: not self(seen))


@dataclass(frozen=True)
class Rule:
    """One row: when it fits, what it then is, and what a person does about it."""

    name: str
    kind: Kind
    when: Test
    reason: str
    next_step: str

    @property
    def sure(self) -> bool:
        """A row that says "code" does so because it cannot tell: sure code faults need no row."""
        return self.kind != "code"


def types(*names: str) -> Test:
    """The exception's name, without its module."""
    return Test(lambda seen: seen.name in names)


def module(*prefixes: str) -> Test:
    """The exception's type is defined in one of these packages."""
    return Test(lambda seen: seen.type.startswith(tuple(f"{prefix}." for prefix in prefixes)))


def named(pattern: str) -> Test:
    """The exception's name matches, as of a library that we do not know."""
    compiled = re.compile(pattern)
    return Test(lambda seen: bool(compiled.search(seen.name)))


def says(pattern: str) -> Test:
    """The message (or the printed output of a job without traceback) matches, whatever case.

    Data that Python quotes does not count: `KeyError: 'rate limit'` is not a rate limit.
    """
    compiled = re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    return Test(lambda seen: seen.speaks and bool(compiled.search(seen.text)))


def errno(*numbers: int) -> Test:
    return Test(lambda seen: seen.errno in numbers)


def signal(*numbers: int) -> Test:
    return Test(lambda seen: seen.signal in numbers)


def exit_code(*codes: int) -> Test:
    return Test(lambda seen: seen.failure.exit_code in codes)


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


REVIEW = "A fix may be drafted, and a person reviews it."
WAIT = "Nothing to do if the next run succeeds; healer reports it if it keeps failing."
