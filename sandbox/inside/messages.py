"""The JSON of a job and of its report, as types: what each field means is said in `sandbox.job`.

Belongs here: names and types. Does not belong here: checking them. What comes in was made by the
host's models, and the same models check what goes out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from typing import NotRequired

    from .world.messages import World

    Lines = dict[str, list[int]]
    """Line numbers by path."""
    Candidate = dict[str, str]
    """New contents of some files, by path."""


class CommandPlan(TypedDict):
    """Of `Command`, with the bytes decoded."""

    argv: list[str]
    stdin: bytes
    cwd: str
    files: dict[str, bytes]
    env: dict[str, str]
    world: NotRequired[World | None]


class TestsPlan(TypedDict):
    """Of `TestPlan`."""

    args: list[str]
    command: list[str]
    config: str
    select: list[str]
    sentinels: bool
    sentinel_hosts: list[str]
    seeds: list[int | None]
    trace_failing: NotRequired[bool]


class ProbeSite(TypedDict):
    """Of `Probe`."""

    path: str
    at: list[int]
    truth: bool
    pure: bool
    forms: list[str]
    members: list[int]


class ScreeningPlan(TypedDict):
    """Of `ScreenPlan`."""

    tests: TestsPlan
    use_tests: bool
    command: CommandPlan | None
    watched: list[str]
    spectrum: bool
    candidates: list[Candidate]
    tests_only: int
    probes: list[ProbeSite]
    most: int
    compare: list[str]
    widely: bool
    words: list[str]
    examples: list[str]
    failing: list[str]
    passing: list[str]
    select: list[str]
    limit_s: float
    workers: int


class Plan(TypedDict):
    """Of `Plan`."""

    compile: list[str]
    lint: list[str]
    lint_rules: list[str]
    lint_config: str
    command: CommandPlan | None
    variants: NotRequired[list[dict[str, bytes]]]
    variant_s: NotRequired[float]
    tests: TestsPlan | None
    screen: ScreeningPlan | None
    trace: Lines


class SyntaxProblem(TypedDict):
    path: str
    line: int
    message: str


class LintFinding(TypedDict):
    path: str
    line: int
    code: str
    message: str


class ChangedFile(TypedDict):
    """Of `sandbox.world.ChangedFile`."""

    path: str
    size: int
    digest: str
    data: str | None
    is_same: bool


class SentRequest(TypedDict):
    """Of `sandbox.world.SentRequest`."""

    method: str
    host: str
    port: int
    target: str
    body: str


class SpokenTurns(TypedDict):
    """Of `sandbox.world.SpokenTurns`."""

    host: str
    port: int
    turns: list[str]


class WorldEffects(TypedDict):
    """Of `sandbox.world.WorldEffects`."""

    files: list[ChangedFile]
    requests: list[SentRequest]
    talks: list[SpokenTurns]


class ProcessEnd(TypedDict):
    exit_code: int | None
    signal: int | None
    timed_out: bool
    oom: bool
    stdout: str
    stderr: str
    seconds: float
    executed: NotRequired[Lines]
    missed: NotRequired[list[str]]
    borrowed: NotRequired[list[str]]
    effects: NotRequired[WorldEffects]


class TestResult(TypedDict):
    node: str
    outcome: str
    detail: str
    seconds: float
    values: NotRequired[str]
    inner_error: NotRequired[str]


class TestRun(TypedDict):
    results: list[TestResult]
    ended: ProcessEnd
    collected: NotRequired[list[str]]
    sentinels: NotRequired[int]
    sentinels_failed: NotRequired[int]
    consistent: NotRequired[bool]
    is_of_command: NotRequired[bool]
    by_status: NotRequired[bool]


class FailingTests(TypedDict):
    """Of `sandbox.report.FailingTests`."""

    nodes: list[str]
    loaded: Lines
    executed: Lines


class ScreenRecord(TypedDict, total=False):
    """What a screening worker sends: a `SpectrumTest`, a `ScreenResult` or a `Behaviour`."""

    kind: str
    index: int
    turn: int
    node: str
    outcome: str
    detail: str
    seconds: float
    lines: Lines
    pairs: list[tuple[str, str]]
    repeats: list[tuple[str, str, str]]
    strange: list[str]
    work_s: float


class Fault(TypedDict):
    kind: str
    message: str
    retryable: bool


class Report(TypedDict, total=False):
    fault: Fault
    syntax: list[SyntaxProblem]
    lint: list[LintFinding]
    command: ProcessEnd
    variants: list[ProcessEnd]
    tests: list[TestRun]
    failing: list[FailingTests]
    seen: list[ScreenRecord]
    screened: list[ScreenRecord]
    behaved: list[ScreenRecord]
    step_seconds: dict[str, float]
    inside_seconds: float
