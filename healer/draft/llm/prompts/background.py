"""What a draft may know besides the failure and the tree: history and memory.

Belongs here: the Protocols by which git and the memory are asked, and the facts they answer with.
The drafter is given objects that answer; it imports neither git nor the memory.
"""

from typing import Protocol

from healer.facts.draft import Exchange
from healer.failure import Fact, Failure


class Incident(Fact):
    """A similar failure of earlier, and what came of its fix."""

    failure: str
    """One or two lines: exception, place."""
    diff: str
    worked: bool
    """False: the fix was rejected or taken out again."""
    why: str = ""
    """Why it did not work, where that is known."""


class Recalled(Fact):
    """What the memory says, and the calls to an endpoint that it made for it."""

    incidents: tuple[Incident, ...] = ()
    exchanges: tuple[Exchange, ...] = ()


class History(Protocol):
    """Read-only questions to git about the base commit."""

    def last_change(self, base: str, path: str, line: int) -> str:
        """The diff of the commit that last touched this line, if it is newer than the last good
        run of the script; otherwise an empty string. `base` is the commit to look from."""

    def lines(self, base: str, path: str, first: int, last: int) -> str:
        """The log of these lines, newest first, with their diffs; empty where there is none."""


class Memory(Protocol):
    """What was learnt earlier."""

    def similar(self, repair: str, failure: Failure, limit: int) -> Recalled:
        """The nearest incidents, best first; what it costs is of this repair."""


class NoHistory:
    """Where git is not asked."""

    def last_change(self, base: str, path: str, line: int) -> str:
        del base, path, line
        return ""

    def lines(self, base: str, path: str, first: int, last: int) -> str:
        del base, path, first, last
        return ""


class NoMemory:
    """Where nothing was learnt yet."""

    def similar(self, repair: str, failure: Failure, limit: int) -> Recalled:
        del repair, failure, limit
        return Recalled()
