"""What is known of one failure, as frozen facts that survive a checkpoint as JSON.

Belongs here: the shape of a failure. Does not belong here: how text becomes one (`parse`),
or which failures are the same (`fingerprint`).
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """A frozen value; unknown keys are errors: no field is lost between checkpoint and code."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)


class Frame(Fact):
    """One line of a traceback."""

    file: str
    """As printed; relative to the repository's root (posix) when it lies inside it."""
    line: int
    """1-based; 0 when unknown."""
    function: str
    source: str = ""
    """The source line, stripped; empty when the traceback did not show it."""
    own: bool = False
    """The file lies in the repository (not in site-packages or the standard library)."""
    locals: dict[str, str] = {}
    """Redacted `repr`s, at most 500 characters each, of names on the shown line (hook only)."""


class Raised(Fact):
    """One exception of a traceback's chain."""

    type: str
    """As printed: `KeyError`, `requests.exceptions.ConnectionError`."""
    message: str
    """May have several lines; cut at 4,000 characters."""
    frames: tuple[Frame, ...] = ()
    """Outermost first, as Python prints them."""
    notes: tuple[str, ...] = ()
    relation: Literal["", "cause", "context", "group"] = ""
    """How this exception led to the next in the chain; empty for the last."""
    attributes: dict[str, str] = {}
    """Redacted `repr`s of the exception's own attributes (hook only)."""


class Failure(Fact):
    """One failing run of one script. Everything in it is redacted before it is stored."""

    id: str
    script: str
    """Repository-relative posix path; empty when it could not be told."""
    source: Literal["run", "log", "report", "job", "rerun", "check", "baseline"]
    argv: tuple[str, ...] = ()
    """As it was typed."""
    command: tuple[str, ...] = ()
    """`argv` for another copy of the repository: paths inside it do not begin at `/`. Empty: as
    `argv`."""
    folder: str = ""
    """The repository's folder that it was started in; empty: its root, or a folder elsewhere."""
    exit_code: int | None = None
    signal: int | None = None
    timed_out: bool = False
    is_logged: bool = False
    """The job caught the exception, logged it as an error, and ended well."""
    chain: tuple[Raised, ...] = ()
    """Causes first; the last one ended the program. The members of a group stand before it, so
    that this holds for groups too. Empty: no traceback was seen."""
    stdout_tail: str = ""
    """The last 64 KiB, cut at a line end."""
    stderr_tail: str = ""
    stdin: str | None = None
    """Base64, where capture is on."""
    inputs: dict[str, str] = {}
    """Base64 contents of files it read inside the repository, by path, where capture is on."""
    commit: str = ""
    """The commit checked out when it failed; empty when unknown."""
    dirty: bool = False
    environment: dict[str, str] = {}
    """Values by allowlist only."""
    environment_names: tuple[str, ...] = ()
    occurred_at: str = ""
    """RFC 3339, UTC."""
    duration_s: float = 0.0
    fingerprint: str = ""
    """16 hexadecimal digits; names the incident."""
    count: int = 1
    """How many failures like it this record stands for: a storm in a log is one record."""

    @property
    def exception(self) -> Raised | None:
        """The exception that ended the program, or None without a traceback."""
        return self.chain[-1] if self.chain else None

    def moment(self, now: float) -> float:
        """When it happened, in seconds since the epoch; `now` where it does not say, or says later:
        a clock may have been set back."""
        try:
            return min(now, datetime.fromisoformat(self.occurred_at).timestamp())
        except ValueError:
            return now

    @property
    def culprit(self) -> Frame | None:
        """The innermost frame in the user's own code, or None.

        Of a group it is that of its first member that has one: the group itself was only raised
        where the members were gathered.
        """
        exceptions: list[Raised] = []
        if len(self.chain) > 1 and self.chain[-2].relation == "group":
            exceptions += [member for member in self.chain if member.relation == "group"]
        exceptions += self.chain[-1:]
        frames = (frame for each in exceptions for frame in reversed(each.frames) if frame.own)
        return next(frames, None)
