"""What comes out of a sandbox: everything seen of one job.

Belongs here: the frozen facts of a report, which both sides of the container's wall agree on. Does
not belong here: any opinion on whether a report is good news (that is `healer.judge`).
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Literal

from pydantic import Field

from sandbox.facts import Fact
from sandbox.world import WorldEffects


class SyntaxProblem(Fact):
    path: str
    line: int
    message: str


class LintFinding(Fact):
    """One finding. A linter that could not run is a finding with the code `ruff` and no path."""

    path: str
    line: int
    code: str
    message: str


class ProcessEnd(Fact):
    """How a process ended, as the supervisor saw it (never as the process said)."""

    exit_code: int | None
    """None when a signal ended it."""
    signal: int | None = None
    timed_out: bool = False
    oom: bool = False
    """The kernel's counter moved while it ran, in it or in a child."""
    stdout: str = ""
    """At most 1 MiB, decoded with replacement; the middle is cut, and says so."""
    stderr: str = ""
    seconds: float = 0.0
    executed: dict[str, tuple[int, ...]] = Field(default={})
    """Of the traced lines, those that ran in this step and in none before it."""
    missed: tuple[str, ...] = ()
    """What it asked its recorded world that is not recorded, such as `GET host/path`."""
    borrowed: tuple[str, ...] = ()
    """What it asked that only another night answers."""
    effects: WorldEffects | None = None
    """What it did to its recorded world; None: it had none."""


class TestResult(Fact):
    __test__ = False

    node: str
    """pytest's node id."""
    outcome: Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]
    detail: str = ""
    """The failure's text, at most 8,000 characters."""
    seconds: float = 0.0
    values: str = ""
    """Of the names in the line that failed, where the failure's own text says nothing of them."""
    inner_error: str = ""
    """The end of what a program that the test started wrote to its standard error, or an error that
    an object of the test holds: the reason behind `detail`. At most 3,000 characters."""


class TestRun(Fact):
    __test__ = False

    results: tuple[TestResult, ...]
    """Without sentinels. A node missing here did not report. A file that could not be collected
    is an `error` under its path."""
    ended: ProcessEnd
    """As the kernel saw it: with sentinels, which fail, an honest run of pytest ends with 1."""
    collected: tuple[str, ...] = ()
    """Node ids that collection found, in the order run."""
    sentinels: int = 0
    """How many must-fail tests were woven in."""
    sentinels_failed: int = 0
    """How many of those did fail. Fewer than `sentinels` means that the result is forged, or that
    the run did not come to its end (then `ended` says how it ended)."""
    is_of_command: bool = False
    """The run is a command's. A result of that command's name is made from its exit status; it is
    missing where failing tests explain that."""
    by_status: bool = False
    """Of a command's run: nothing but its exit status vouches for the results."""
    consistent: bool = True
    """The reports agree with each other and with the exit status. If not, `sentinels_failed` is 0,
    or `results` is empty where no sentinels were asked for, and `ended.stderr` says why."""


class FailingTests(Fact):
    """What one failing test executes, or some of one file that were traced together: by path, the
    first lines of functions, with 0 for a module and for a file that is opened. Child processes
    are included where they are Python."""

    nodes: tuple[str, ...]
    loaded: dict[str, tuple[int, ...]] = Field(default={})
    """Before the first test began: what importing its file executes. Of a file that cannot be
    collected it is all there is."""
    executed: dict[str, tuple[int, ...]] = Field(default={})

    def touches(self, places: Mapping[str, Collection[int]]) -> bool:
        """Whether any of the places, in the same form, was executed or loaded."""
        return _overlaps(self.loaded, places) or _overlaps(self.executed, places)


def _overlaps(places: Mapping[str, Collection[int]], others: Mapping[str, Collection[int]]) -> bool:
    return any(not set(lines).isdisjoint(others.get(path, ())) for path, lines in places.items())


class SpectrumTest(Fact):
    """One test of a spectrum: how it ended, and the watched lines that it executed."""

    node: str
    outcome: Literal["passed", "failed", "skipped", "timeout", "crashed"]
    detail: str = ""
    lines: dict[str, tuple[int, ...]] = Field(default={})
    seconds: float = 0.0
    """Processor time."""


class ScreenResult(Fact):
    """One candidate's result. `passed` says only that it is worth a full check."""

    index: int
    """Its place in `ScreenPlan.candidates`."""
    turn: int = 0
    """Its place in the order in which candidates were tried."""
    outcome: Literal["passed", "failed", "skipped", "timeout", "crashed", "alike"]
    """`alike`: not run, since in the first failing test every value stays what it is."""
    detail: str = ""
    """The first failing node id, or `(command)`, and the failure's text, at most 1,500
    characters."""
    seconds: float = 0.0
    """Processor time."""


class Behaviour(Fact):
    """What one candidate made a function do on inputs like those of the tests."""

    index: int
    outcome: Literal["passed", "failed", "skipped", "timeout", "crashed"]
    detail: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    """Arguments and result as text, each at most 300 characters."""
    repeats: tuple[tuple[str, str, str], ...] = ()
    """Arguments, and what the same call gives the first and the second time, where these differ;
    each at most 300 characters. The result in `pairs` is of both then."""
    strange: tuple[str, ...] = ()
    """Arguments, as in `pairs`, that are unlike all that the tests gave."""
    work_s: float = 0.0
    """Time of the calls that came to an end."""
    seconds: float = 0.0


class FaultKind(StrEnum):
    """Why the sandbox could not run a job. Never the program's fault."""

    ENGINE = "engine"  # Docker Engine away, restarted, refused
    IMAGE = "image"  # image missing or not buildable
    CONTAINER = "container"  # could not be created or started, or vanished
    PROTOCOL = "protocol"  # no complete frame came back
    DEADLINE = "deadline"  # the supervisor itself did not answer in time
    DISK = "disk"  # no space left on the host


class Fault(Fact):
    """The sandbox could not run it: UNJUDGED, never a pass and never a fail."""

    kind: FaultKind
    message: str
    """One sentence with the next step."""
    retryable: bool = True


class Report(Fact):
    """Everything seen of one job. With `fault` set, nothing else in it counts."""

    fault: Fault | None = None
    syntax: tuple[SyntaxProblem, ...] = ()
    lint: tuple[LintFinding, ...] = ()
    command: ProcessEnd | None = None
    variants: tuple[ProcessEnd, ...] = ()
    """The same command with each of the plan's variants, in their order."""
    varied_command: ProcessEnd | None = None
    """The same command in the surroundings of the tests' second run; None where there is none."""
    tests: tuple[TestRun, ...] = ()
    by_date: tuple[str, ...] = ()
    """Tests that pass today and not on the first of the next month, and `(command)` where it does
    so. Their runs of another day are left out."""
    failing: tuple[FailingTests, ...] = ()
    """Of the tests that fail in the first run, where the plan asks for it. A test that is missing
    could not be traced: what it executes is not known."""
    seen: tuple[SpectrumTest, ...] = ()
    """Of a screening plan's spectrum."""
    behaved: tuple[Behaviour, ...] = ()
    screened: tuple[ScreenResult, ...] = ()
    """In no order; candidates that the deadline cut off are missing."""
    seconds: float = 0.0
    """From handing over the job to the complete answer, on the host's monotonic clock."""
    step_seconds: dict[str, float] = Field(default={})
    """By step name (`compile`, `lint`, `command`, `tests`, `trace`), measured inside."""
    image: str = ""
    """The image's content tag: part of every cache key."""
    lacking: tuple[str, ...] = ()
    """What the repository declares and the image could not be given, as names with versions. Said
    by who made the image."""
