"""What goes into a sandbox: a tree and a plan.

Belongs here: the frozen facts of a job, which both sides of the container's wall agree on. Does not
belong here: what comes out (`sandbox.report`), and Docker.
"""

from pydantic import Field

from sandbox.facts import Fact
from sandbox.world import World


class Limits(Fact):
    """What one job may use."""

    memory_mb: int = 512
    cpus: float = 1.0
    pids: int = 128
    timeout_s: float = 120.0
    """Wall clock for the whole job, measured inside; the host waits a little longer."""
    folders: tuple[str, ...] = ()
    """Folders beside the tree that are empty and can be written to, from `/` on: what lies there in
    the image is hidden."""

    def with_folders_of(self, command: "Command | None") -> "Limits":
        """The same, with the folders of the command's world."""
        world = command.world if command else None
        return self.model_copy(update={"folders": world.folders}) if world else self


class Command(Fact):
    """One command run inside the tree as the unprivileged user."""

    argv: tuple[str, ...]
    """`python` as first word means the image's interpreter."""
    stdin: bytes = b""
    cwd: str = ""
    """The folder it is started in: relative to the tree's root, empty for the root itself, or from
    `/` on."""
    files: dict[str, bytes] = Field(default={})
    """Extra input files laid over the tree for this command only, by relative path."""
    env: dict[str, str] = Field(default={})
    """Added to the sandbox's own few variables."""
    world: World | None = None
    """Played back around it; None: there is nothing but the tree."""


class TestPlan(Fact):
    """How the tests are run."""

    __test__ = False  # pytest would collect the name

    args: tuple[str, ...] = ()
    """Arguments after `python -m pytest`; the runner's own configuration comes from the plan."""
    command: tuple[str, ...] = ()
    """A command that is not pytest. Its exit status is a test of its name, and tests that it runs
    tell how they end. Empty: pytest."""
    config: str = ""
    """The pytest settings of the base commit, as INI text, or empty."""
    select: tuple[str, ...] = ()
    """Node ids or paths; empty means all."""
    sentinels: bool = True
    """Weave in tests that must fail, under names the code under test cannot know."""
    sentinel_hosts: tuple[str, ...] = ()
    """Node ids of the tests of which a sentinel is made first (those that a fix is for)."""
    seeds: tuple[int | None, ...] = (None,)
    """One run per entry; None keeps the order, a number shuffles it. All but the first are run at
    the same time in a second container, whose surroundings differ."""
    trace_failing: bool = False
    """Run the tests that fail in every run once more, and tell what they execute."""


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
    tests_only: int = 0
    """Of the candidates, on so many at the end the command is not run."""
    probes: tuple[Probe, ...] = ()
    """Expressions to look at first: of candidates that would give one the same values in the first
    failing test, one is tried early and the others late; those that change none are not tried."""
    most: int = 0
    """Of the candidates, so many are tried in this run, the first in that order; 0: all of them."""
    compare: tuple[str, ...] = ()
    """A path and a function's name: tell what candidates make it return on many inputs. An empty
    candidate is the program as it is, on the inputs of the first."""
    widely: bool = False
    """Of a comparison: the inputs are those of the tree as it is, and others far from them; what is
    printed and left changed is told too, and under no arguments what the command does."""
    words: tuple[str, ...] = ()
    """Literals, as text, that such inputs may hold."""
    examples: tuple[str, ...] = ()
    """Literals, as text, that are surely tried in place of an argument of their type."""
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
    variants: tuple[dict[str, bytes], ...] = ()
    """New contents of some files, by path: the command is run with each, in a fresh tree at rights
    of its own, and not on the tree as it came."""
    variant_s: float = 60.0
    """Wall clock for each of those runs."""
    tests: TestPlan | None = None
    screen: ScreenPlan | None = None
    trace: dict[str, tuple[int, ...]] = Field(default={})
    """Lines whose execution is to be noticed, by path."""


class Job(Fact):
    """One tree and what to do with it. Used once, in a container of its own."""

    tree: bytes
    """A tar of regular files only."""
    plan: Plan
    limits: Limits = Limits()
    paths: tuple[str, ...] = ()
    """Folders of the tree that are on Python's path, as those of packages that are installed as
    links to it; relative."""
    is_varied: bool = False
    """Run it where everything differs that a program may lean on: see `sandbox.surroundings`."""
    is_dated: bool = False
    """And on the first day of the next month."""
