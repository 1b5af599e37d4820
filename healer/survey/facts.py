"""What was found in a repository, as frozen facts.

Belongs here: the shape of a survey. Does not belong here: how it is found (the other modules of
this package), or what is written of it (`healer.config.template`).
"""

from dataclasses import dataclass
from typing import Literal

Action = Literal["escalate", "review", "extend"]


@dataclass(frozen=True)
class Program:
    """A Python file that something or somebody starts."""

    path: str
    reasons: tuple[str, ...]
    """How that is known, most telling first: `entry point sync`, `cron in ops/crontab`."""


@dataclass(frozen=True)
class Job:
    """A program that is started by the clock."""

    script: str
    command: tuple[str, ...]
    schedule: str
    """As it stands in `place`: a cron expression, or systemd's `OnCalendar`."""
    place: str


@dataclass(frozen=True)
class Suite:
    """How the tests are run."""

    command: tuple[str, ...]
    """Empty: by pytest, as healer does where nothing is said."""
    place: str
    """What says so."""
    file_count: int


@dataclass(frozen=True)
class Dependencies:
    """Where packages and the interpreter are declared."""

    files: tuple[str, ...]
    manager: str
    """`uv`, `poetry`, `pdm`, `pipenv`, `conda`, `pip`; empty where nothing is declared."""
    pythons: tuple[str, ...]
    """Each with its place: `>=3.10 (pyproject.toml)`."""


@dataclass(frozen=True)
class Guard:
    """Paths that people should look at, and why."""

    paths: tuple[str, ...]
    reason: str
    action: Action


@dataclass(frozen=True)
class Survey:
    """Everything that `healer init` knows of a repository."""

    target: str
    globs: tuple[str, ...]
    """Of what may be healed."""
    programs: tuple[Program, ...]
    jobs: tuple[Job, ...]
    suite: Suite
    dependencies: Dependencies
    guards: tuple[Guard, ...]
    owners: str
    """The CODEOWNERS file; empty where there is none."""
