"""One incident: all failures with one fingerprint, how it stands, and what one more failure means.

Belongs here: the fact and its rules, pure. Does not belong here: keeping it (`incidents`), and the
time (callers give it, in seconds since the epoch). Only the standard library: whoever looks must
not wait.
"""

from dataclasses import dataclass, replace
from typing import Literal

from healer.facts.states import INCIDENT, OVER, IncidentEvent, IncidentState

MAX_COOLDOWN_S = 24 * 3600.0
_MAX_DOUBLINGS = 20
_CLOCK_SLACK_S = 60.0

Answer = Literal["start", "counted", "not yet", "resting", "snoozed", "held"]


_STATES_SHOWN: dict[IncidentState, str] = {
    "waiting": "waits for a person",
    "probation": "on probation",
    "gone": "no longer fails",
}


@dataclass(frozen=True)
class Incident:
    """All failures with one fingerprint."""

    fingerprint: str
    script: str
    state: IncidentState
    count: int
    """All failures ever."""
    since_start: int
    """Failures since the last repair started, or since the first."""
    attempts: int
    """Repairs in a row that did not fix it."""
    first_at: float
    last_at: float
    rests_until: float
    commit: str
    """The commit that the last repair started from."""
    repair: str
    """The last repair's id; empty before the first."""
    last_failure: str = ""
    """The id of the failure that was counted last; a crash gives it out once more."""
    since: float = 0.0
    """When it came into its state."""
    reason: str = ""
    """Why it is in its state, in a sentence; empty where the state says it all."""
    is_due: int = 0
    """1: a repair is due, and a crash came before it was opened, or nothing may begin now."""
    rests_from: float = 0.0
    """When its rest began: a clock that was set back ends it."""
    summary: str = ""
    """What fails, in a line: the error and where."""
    command: str = ""
    """The command that fails, as `healer.watch.runner.run_log.digest_of` names it."""
    acked_by: str = ""
    """Who has said that they are at it; empty: nobody."""
    acked_at: float = 0.0
    snoozed_until: float = 0.0

    def after(self, event: IncidentEvent) -> IncidentState:
        """The state that an event leads to; raises `IllegalTransitionError` where none does."""
        return INCIDENT.next_state(self.fingerprint, self.state, event)

    @property
    def is_over(self) -> bool:
        """Nothing is left to do."""
        return self.state in OVER

    @property
    def needs_person(self) -> bool:
        """It fails, and healer does nothing about it by itself."""
        return self.state in ("open", "waiting")

    def is_snoozed(self, now: float) -> bool:
        """A person does not want to hear of it now."""
        return not self.is_over and now < self.snoozed_until

    def is_resting(self, now: float) -> bool:
        """Its last repair failed a short while ago; a clock that was set back ends that."""
        return self.state == "open" and self.rests_from - _CLOCK_SLACK_S <= now < self.rests_until

    def shown_state(self, now: float) -> str:
        """Its state in a person's words."""
        if self.is_snoozed(now):
            return "snoozed"
        return _STATES_SHOWN.get(self.state, self.state)

    def describe_state(self, now: float) -> str:
        """The same, with who has said that they are at it."""
        state = self.shown_state(now)
        return f"{state}, {self.acked_by} is at it" if self.acked_by and not self.is_over else state


@dataclass(frozen=True)
class IncidentMoment:
    """One event of an incident's life."""

    at: float
    event: str
    """An `IncidentEvent`, or `acknowledge`, `snooze`, `rerun`, `wait`."""
    state: str
    """The state after it."""
    repair: str
    detail: str


def enter(incident: Incident, event: IncidentEvent, now: float) -> Incident:
    """After an event, with when it came into its state, and no reason that was for another."""
    state = incident.after(event)
    if state == incident.state:
        return incident if event == "count" else replace(incident, is_due=0)
    return replace(incident, state=state, since=now, reason="", is_due=0)


def add_count(incident: Incident, count: int, commit: str, now: float, *, starts: bool) -> Incident:
    """With so many more failures, of `commit`; `starts`: a repair begins with them."""
    return replace(
        incident,
        count=incident.count + count,
        since_start=0 if starts else incident.since_start + count,
        attempts=0 if code_differs(incident, commit) else incident.attempts,
        last_at=max(now, incident.last_at),
        commit=commit if starts else incident.commit,
    )


def rest(incident: Incident, now: float, cooldown_s: float) -> Incident:
    """After one more repair that did not fix it: each in a row doubles the rest, up to a day."""
    doublings = min(incident.attempts, _MAX_DOUBLINGS)
    rest_s = min(cooldown_s * 2.0**doublings, max(MAX_COOLDOWN_S, cooldown_s))
    attempts = incident.attempts + 1
    return replace(incident, attempts=attempts, rests_from=now, rests_until=now + rest_s)


def choose_answer(incident: Incident, *, now: float, commit: str, count: int, after: int) -> Answer:
    """What one more failure means; pure."""
    if incident.state in ("repairing", "waiting"):
        return "counted"
    if incident.is_snoozed(now):
        return "snoozed"
    if incident.is_resting(now) and not code_differs(incident, commit):
        return "resting"
    if not incident.is_due and incident.since_start + count < after:
        return "not yet"
    return "start"


def take_again(incident: Incident, failure: str, now: float, answer: Answer) -> Incident:
    """After a failure that was counted has come once more; `answer` is what it would begin now:
    `start`, nothing as it is `held`, or nothing for ever, as it is only `counted`."""
    if not incident.is_due or failure != incident.last_failure or answer == "held":
        return incident
    return enter(incident, "start", now) if answer == "start" else replace(incident, is_due=0)


def code_differs(incident: Incident, commit: str) -> bool:
    """The code is another one than the last repair started from, as far as both are known."""
    return bool(commit) and bool(incident.commit) and commit != incident.commit
