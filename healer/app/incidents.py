"""The incidents of a repository for who looks at them, and a person's word on one.

Belongs here: finding one by what a person types, and what may be typed next. Does not belong here:
printing (`healer.cli`), states and counts (`healer.watch`). Nothing heavy is loaded.
"""

import getpass
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from healer.app.quick_look import count_files, read_config_table
from healer.facts.errors import UsageError
from healer.ledger.glance import RepairGlance
from healer.render.one_line import name_failure
from healer.support.atomic_file import close_folder
from healer.watch.checkout import (
    NoRepositoryError,
    find_checkout,
    find_state_dir,
    name_inside,
)
from healer.watch.incident import Incident, IncidentMoment
from healer.watch.incident_tables import SCHEMA
from healer.watch.incidents import Incidents

_WORDS = {
    "count": "it failed",
    "start": "a repair began",
    "lose": "its repair was cut short",
    "ask": "it waits for a person",
    "merge": "a fix was merged",
    "fail": "it is not repaired",
    "confirm": "it is over",
    "vanish": "it no longer fails",
    "acknowledge": "somebody is at it",
    "snooze": "it is left alone",
    "rerun": "its failed run was to be done again",
    "wait": "waits for another repair",
}
_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
UNTAKEN_SHOWN = 20
LONGEST_SNOOZE_S = 90 * 86_400.0


@dataclass(frozen=True)
class IncidentLife:
    """One incident with everything that hangs on it."""

    incident: Incident
    moments: tuple[IncidentMoment, ...]
    failures: tuple[tuple[str, float], ...]
    """Ids of its recorded failures, and when each was counted."""
    mail: str = ""
    """Who was mailed of it, and when last, in words; empty: nobody, as far as is known."""
    tapes: frozenset[str] = frozenset()
    """The ids of its failures that have a tape."""

    @property
    def repairs(self) -> tuple[str, ...]:
        """The ids of its repairs, oldest first."""
        return tuple(dict.fromkeys(m.repair for m in self.moments if m.repair))


@contextmanager
def open_incidents(start: Path) -> Iterator[Incidents]:
    """The incidents of the repository that holds `start`. Where they are shared and nothing was
    made yet, there are none."""
    state_dir, root = find_state_dir(start), find_root(start)
    close_folder(state_dir)
    if root and read_config_table(root).state != "sqlite":
        from healer.app.state import open_tables_of  # noqa: PLC0415  # heavy

        with open_tables_of(start, SCHEMA) as tables, Incidents(tables) as incidents:
            yield incidents
        return
    with Incidents(state_dir / "incidents.sqlite") as incidents:
        yield incidents


class UntakenFailure(NamedTuple):
    """A recorded failure that nobody has taken up: it is in no incident yet."""

    id: str
    script: str
    at: float
    """Seconds since the epoch."""
    summary: str


def count_untaken(start: Path) -> int:
    """How many there are."""
    return count_files(find_state_dir(start) / "inbox")


def list_untaken(start: Path) -> tuple[UntakenFailure, ...]:
    """The newest few of them, the newest first; without what cannot be read."""
    from healer.watch.inbox import Inbox, InboxError  # noqa: PLC0415  # heavy

    inbox, now = Inbox(find_state_dir(start)), time.time()
    failures = []
    for name in reversed(inbox.list_pending()[-UNTAKEN_SHOWN:]):
        with suppress(InboxError):
            one = inbox.read(name)
            failures.append(UntakenFailure(name, one.script, one.moment(now), name_failure(one)))
    return tuple(failures)


def find_root(start: Path) -> Path | None:
    """The working tree; None in a bare repository."""
    try:
        return find_checkout(start).root
    except NoRepositoryError:
        return None


def find_one(incidents: Incidents, prefix: str) -> Incident:
    """The one incident that an id means: its own, its repair's or its failure's, or the beginning
    of one. Raises UsageError."""
    matches = incidents.find_all(prefix)
    if not matches:
        raise UsageError(f"there is no incident {prefix!r}; list them with: healer incidents --all")
    if len(matches) > 1:
        ids = ", ".join(each.fingerprint for each in matches[:5])
        raise UsageError(f"{prefix!r} may be any of {ids}; give more of the id")
    return matches[0]


def read_life(incidents: Incidents, prefix: str) -> IncidentLife:
    """The life of the incident that an id means. Raises UsageError."""
    return read_whole_life(incidents, find_one(incidents, prefix))


def read_whole_life(incidents: Incidents, incident: Incident) -> IncidentLife:
    """Everything that hangs on an incident."""
    moments = incidents.list_life(incident.fingerprint)
    return IncidentLife(incident, moments, incidents.list_failures(incident.fingerprint))


def list_next_commands(
    life: IncidentLife, now: float, repairs: Iterable[RepairGlance]
) -> tuple[str, ...]:
    """What a person can type about it now; `repairs` are its own, or more."""
    incident, fingerprint = life.incident, life.incident.fingerprint
    if incident.is_over or incident.state == "repairing":
        return (f"healer show {incident.repair}",) if incident.repair else ()
    if incident.state == "probation":
        return (f"healer show {incident.repair}", f"healer rollback {incident.repair}")
    commands: tuple[str, ...] = ()
    if incident.state == "waiting":
        its = next((each for each in repairs if each.id == incident.repair), None)
        commands = (
            f"healer show {incident.repair}",
            *list_decisions(its),
            f'healer reject {incident.repair} --reason "…"',
        )
    elif life.failures:
        commands = (f"healer fix {incident.script} --failure {life.failures[0][0]}",)
    elif incident.script:
        commands = (f"healer fix {incident.script}",)
    if not incident.acked_by and not incident.is_snoozed(now):
        commands = (*commands, f"healer ack {fingerprint}", f"healer snooze {fingerprint} 2h")
    return commands


def list_decisions(repair: RepairGlance | None) -> tuple[str, ...]:
    """What lets a waiting repair go on: nothing where no draft of it passed the checks."""
    if repair is not None and repair.question:
        return (f"healer answer {repair.id}",)
    return (f"healer approve {repair.id}",) if repair is not None and repair.has_draft else ()


def tell_life(life: IncidentLife, now: float) -> Iterator[str]:
    """What is known of an incident, a line each."""
    one = life.incident
    yield f"incident {one.fingerprint}: {one.script or 'no script'}"
    if one.summary:
        yield one.summary
    since = f" since {_moment(one.since)}" if one.since else ""
    yield f"{one.shown_state(now)}{since}" + (f": {one.reason}" if one.reason else "")
    times = f"first {_moment(one.first_at)}, last {_moment(one.last_at)}"
    yield f"failed {one.count} time{'s' if one.count != 1 else ''}: {times}"
    if one.is_resting(now):
        yield f"tried again after {_moment(one.rests_until)}, or when the code has changed"
    if one.is_snoozed(now):
        yield f"left alone until {_moment(one.snoozed_until)}"
    if one.acked_by:
        yield f"{one.acked_by} is at it since {_moment(one.acked_at)}"
    if life.mail:
        yield life.mail
    for moment, following in pairwise((*life.moments, None)):
        if moment is None or _is_told_by(moment, following):
            continue
        repair = f" (repair {moment.repair})" if moment.repair else ""
        detail = f": {moment.detail}" if moment.detail else ""
        yield f"  {_moment(moment.at)}  {_WORDS.get(moment.event, moment.event)}{repair}{detail}"
    for name, at in life.failures:
        tape = f"; its tape: healer show {name} --tape" if name in life.tapes else ""
        yield f"  {_moment(at)}  counted: failure {name}{tape}"


def _is_told_by(moment: IncidentMoment, following: IncidentMoment | None) -> bool:
    """Whether the next one says the same: a repair begins, and a moment later it has an id."""
    is_same = following is not None and (moment.event, moment.detail) == ("start", "")
    return is_same and following is not None and following.event == "start" and not moment.repair


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def acknowledge(start: Path, prefix: str, *, by: str = "") -> str:
    """`healer ack`: gives the sentence that says what is so now. `by` is who, and how it was said;
    empty: who types. Raises UsageError."""
    with open_incidents(start) as incidents:
        incident = find_one(incidents, prefix)
        if incident.is_over:
            raise UsageError(f"incident {incident.fingerprint} is over ({incident.state})")
        incidents.acknowledge(incident.fingerprint, by or person(), now=time.time())
    return f"{incident.fingerprint} ({incident.script}): no reminder until something new comes"


def snooze(start: Path, prefix: str, duration: str, *, by: str = "") -> str:
    """`healer snooze`: gives the sentence that says what is so now. `by` as for `acknowledge`.
    Raises UsageError."""
    until = time.time() + seconds_of(duration)
    with open_incidents(start) as incidents:
        incident = find_one(incidents, prefix)
        if incident.is_over:
            raise UsageError(f"incident {incident.fingerprint} is over ({incident.state})")
        incidents.snooze(incident.fingerprint, until, by or person(), now=time.time())
    return (
        f"{incident.fingerprint} ({incident.script}): no repair and no reminder for {duration}; "
        "failures are counted"
    )


def seconds_of(duration: str) -> float:
    """`90s`, `15m`, `2h`, `1d` in seconds. Raises UsageError."""
    number, unit = duration[:-1], duration[-1:]
    if unit not in _UNIT_S or not number.isdecimal() or not int(number):
        raise UsageError(f"{duration!r} is no length of time; such as 30m, 2h or 3d")
    if int(number) * _UNIT_S[unit] > LONGEST_SNOOZE_S:
        raise UsageError(f"{duration!r} is too long: at most 90d; or change healer.toml")
    return int(number) * _UNIT_S[unit]


def name_script(start: Path, script: str) -> str:
    """A script as it is written down: relative to the repository's root; empty stays empty. Raises
    UsageError for one that is not there."""
    if not script:
        return ""
    root = find_checkout(start).root
    name = name_inside(script, Path.cwd(), root)
    if name is not None and (root / name).is_file():
        return name
    raise UsageError(f"there is no {script} in {root}; name a script of it, or none for all")


def person() -> str:
    """Who types, as the machine knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
