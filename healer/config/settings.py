"""The shape of healer.toml: every key, its default, and what is allowed.

Belongs here: keys and their meaning. Does not belong here: reading files (`load`).
"""

from typing import Annotated, Literal, Self

import pathspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, model_validator

from healer.config.kinds import (
    Branch,
    Duration,
    StatePlace,
    Text,
    TreeGlob,
    TreePath,
    Words,
    seconds,
)
from healer.draft.llm.endpoint.settings import ModelSettings
from healer.forge.settings import ForgeSettings
from healer.nights.expectations import Expectation
from healer.notify.decide_settings import DecideSettings
from healer.notify.settings import MailSettings
from healer.support.token_settings import OptionalVariableName
from healer.watch.agent_settings import AgentSettings
from healer.watch.schedule import CronSchedule, Schedule, find_mistake

Autonomy = Literal["merge", "review", "suggest", "off"]
_SOME_MONDAY = 1_767_571_200.0
"""From there two slots tell how far a schedule's runs lie apart, as a rule."""


class Section(BaseModel):
    """One table of healer.toml; unknown keys are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False
    )


class Tests(Section):
    __test__ = False

    command: Words = ("python", "-m", "pytest", "-q")
    """How the tests are run. The exit status of a command that is not pytest always counts, and its
    tests are known by name where unittest, Django or pytest run them. Where nothing is set, what
    the project's own files say (tox, nox, Makefile, task tables, manage.py), else pytest."""
    write: StrictBool = True
    """Whether a fix leaves a test of the recorded case where no test failed before it. It is part
    of the same commit, and no evidence for the fix, nor for a later one until you change it. Where
    nothing says what the failing call should give, you are asked that instead (`healer answer`),
    and your answer becomes the test. Where none can be written, the fix comes without one."""


class Watch(Section):
    logs: tuple[Text, ...] = ("logs/*.log",)
    """Globs of files in which Python tracebacks appear."""
    after: int = Field(default=1, ge=1, le=100_000)
    """Failures with one fingerprint before a repair starts."""
    cooldown_s: float = Field(default=300, ge=0, le=31_536_000)
    """Between repairs of one fingerprint; doubles while it cannot be fixed."""


class SandboxSettings(Section):
    image: Text = "auto"
    """`auto`, the path of a Dockerfile, or the name of an image."""
    python: str = ""
    """The interpreter that `auto` packs; empty: the environment's (.venv, venv, VIRTUAL_ENV)."""
    memory_mb: int = Field(default=512, ge=64, le=4_194_304)
    cpus: float = Field(default=1.0, gt=0, le=1_024)
    pids: int = Field(default=128, ge=16, le=4_194_304)
    timeout_s: float = Field(default=120, gt=0, le=86_400)
    include: tuple[TreeGlob, ...] = Field(default=(), examples=[["data/**"]])
    """Globs of untracked inputs that a run needs, copied in read-only."""
    runtime: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*)?$",
        description="the name of a runtime, or empty",
        examples=["runsc"],
    )
    """An OCI runtime that Docker Engine knows, such as `runsc`; empty: its default."""
    pool: int = Field(default=1, ge=0, le=32)
    """Containers the daemon keeps started ahead of need."""


class Job(Section):
    """Settings of one script, over the general ones."""

    script: TreePath = Field(examples=["scripts/sync.py"])
    command: Words = Field(default=(), examples=[["python", "scripts/sync.py", "--all"]])
    every: Duration | None = None
    """healer also starts it, and notices a missed or overdue run."""
    schedule: str = Field(default="", examples=["10 2 * * 1-5"])
    """A cron expression, in `timezone`, instead of `every`."""
    timezone: str = Field(default="UTC", examples=["Europe/Vienna"])
    grace: Duration = "20m"
    """How much later than its slot a run may begin before somebody is told."""
    started_by: str = Field(
        default="healer",
        pattern=r"^[a-z][a-z0-9._-]*$",
        description="who starts it",
        examples=["healer", "cron", "systemd"],
    )
    """Anything but `healer`: others start it, under `healer run`, and healer notices the run that
    did not happen."""
    max_runtime: Duration = "1h"
    autonomy: Autonomy | None = None
    after: int | None = Field(default=None, ge=1, le=100_000)
    probation_runs: int | None = Field(default=None, ge=1, le=100_000)
    probation_h: float | None = Field(default=None, gt=0, le=87_600)
    rerun: Literal["never", "after-heal"] = "never"
    """`after-heal`: its owner says that it may run twice, so a run that failed is done again, once,
    when its fix was merged."""
    catch_up: Literal["last", "all"] = "last"
    """Of several runs that failed alike before the fix: the last is done again, or each different
    command once, oldest first."""
    capture: StrictBool = False
    """Keep standard input, too: a pipe is then read ahead of the job."""
    expect: tuple[Expectation, ...] = ()
    """What a good outcome is; a run that ends well without it is a failure. `healer expect SCRIPT`
    proposes them."""

    @model_validator(mode="after")
    def _has_one_plan(self) -> Self:
        if self.schedule and self.every:
            raise ValueError("every and schedule exclude each other; keep one")
        if mistake := find_mistake(self.schedule or "0 0 * * *", self.timezone):
            raise ValueError(mistake)
        for key, duration in (("every", self.every), ("max_runtime", self.max_runtime)):
            if duration and not seconds(duration):
                raise ValueError(f"{key} = {duration!r} is no time at all; such as 15m")
        return self

    @property
    def is_planned(self) -> bool:
        """healer knows when it should run."""
        return bool(self.every or self.schedule)

    @property
    def plan(self) -> Schedule | CronSchedule:
        """When it should run; for one that `is_planned`."""
        longest_s = seconds(self.max_runtime)
        if self.schedule:
            grace_s = seconds(self.grace)
            return CronSchedule(self.schedule, longest_s, self.timezone, grace_s)
        return Schedule(seconds(self.every or "1d"), longest_s)

    @property
    def plan_in_words(self) -> str:
        """`every 15m`, or `at 10 2 * * 1-5 (Europe/Vienna)`."""
        return f"every {self.every}" if self.every else f"at {self.schedule} ({self.timezone})"


class Maintenance(Section):
    """A time in which nothing is merged and no repair begins; failures are counted."""

    schedule: str = Field(examples=["0 22 * * 6"])
    """When it begins: a cron expression, in `timezone`."""
    duration: Duration = Field(examples=["8h"])
    timezone: str = Field(default="UTC", examples=["Europe/Vienna"])
    scripts: tuple[TreeGlob, ...] = ()
    """Globs of the scripts that it is for; none: all."""

    @model_validator(mode="after")
    def _comes(self) -> Self:
        if mistake := find_mistake(self.schedule, self.timezone):
            raise ValueError(mistake)
        return self

    def end_of(self, now: float) -> float:
        """When the one that is on at `now` ends, in seconds since the epoch; 0 where none is."""
        plan = CronSchedule(self.schedule, 0.0, self.timezone)
        end = plan.slot_of(now) + seconds(self.duration)
        return end if now < end else 0.0

    def concerns(self, script: str) -> bool:
        """Whether it is for this script; an empty name stands for all."""
        spec = pathspec.GitIgnoreSpec.from_lines(self.scripts)
        return not self.scripts or spec.match_file(script)


class FleetSettings(Section):
    """Several machines on one PostgreSQL."""

    tenant: str = Field(default="default", pattern=r"^[A-Za-z0-9._-]{1,63}$")
    """Whose repositories these are: tenants of one database see nothing of each other."""


class Capture(Section):
    """What `healer run` records of a job's world, of failures and of a few good runs. Read without
    this model there (`healer.watch.runner.run`), where every millisecond counts."""

    enabled: StrictBool = True
    network: StrictBool = True
    """What goes through Python's sockets and TLS, in plain text, without secrets."""
    max_mb: int = Field(default=32, ge=1, le=512)
    """Of one run; what comes after is not kept, and the tape says so."""
    good_nights: int = Field(default=5, ge=0, le=50)
    """Tapes of runs that ended well, for each script: they say what a fix must leave as it was."""
    skip: tuple[Text, ...] = Field(default=(), examples=[["*.bank.example", "/srv/people/*"]])
    """Globs of hosts, files and variables of which nothing is kept."""


def _check_push(value: object) -> object:
    if value not in (True, False, "pr") or isinstance(value, int | float) > isinstance(value, bool):
        raise ValueError('must be true, false or "pr"')
    return value


class Config(Section):
    """healer.toml as a whole."""

    target: Branch = "main"
    """The branch that fixes are merged into."""
    state: StatePlace = "sqlite"
    """`sqlite` (in the repository's git folder) or a postgresql:// URL, which many repositories may
    use. Clones of one remote that push are one repository there: one repair, mail and budget."""
    state_env: OptionalVariableName = Field(default="", examples=["HEALER_STATE_URL"])
    """The variable that holds the URL of `state`: a password never stands in a committed file."""
    scripts: tuple[TreeGlob, ...] = ("scripts/**/*.py",)
    """Globs of what may be healed."""
    autonomy: Autonomy = "merge"
    push: Annotated[
        bool | Literal["pr"],
        BeforeValidator(_check_push),
        Field(description='true, false or "pr"', examples=[False, "pr"]),
    ] = False
    """Push quarantine branches and merges to the target's remote. `pr`: each fix is a pull request
    first, and one that is proved merges once the forge's own checks have passed."""
    search_s: float = Field(default=30, ge=0, le=86_400)
    """Seconds of search for one draft without a model; 0 leaves only the rules."""
    notes: StrictBool = False
    """Write `NAME.md` beside a script that has none."""
    consolidate_at: str = Field(
        default="03:30",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^$",
        description="a time of day, or empty for never",
        examples=["03:30", ""],
    )
    """Local time at which the daemon looks for patterns over many repairs; empty for never."""
    keep_days: int = Field(default=30, ge=1, le=36_500)
    """How long quarantine branches and evidence are kept; what waits for a person is kept."""
    probation_runs: int = Field(default=3, ge=1, le=100_000)
    """A merged fix is on probation for so many good runs of its script…"""
    probation_h: float = Field(default=24, gt=0, le=87_600)
    """… or for so many hours, whichever comes first."""
    tests: Tests = Tests()
    watch: Watch = Watch()
    sandbox: SandboxSettings = SandboxSettings()
    capture: Capture = Capture()
    model: ModelSettings = ModelSettings()
    forge: ForgeSettings = Field(default_factory=lambda: ForgeSettings.model_validate({}))
    mail: MailSettings = Field(default_factory=lambda: MailSettings.model_validate({}))
    decide: DecideSettings = Field(default_factory=lambda: DecideSettings.model_validate({}))
    fleet: FleetSettings = FleetSettings()
    agent: AgentSettings = Field(default_factory=lambda: AgentSettings.model_validate({}))
    maintenance: tuple[Maintenance, ...] = ()
    job: tuple[Job, ...] = ()

    def may_heal(self, script: str) -> bool:
        """Whether the script is one of those that healer repairs by itself."""
        has_job = any(job.script == script for job in self.job)
        return has_job or pathspec.GitIgnoreSpec.from_lines(self.scripts).match_file(script)

    def job_of(self, script: str) -> Job | None:
        """The settings of one script, by repository-relative path."""
        return next((job for job in self.job if job.script == script), None)

    def after_of(self, script: str) -> int:
        """Failures with one fingerprint before a repair of this script starts."""
        job = self.job_of(script)
        return job.after if job and job.after else self.watch.after

    def probation_of(self, script: str) -> tuple[int, float]:
        """How many good runs, or how many seconds, a merged fix of this script is watched.

        A job that healer starts is watched for two of its intervals at least.
        """
        job = self.job_of(script)
        runs = job.probation_runs if job and job.probation_runs else self.probation_runs
        hours = job.probation_h if job and job.probation_h else self.probation_h
        every_s = seconds(job.every) if job and job.every else 0.0
        if job and job.schedule:
            slot = job.plan.next_slot(_SOME_MONDAY)
            every_s = job.plan.next_slot(slot) - slot
        return runs, max(hours * 3_600.0, 2 * every_s)

    def autonomy_of(self, script: str) -> Autonomy:
        """How far a repair of this script may go by itself."""
        job = self.job_of(script)
        return job.autonomy if job and job.autonomy else self.autonomy
