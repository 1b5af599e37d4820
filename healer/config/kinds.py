"""Kinds of values in healer.toml that a plain type would take too much of.

Belongs here: branches, paths and globs of the repository, durations. Does not belong here: the keys
that have them (`settings`). Each refusal says what to write instead.
"""

import posixpath
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from healer.support.postgres import find_mistake

UNIT_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
YEAR_S = 366 * 86_400.0
_FORBIDDEN_IN_BRANCHES = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{|(?:^|/)\.|\.lock(?:/|$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _check_branch(value: str) -> str:
    """As `git check-ref-format --branch` has it, and no name of what healer itself keeps there."""
    is_odd = value in ("", "@", "HEAD") or value[0] in "-/" or value[-1] in "./"
    if is_odd or _FORBIDDEN_IN_BRANCHES.search(value):
        raise ValueError("is no name of a branch; write the name alone, such as main")
    if value.startswith("refs/"):
        raise ValueError(f"is no name of a branch; write {value.rpartition('/')[2]!r}")
    if value.startswith("quarantine/"):
        raise ValueError(
            "is where fixes wait, and such branches are removed when they are old; name the branch "
            "that fixes are merged into, such as main"
        )
    return value


def _check_path(value: str) -> str:
    """Relative to the repository's root, and inside of it."""
    if not value or value.startswith(("-", "/")) or _CONTROL.search(value):
        raise ValueError("must be a path from the repository's root, such as scripts/sync.py")
    plain = posixpath.normpath(value)
    if plain.startswith("..") or plain == ".":
        raise ValueError("lies outside of the repository; name a file in it, from its root")
    if plain != value:
        raise ValueError(f"must be a plain path from the repository's root; write {plain!r}")
    return value


def _check_glob(value: str) -> str:
    """As in .gitignore: a slash at the beginning is the root's, an exclamation mark takes out."""
    pattern = value.removeprefix("!")
    if not pattern.strip("/ ") or _CONTROL.search(pattern):
        raise ValueError('is no pattern; write one such as "scripts/**/*.py"')
    parts = pattern.split("/")
    if ".." in parts or "." in parts:
        raise ValueError(
            "patterns begin at the repository's root and stay in it; leave out ./ and ../"
        )
    return value


def _check_text(value: str) -> str:
    if not value.strip() or value.startswith("-") or _CONTROL.search(value):
        raise ValueError("is empty, begins with a dash or has a control character; leave it out")
    return value


def _check_words(value: tuple[str, ...]) -> tuple[str, ...]:
    if value and (not value[0].strip() or any("\0" in word for word in value)):
        raise ValueError('names no program; write its words, such as ["python", "-m", "pytest"]')
    return value


def _check_state(value: str) -> str:
    if value != "sqlite" and (mistake := find_mistake(value)):
        raise ValueError(mistake)
    return value


def _check_duration(value: str) -> str:
    if seconds(value) > YEAR_S:
        raise ValueError("is longer than a year; write at most 366d")
    return value


def seconds(duration: str) -> float:
    """A `Duration` in seconds."""
    return float(duration[:-1]) * UNIT_S[duration[-1]]


Branch = Annotated[str, AfterValidator(_check_branch)]
"""A branch's name without `refs/heads/`."""
TreePath = Annotated[str, AfterValidator(_check_path)]
"""A file of the repository, relative to its root."""
TreeGlob = Annotated[str, AfterValidator(_check_glob)]
"""A pattern of such files, as in .gitignore."""
Text = Annotated[str, AfterValidator(_check_text)]
"""A name or a glob that a program is given, and must not take for an option."""
Words = Annotated[tuple[str, ...], AfterValidator(_check_words)]
"""A command: a program and its arguments; empty: none."""
StatePlace = Annotated[str, AfterValidator(_check_state)]
"""`sqlite`, or the URL of a PostgreSQL."""
Duration = Annotated[
    str,
    Field(
        pattern=r"^\d+(\.\d+)?(s|m|h|d)$",
        description="a number and a unit",
        examples=["90s", "15m", "2h", "1d"],
    ),
    AfterValidator(_check_duration),
]
"""`90s`, `15m`, `2h`, `1d`; at most a year."""
