"""What goes into a sandbox and what comes out: a tree and a plan in, a report out.

Belongs here: the frozen facts both sides of the container's wall agree on. Does not belong here:
Docker, and any opinion on whether a report is good news (that is `healer.judge`).
"""

from enum import StrEnum
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """A frozen value; unknown keys are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )


class Limits(Fact):
    """What one job may use."""

    memory_mb: int = 512
    cpus: float = 1.0
    pids: int = 128
    timeout_s: float = 120.0
    """Wall clock for the whole job, measured inside; the host waits a little longer."""


class Command(Fact):
    """One command run inside the tree as the unprivileged user."""

    argv: tuple[str, ...]
    """`python` as first word means the image's interpreter."""
    stdin: bytes = b""
    cwd: str = ""
    """The folder it is started in, relative to the tree's root; empty: the root."""
    files: dict[str, bytes] = {}
    """Extra input files laid over the tree for this command only, by relative path."""
    env: dict[str, str] = {}
    """Added to the sandbox's own few variables."""


class TestPlan(Fact):
    """How the tests are run."""

    __test__ = False  # pytest would collect the name

    args: tuple[str, ...] = ()
    """Arguments after `python -m pytest`; the runner's own configuration comes from the plan."""
    command: tuple[str, ...] = ()
    """A command that is not pytest: one test of that name, known by its exit status alone. Empty:
    pytest."""
    config: str = ""
    """The pytest settings of the base commit, as INI text, or empty."""
    plugins: tuple[str, ...] = ()
    """pytest plugins that the base commit's configuration names (autoload is off), by entry point
    or module name; `*` stands for all that are installed in the image, as autoload would."""
    select: tuple[str, ...] = ()
    """Node ids or paths; empty means all."""
    sentinels: bool = True
    """Weave in tests that must fail, under names the code under test cannot know."""
    sentinel_hosts: tuple[str, ...] = ()
    """Node ids of the tests of which a sentinel is made first (those that a fix is for)."""
    seeds: tuple[int | None, ...] = (None,)
    """One run per entry, each in a fresh child; None keeps the order, a number shuffles it."""


class Probe(Fact):
    """One expression of a watched file, and the other forms that some candidates give it."""

    path: str
    at: tuple[int, int, int, int]
    """Line and column of its start and its end, as `ast` counts them."""
    truth: bool = False
    """Only whether it is true matters where it stands."""
    pure: bool = False
    """Evaluating it, as it stands, has no effect."""
    forms: tuple[str, ...]
    members: tuple[int, ...]
    """For each form, the candidate that has it, as a place in `ScreenPlan.candidates`."""


class ScreenPlan(Fact):
    """Many candidates tried in one container: search, not proof. See `sandbox.screen`."""

    tests: TestPlan = TestPlan(sentinels=False)
    use_tests: bool = True
    """False: only the command decides."""
    command: Command | None = None
    """A Python program that must end with 0, after the tests."""
    watched: tuple[str, ...] = ()
    """Files that candidates change, and whose executed lines a spectrum tells."""
    spectrum: bool = False
    """Run every test once on the tree itself, instead of candidates."""
    candidates: tuple[dict[str, str], ...] = ()
    """New contents of some files, by path, for each candidate."""
    probes: tuple[Probe, ...] = ()
    """Expressions to look at first: of candidates that would give one the same values in the first
    failing test, one is tried early and the others late; those that change none are not tried."""
    most: int = 0
    """Of the candidates, so many are tried in this run, the first in that order; 0: all of them."""
    compare: tuple[str, ...] = ()
    """A path and a function's name: tell what candidates make it return on many inputs. An empty
    candidate is the program as it is, on the inputs of the first."""
    failing: tuple[str, ...] = ()
    """Node ids that must pass; tried first."""
    passing: tuple[str, ...] = ()
    """Node ids that must still pass."""
    select: tuple[str, ...] = ()
    """Node ids or paths to collect; empty means all."""
    limit_s: float = 1.0
    """Processor time that one candidate, or one test of a spectrum, may use."""
    workers: int = 0
    """Processes that share the work; 0 means one for each core of the container."""


class Plan(Fact):
    """What is done with the tree, in this order; an empty entry is left out."""

    compile: tuple[str, ...] = ()
    """Python files to compile, relative paths."""
    lint: tuple[str, ...] = ()
    """Python files to lint."""
    lint_rules: tuple[str, ...] = ("E9", "F")
    """Explicit ruff selectors: the default set moves between ruff versions."""
    lint_config: str = ""
    """A ruff configuration (TOML text) read from the base commit, or empty for none. If it selects
    rules, those are used instead of `lint_rules`; what it ignores is ignored either way."""
    command: Command | None = None
    """The failing command."""
    tests: TestPlan | None = None
    screen: ScreenPlan | None = None
    trace: dict[str, tuple[int, ...]] = {}
    """Lines whose execution is to be noticed, by path."""


class Job(Fact):
    """One tree and what to do with it. Used once, in a container of its own."""

    tree: bytes
    """A tar of regular files only."""
    plan: Plan
    limits: Limits = Limits()


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


class Ended(Fact):
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
    executed: dict[str, tuple[int, ...]] = {}
    """Of the traced lines, those that ran in this step and in none before it."""


class TestResult(Fact):
    __test__ = False

    node: str
    """pytest's node id."""
    outcome: Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]
    detail: str = ""
    """The failure's text, at most 8,000 characters."""
    seconds: float = 0.0


class TestRun(Fact):
    __test__ = False

    results: tuple[TestResult, ...]
    """Without sentinels. A node missing here did not report. A file that could not be collected
    is an `error` under its path."""
    ended: Ended
    """As the kernel saw it: with sentinels, which fail, an honest run of pytest ends with 1."""
    collected: tuple[str, ...] = ()
    """Node ids that collection found, in the order run."""
    sentinels: int = 0
    """How many must-fail tests were woven in."""
    sentinels_failed: int = 0
    """How many of those did fail. Fewer than `sentinels` means that the result is forged, or that
    the run did not come to its end (then `ended` says how it ended)."""
    by_status: bool = False
    """The run is a command's, and its one result is made from its exit status."""
    consistent: bool = True
    """The reports agree with each other and with the exit status. If not, `sentinels_failed` is 0,
    or `results` is empty where no sentinels were asked for, and `ended.stderr` says why."""


class Seen(Fact):
    """One test of a spectrum: how it ended, and the watched lines that it executed."""

    node: str
    outcome: Literal["passed", "failed", "skipped", "timeout", "crashed"]
    detail: str = ""
    lines: dict[str, tuple[int, ...]] = {}
    seconds: float = 0.0
    """Processor time."""


class Screened(Fact):
    """One candidate's result. `passed` says only that it is worth a full check."""

    index: int
    """Its place in `ScreenPlan.candidates`."""
    turn: int = 0
    """Its place in the order in which candidates were tried."""
    outcome: Literal["passed", "failed", "skipped", "timeout", "crashed", "alike"]
    """`alike`: not run, since in the first failing test every value stays what it is."""
    detail: str = ""
    """The first failing node id and the failure's text, at most 1,500 characters."""
    seconds: float = 0.0
    """Processor time."""


class Behaved(Fact):
    """What one candidate made a function do on inputs like those of the tests."""

    index: int
    outcome: Literal["passed", "failed", "skipped", "timeout", "crashed"]
    detail: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    """Arguments and result as text, each at most 300 characters."""
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
    command: Ended | None = None
    tests: tuple[TestRun, ...] = ()
    seen: tuple[Seen, ...] = ()
    """Of a screening plan's spectrum."""
    behaved: tuple[Behaved, ...] = ()
    screened: tuple[Screened, ...] = ()
    """In no order; candidates that the deadline cut off are missing."""
    seconds: float = 0.0
    """From handing over the job to the complete answer, on the host's monotonic clock."""
    step_seconds: dict[str, float] = {}
    """By step name (`compile`, `lint`, `command`, `tests`), measured inside."""
    image: str = ""
    """The image's content tag: part of every cache key."""


class Sandbox(Protocol):
    """Runs one job in a fresh place without network, and says what happened."""

    def run(self, job: Job) -> Report:
        """Never raises for what the job did or for a sandbox fault: both are in the report."""

    def prepare(self, limits: Limits) -> None:
        """Says that a job with these limits comes soon. Never raises."""

    def close(self) -> None:
        """Removes every container that this object started. May be called twice."""
