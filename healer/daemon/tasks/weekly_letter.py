"""Once a week: what healed, what it saved, what waits, what was taken out again, what ends soon.

Belongs here: when it is due, and the sums. Does not belong here: sending it (`healer.notify`), and
what is told at once or each morning.
"""

import math
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from healer.ledger.rows import RepairRow
from healer.notify.settings import WEEKDAYS
from healer.render.notice import Notice
from healer.render.one_line import format_duration
from healer.repair.notices import send_notice
from healer.services import Services
from healer.support.atomic_file import write_atomically
from healer.survey.expiries import describe_soon, find_expiries
from healer.watch.incident import Incident
from healer.watch.runner import run_log

FILE = "letter"
"""In healer's folder: the day of the last letter that was due."""
WEEK_S = 7 * 86_400.0
_SHOWN = 10


class SendWeeklyLetter:
    """At `[mail] letter_at`, local time; one that was missed is made up, the first is left out."""

    name = "weekly letter"
    every_s = 60.0

    def __init__(self, services: Services, state_dir: Path) -> None:
        self._services, self._file = services, state_dir / FILE

    def run(self, now: float) -> None:
        """The notice first: what a crash leaves out is done again, and tells nobody twice."""
        letter_at = self._services.config.mail.letter_at
        if not letter_at:
            return
        due_day = find_letter_time(datetime.fromtimestamp(now).astimezone(), letter_at).date()
        last_day = self._read_last_day()
        if last_day >= due_day.isoformat():
            return
        if last_day and (reason := describe_week(self._services, now)):
            notice = Notice(
                kind="letter",
                fingerprint=f"letter:{due_day.isoformat()}",
                script="",
                reason=reason,
                when=datetime.fromtimestamp(now, UTC),
                commands=("healer incidents", "healer review", "healer log"),
            )
            send_notice(notice, self._services)
        write_atomically(self._file, due_day.isoformat().encode("ascii"))

    def _read_last_day(self) -> str:
        try:
            return self._file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""


def find_letter_time(now: datetime, letter_at: str) -> datetime:
    """The latest time up to `now` (whose zone counts) that a `letter_at` names."""
    day, _, hour = letter_at.partition(" ")
    at = now.replace(hour=int(hour[:2]), minute=int(hour[3:]), second=0, microsecond=0)
    at -= timedelta(days=(now.weekday() - WEEKDAYS.index(day)) % 7)
    return at if at <= now else at - timedelta(days=7)


def describe_week(services: Services, now: float) -> str:
    """The seven days before `now`, in sentences; empty where nothing happened, waits or ends."""
    ledger, since = services.ledger, now - WEEK_S
    rows = ledger.closed_since(since)
    fixes = [row for row in rows if row.outcome == "healed"]
    reverts = [row for row in rows if row.outcome == "reverted"]
    open_ones = [each for each in services.incidents.list_all() if each.needs_person]
    sentences = []
    if fixes:
        took = format_duration(statistics.median(_time_to_heal(row, services) for row in fixes))
        sentences.append(f"{_count(fixes, 'failure')} healed, in {took} (median)")
        sentences += _describe_since(fixes, services)
    if reverts:
        sentences.append(f"{_count(reverts, 'fix', 'fixes')} taken out again")
    if open_ones:
        first = min(each.since for each in open_ones)
        age = format_duration(max(0.0, now - first))
        scripts = dict.fromkeys(each.script for each in open_ones)
        names = ", ".join(list(scripts)[:_SHOWN]) + (", …" if len(scripts) > _SHOWN else "")
        what = "needs a person" if len(open_ones) == 1 else "need a person"
        sentences.append(f"{_count(open_ones, 'incident')} {what}, the oldest for {age}: {names}")
    root = services.repository.root
    if soon := describe_soon(find_expiries(root), now) if root else "":
        sentences.append(soon)
    return "".join(f"{sentence}. " for sentence in sentences).strip()


def _describe_since(fixes: list[RepairRow], services: Services) -> Iterator[str]:
    """What became of the week's fixes: the runs that they saved, and their probation."""
    runs = list(run_log.read(services.repository.state_dir))
    merged_at: dict[str, float] = {}
    for row in fixes:
        merged_at.setdefault(row.script, row.updated_at)
    saves = sum(
        run.exit_code == 0 and run.started_at >= merged_at.get(run.script, math.inf) for run in runs
    )
    yield f"Their jobs ran well {saves} time{'s' if saves != 1 else ''} since"
    ends = [services.ledger.entries(row.id, kind="probation") for row in fixes]
    holds = sum(any(entry.outcome == "resolved" for entry in entries) for entries in ends)
    trials = sum(not entries for entries in ends)
    still = f", {trials} {'is' if trials == 1 else 'are'} on it still" if trials else ""
    yield f"{holds} of these fixes held on probation{still}"


def _time_to_heal(row: RepairRow, services: Services) -> float:
    """From the first failure that is known, or the repair's beginning, to the merge."""
    incident = services.incidents.find(row.incident)
    began = row.created_at
    if incident is not None and incident.repair == row.id:
        began = min(began, max(incident.first_at, row.updated_at - WEEK_S))
    return max(0.0, row.updated_at - began)


def _count(things: list[RepairRow] | list[Incident], one: str, more: str = "") -> str:
    return f"{len(things)} {one if len(things) == 1 else more or one + 's'}"
