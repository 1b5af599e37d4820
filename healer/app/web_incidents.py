"""What the page shows of incidents, jobs and health, and a person's word on an incident.

Belongs here: one part of what `healer.web` needs, met with what the other commands use. Does not
belong here: repairs and their decisions (`web_backend`), links of mails (`web_links`).
"""

import time
from datetime import UTC, datetime
from pathlib import Path

from healer.app.configuration import read_configuration
from healer.app.incident_trail import add_trail
from healer.app.incidents import (
    IncidentLife,
    acknowledge,
    count_untaken,
    open_incidents,
    person,
    read_whole_life,
    snooze,
)
from healer.app.metrics import render_metrics
from healer.app.status import Status, collect_status
from healer.app.trust import find_refused, trust
from healer.facts.errors import UsageError
from healer.render.notice import format_time
from healer.support.local_time import to_local
from healer.watch import pause as pauses
from healer.watch.checkout import find_state_dir
from healer.watch.incident import Incident
from healer.web.repairs import (
    Health,
    HealthLine,
    IncidentLine,
    JobLine,
    PauseLine,
    RefusedError,
    SettingLine,
)
from quarantine.repository import Repository


class IncidentDesk:
    """The incidents of one repository, for one running page."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def incidents(self) -> tuple[IncidentLine, ...]:
        """Every incident, the one that failed last first."""
        with open_incidents(self._root) as store:
            return tuple(describe_line(each) for each in store.list_all())

    def untaken(self) -> int:
        """Recorded failures that are in no incident yet."""
        return count_untaken(self._root)

    def read_life(self, fingerprint: str) -> IncidentLife | None:
        """Everything that hangs on an incident; None where it is not known."""
        with open_incidents(self._root) as store:
            incident = store.find(fingerprint)
            return add_trail(read_whole_life(store, incident), self._root) if incident else None

    def put_off(self, fingerprint: str, duration: str, *, by: str = "") -> None:
        """As `healer ack` and `healer snooze` do. Raises RefusedError."""
        try:
            if duration:
                snooze(self._root, fingerprint, duration, by=by)
            else:
                acknowledge(self._root, fingerprint, by=by)
        except UsageError as error:
            raise RefusedError(str(error)) from error

    def health(self) -> Health:
        """As `healer status` collects it."""
        repository = Repository.open(self._root)
        settings = find_refused(repository, read_configuration(repository))
        lines = tuple(SettingLine(**each._asdict()) for each in settings)
        health = describe_health(collect_status(self._root))
        return health.model_copy(update={"settings": lines})

    def pause(self, *, by: str = "") -> None:
        """As `healer pause` does."""
        pauses.pause(find_state_dir(self._root), "", by or person(), time.time())

    def resume(self, *, by: str = "") -> None:
        """As `healer resume` does; nobody is asked who."""
        del by
        pauses.resume(find_state_dir(self._root), "")

    def trust(self, settings: tuple[SettingLine, ...], *, by: str = "") -> None:
        """As `healer trust` does. Raises RefusedError where other settings wait by now."""
        del by
        repository = Repository.open(self._root)
        refused_now = find_refused(repository, read_configuration(repository))
        if tuple(SettingLine(**each._asdict()) for each in refused_now) != settings:
            raise RefusedError("healer.toml says something else by now; reload, and look again")
        trust(repository, refused_now)

    def metrics(self) -> str:
        """As `healer status --metrics` prints it."""
        return render_metrics(self._root)


def describe_line(incident: Incident) -> IncidentLine:
    """One incident as a list shows it."""
    return IncidentLine(
        fingerprint=incident.fingerprint,
        script=incident.script,
        state=incident.shown_state(time.time()),
        acked_by="" if incident.is_over else incident.acked_by,
        is_over=incident.is_over,
        count=incident.count,
        last_at=datetime.fromtimestamp(incident.last_at, UTC),
        summary=incident.summary or incident.reason,
    )


def describe_health(status: Status) -> Health:
    """What a repair needs, and the jobs."""

    def when(seconds: float | None) -> datetime | None:
        return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None

    beat = when(status.heartbeat_at)
    alive = "runs" if status.daemon else "does not run: healer daemon"
    lines = (
        ("daemon", status.daemon, alive + (f", last sign {format_time(beat)}" if beat else "")),
        ("configuration", not status.config_problem, status.config_problem or "right"),
        ("sandbox", status.sandbox.is_well, status.sandbox.text),
        ("database", status.database.is_well, status.database.text),
        ("mail", status.mails.is_well, status.mails.text),
        ("budget", status.budget.is_well, status.budget.text),
        ("merging", not (status.paused or status.merges.is_too_wrong), _describe_merging(status)),
        ("inbox", not status.set_aside, _describe_inbox(status)),
    )
    return Health(
        lines=tuple(HealthLine(name=n, is_well=well, detail=text) for n, well, text in lines),
        pauses=tuple(PauseLine(script=each.script, by=each.by) for each in status.paused),
        jobs=tuple(
            JobLine(
                script=job.script,
                schedule=job.schedule,
                last_run=when(job.last_run),
                last_good_run=when(job.last_good_run),
                last_exit=job.last_exit,
                last_end=job.last_end,
                trouble=job.trouble,
                next_due=to_local(job.next_due, job.timezone) if job.next_due is not None else None,
                waits_for_daemon=job.waits_for_daemon,
            )
            for job in status.jobs
        ),
    )


def _describe_merging(status: Status) -> str:
    pauses = _describe_pauses(status)
    return f"{pauses}; {status.merges.describe()}" if status.merges.is_too_wrong else pauses


def _describe_pauses(status: Status) -> str:
    scripts = [pause.script or "all" for pause in status.paused]
    windows = (f"maintenance {each}" for each in status.maintenance)
    return "; ".join((f"paused: {', '.join(scripts)}" if scripts else "not paused", *windows))


def _describe_inbox(status: Status) -> str:
    aside = f", {status.set_aside} set aside" if status.set_aside else ""
    return f"{status.failures} recorded failures wait{aside}"
