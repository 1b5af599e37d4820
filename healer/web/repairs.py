"""What the pages need of the rest of healer: one small Protocol and its facts.

Belongs here: the need. Does not belong here: how it is met (`healer.app`), or how it is shown.
"""

from typing import Protocol

from pydantic import AwareDatetime

from healer.failure import Fact
from healer.render.repair_view import RepairView


class RefusedError(Exception):
    """What was asked cannot be done; the message is one sentence with the next step."""


class ForbiddenError(RefusedError):
    """Whoever asks may not: another role could."""


class AwayError(RefusedError):
    """What it takes does not answer now."""


class LedgerLine(Fact):
    """One decision, as the ledger has it."""

    number: int
    """Grows from one decision to the next; there are gaps."""
    at: AwareDatetime
    repair: str
    script: str
    what: str
    """One sentence."""
    cost_usd: float = 0.0


class CostRow(Fact):
    """What one day cost, for one script, model and outcome."""

    day: str
    """`2026-11-20`, UTC."""
    script: str
    drafter: str
    """`rules`, or the model's name."""
    outcome: str
    repairs: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0


class Word(Fact):
    """What a person who followed a link wants."""

    action: str
    """`approve`, `reject`, `answer`, `ack` or `snooze`; on the fleet's page `rollback`, too."""
    who: str = ""
    """Which of the people who got the link; may be empty where one did."""
    by: str = ""
    """Who has signed on, and how; then nobody is asked who they are."""
    argument: str = ""
    """Why not, how long, or which choice."""
    value: str = ""
    """The right one, where no choice is."""
    overrule: bool = False
    commit: str = ""
    """The candidate that was shown, on the fleet's page."""


class AskView(Fact):
    """One thing that a link asks, and how it stands."""

    fingerprint: str
    script: str
    state: str
    """Of the incident, in a person's words."""
    summary: str
    life: tuple[str, ...]
    """What happened to the incident, a line each."""
    repair: RepairView | None
    actions: tuple[str, ...]
    """What can be decided by the link now."""
    note: str = ""
    """Why nothing can; empty where something can."""
    people: tuple[str, ...] = ()
    """Who got the link."""
    until: AwareDatetime


class IncidentLine(Fact):
    """One incident in a list."""

    fingerprint: str
    script: str
    state: str
    """In a person's words."""
    acked_by: str = ""
    """Who is at it; empty: nobody has said so."""
    is_over: bool
    count: int
    last_at: AwareDatetime
    summary: str


class IncidentView(IncidentLine):
    """One incident with its life."""

    life: tuple[str, ...]
    """As `healer incident ID` tells it, a line each."""
    commands: tuple[str, ...]
    """What can be typed about it now."""
    repairs: tuple[RepairView, ...]
    """The newest first, without their evidence."""


class JobLine(Fact):
    """One script that runs under healer."""

    script: str
    schedule: str
    last_run: AwareDatetime | None
    last_good_run: AwareDatetime | None
    last_exit: int | None
    last_end: str = ""
    """How that run ended, in a word or two; empty where it ended well."""
    trouble: str = ""
    """Whether a run did not come, or takes too long."""
    next_due: AwareDatetime | None
    waits_for_daemon: bool = False
    """healer is to start it, and no daemon runs."""


class HealthLine(Fact):
    """One thing that a repair needs, as it is now."""

    name: str
    is_well: bool
    detail: str


class PauseLine(Fact):
    """What a person has paused."""

    script: str
    """Empty: all of them."""
    by: str


class SettingLine(Fact):
    """What healer.toml has come to have this machine do, and nobody has allowed."""

    key: str
    value: str
    effect: str


class Health(Fact):
    """How the repository stands, as `healer status` says it."""

    lines: tuple[HealthLine, ...]
    jobs: tuple[JobLine, ...]
    pauses: tuple[PauseLine, ...] = ()
    settings: tuple[SettingLine, ...] = ()
    """Those that wait for the word of the machine's owner."""


class Repairs(Protocol):
    """Repairs of one repository. Called from several threads; each call ends within a second.

    Who decides is the person whose account serves the page, unless `by` says so.
    """

    def all(self) -> tuple[RepairView, ...]:
        """Newest first; everything that runs or waits, and of the ended at least the newest 100."""

    def page(self, state: str, limit: int, after: str) -> tuple[RepairView, ...]:
        """Repairs in a state (in any without one), newest first, without their evidence: of those
        older than the repair `after` where one is named. Raises RefusedError for one that is not
        known."""

    def version(self) -> str:
        """Changes whenever anything does that a page shows; asked every second by each page."""

    def get(self, repair: str) -> RepairView | None:
        """One repair by its id."""

    def approve(self, repair: str, *, overrule: bool, by: str = "") -> None:
        """Has the waiting repair checked again and merged; it shows in its state how that goes.

        `overrule` is needed where it has something in `against`. Raises RefusedError.
        """

    def answer(self, repair: str, choice: str, value: str, *, by: str = "") -> None:
        """Has the answer to the repair's question kept as a test, and the fix that agrees with it
        checked again and merged. `choice` is a number from 1, or `none`, then with `value` where
        the person knows the right one. Raises RefusedError."""

    def reject(self, repair: str, reason: str, *, by: str = "") -> None:
        """Ends the waiting repair and keeps the reason. Raises RefusedError."""

    def roll_back(self, repair: str, reason: str, *, by: str = "") -> None:
        """Has a merged repair taken out again, as a new commit that is checked first; where that
        does not pass, its reason says why. Raises RefusedError."""

    def submit(self, script: str, args: tuple[str, ...] | None) -> str:
        """Starts a repair of a script, or finds the open one; its id. Raises RefusedError.

        With `args` the script is run with them; None takes its newest recorded failure, and
        failing that its own checks.
        """

    def incidents(self) -> tuple[IncidentLine, ...]:
        """Every incident, the one that failed last first."""

    def untaken(self) -> int:
        """How many recorded failures nobody has taken up: they are in no incident yet."""

    def incident(self, fingerprint: str) -> IncidentView | None:
        """One incident by its whole id."""

    def put_off(self, fingerprint: str, duration: str, *, by: str = "") -> None:
        """Leaves an incident alone for `duration` (`2h`), or, without one, says that somebody is
        at it. Raises RefusedError."""

    def health(self) -> Health:
        """Jobs, and what a repair needs."""

    def pause(self, *, by: str = "") -> None:
        """Stops every merge and new repair at once, until `resume`."""

    def resume(self, *, by: str = "") -> None:
        """Ends every pause."""

    def trust(self, settings: tuple[SettingLine, ...], *, by: str = "") -> None:
        """Allows these settings. Raises RefusedError where others wait by now: what nobody has
        seen is not allowed."""

    def metrics(self) -> str:
        """The same as numbers, in Prometheus's text format."""

    def ask(self, reference: str) -> AskView:
        """What a link of a mail asks. Raises RefusedError for one that is forged or too old."""

    def decide(self, reference: str, word: Word) -> str:
        """Carries out a word by a link, once; gives what is so now. Raises RefusedError."""

    def ledger(self, limit: int, repair: str = "", before: int = 0) -> tuple[LedgerLine, ...]:
        """Decisions, of one repair or of all, newest first: of those with a number below `before`
        where that is not 0."""

    def costs(self) -> tuple[CostRow, ...]:
        """What was spent, oldest day first."""
