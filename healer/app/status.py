"""How a repository stands: its jobs, incidents, what waits for a person, and what healer needs.

Belongs here: collecting it for `healer status`. Does not belong here: printing it (`healer.cli`).
Whoever looks every two seconds must not wait: files and databases are read as they lie, and only
what cannot be told so (a configuration that has changed) loads what is heavy.
"""

import hashlib
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from healer.app.incidents import find_root, open_incidents
from healer.app.ledger_status import ADVICE, read_ledger_status
from healer.app.maintenance_windows import list_windows
from healer.app.missed import find_trouble, read_starts, read_watches
from healer.app.quick_look import (
    Condition,
    ConfigTable,
    JobTable,
    Mails,
    ask_docker,
    count_files,
    describe_budget,
    describe_mails,
    describe_shared_mails,
    modified_at,
    read_bytes,
    read_config_table,
    read_reload_problem,
    read_shared_spent_usd,
    read_spent_usd,
)
from healer.engine.locks import is_alive
from healer.ledger.glance import LedgerGlance, RepairGlance
from healer.ledger.merges import MergeCount
from healer.support.atomic_file import write_atomically
from healer.support.version import read_version
from healer.watch.checkout import find_state_dir
from healer.watch.incident import Incident
from healer.watch.pause import Pause, read_pauses
from healer.watch.runner import run_log

DAEMON = "daemon"
_CHECKED = "config.checked"
"""In the state folder: which configuration was found right, or what is wrong with it."""


@dataclass(frozen=True)
class WatchedRepair:
    """A merged fix on probation."""

    repair: str
    script: str
    since: float
    good_runs: int
    """Of its script, begun since."""


@dataclass(frozen=True)
class JobStatus:
    """One script that runs under `healer run`, or that the configuration names."""

    script: str
    schedule: str
    """As the configuration says; empty: healer does not know when it should run."""
    last_run: float | None
    last_good_run: float | None
    last_exit: int | None
    last_end: str
    """How the last run ended, in a word or two; empty where it ended well, or none is known."""
    trouble: str
    """What the dead man's switch has told of it and is so still; empty: nothing."""
    next_due: float | None
    """None where that is not known, or nobody would start it."""
    waits_for_daemon: bool
    """healer is to start it, and no daemon runs."""
    timezone: str = "UTC"
    """In which its times are told."""


@dataclass(frozen=True)
class Status:
    """How a repository stands now; times are seconds since the epoch."""

    daemon: bool
    heartbeat_at: float | None
    """The daemon's last sign of life."""
    config_problem: str
    """What is wrong with the configuration on disk; a running daemon stays with the one before."""
    failures: int
    """Recorded, and not yet taken by a repair."""
    set_aside: int
    """Records that could not be read or handled: `broken/` in the state folder."""
    mails: Mails
    sandbox: Condition
    database: Condition
    budget: Condition
    paused: tuple[Pause, ...]
    maintenance: tuple[str, ...]
    """The windows that are on: until when, and for what."""
    incidents: Mapping[str, int]
    """How many are in each state, in a person's words."""
    open_incidents: tuple[Incident, ...]
    """Those that are not over, the one that failed last first."""
    repairs: tuple[RepairGlance, ...]
    watched: tuple[WatchedRepair, ...]
    merges: MergeCount
    jobs: tuple[JobStatus, ...]
    """Those of which something is the matter first."""


def collect_status(start: Path) -> Status:
    """How the repository that holds `start` stands."""
    state_dir, now = find_state_dir(start), time.time()
    root = find_root(start)
    table = read_config_table(root) if root else ConfigTable()
    incidents, problem = _read_incidents(start)
    runs = list(run_log.read(state_dir))
    ledger = read_ledger_status(start, state_dir, table.state, now)
    has_daemon = is_alive(state_dir, DAEMON)
    mails, budget = _read_mails_and_budget(start, state_dir, table)
    return Status(
        daemon=has_daemon,
        heartbeat_at=modified_at(state_dir / "alive"),
        config_problem=_find_config_problem(start, state_dir, root, has_daemon=has_daemon),
        failures=count_files(state_dir / "inbox"),
        set_aside=count_files(state_dir / "broken"),
        mails=mails,
        sandbox=ask_docker(),
        database=problem or ledger.condition,
        budget=budget,
        paused=read_pauses(state_dir),
        maintenance=tuple(list_windows(table.windows, now)),
        incidents=dict(Counter(each.shown_state(now) for each in incidents)),
        open_incidents=tuple(each for each in incidents if not each.is_over),
        repairs=ledger.repairs,
        watched=tuple(
            WatchedRepair(
                each.id,
                each.script,
                each.updated_at,
                _count_good(runs, each.script, each.updated_at),
            )
            for each in ledger.on_probation
        ),
        merges=ledger.merges,
        jobs=tuple(
            sorted(
                _list_jobs(table.jobs, runs, state_dir, now, has_daemon=has_daemon),
                key=lambda job: (not (job.trouble or job.last_end), job.script),
            )
        ),
    )


def find_repairs(start: Path, prefix: str) -> tuple[RepairGlance, ...]:
    """The repairs of the repository that holds `start` whose id begins with `prefix`, oldest
    first."""
    root = find_root(start)
    if not root or read_config_table(root).state == "sqlite":
        return LedgerGlance(find_state_dir(start)).find(prefix)
    from healer.app.state import open_ledger_of  # noqa: PLC0415  # heavy

    with open_ledger_of(start) as ledger:
        return tuple(row.glance for row in ledger.find(prefix))


def _find_config_problem(
    start: Path, state_dir: Path, root: Path | None, *, has_daemon: bool
) -> str:
    """As a command would say it. It is validated anew only when its text has changed."""
    if has_daemon:
        problem = read_reload_problem(state_dir)
        if problem:
            return problem
    text = (
        b"".join(read_bytes(root / name) for name in ("healer.toml", "pyproject.toml"))
        if (root)
        else b""
    )
    mark = f"{read_version()} {hashlib.sha256(text).hexdigest()}"
    name, _, problem = read_bytes(state_dir / _CHECKED).decode("utf-8", "replace").partition("\n")
    if name == mark and root:
        return problem
    from healer.app.configuration import read_configuration  # noqa: PLC0415  # heavy
    from healer.config import ConfigError  # noqa: PLC0415  # heavy
    from quarantine.repository import Repository  # noqa: PLC0415  # heavy

    try:
        read_configuration(Repository.open(start))
        problem = ""
    except ConfigError as error:
        problem = str(error)
    with suppress(OSError):
        write_atomically(state_dir / _CHECKED, f"{mark}\n{problem}".encode(), durable=False)
    return problem


def _read_incidents(start: Path) -> tuple[tuple[Incident, ...], Condition | None]:
    """All of them; none where they cannot be read, and why."""
    try:
        with open_incidents(start) as store:
            return store.list_all(), None
    except sqlite3.DatabaseError as error:
        return (), Condition(f"the incidents cannot be read: {error}; {ADVICE}", is_well=False)


def _read_mails_and_budget(
    start: Path, state_dir: Path, table: ConfigTable
) -> tuple[Mails, Condition]:
    mail_dir = state_dir / "mail"
    if table.state == "sqlite":
        budget = describe_budget(read_spent_usd(state_dir), table.usd_per_day)
        return describe_mails(mail_dir), budget
    from healer.app.state import open_tables_of  # noqa: PLC0415  # heavy
    from healer.draft.llm.endpoint.budget import SCHEMA  # noqa: PLC0415  # heavy
    from healer.notify.fact_tables import SCHEMA as FACTS  # noqa: PLC0415  # heavy

    with open_tables_of(start, (*SCHEMA, *FACTS)) as tables:
        budget = describe_budget(read_shared_spent_usd(tables), table.usd_per_day)
        return describe_shared_mails(tables, mail_dir), budget


def _list_jobs(
    jobs: Sequence[JobTable],
    runs: list[run_log.LoggedRun],
    state_dir: Path,
    now: float,
    *,
    has_daemon: bool,
) -> Iterator[JobStatus]:
    by_script = {job.script: job for job in jobs if job.script}
    last, good = dict[str, run_log.LoggedRun](), dict[str, float]()
    for run in runs:
        if run.script:
            last[run.script] = run
            if run.exit_code == 0:
                good[run.script] = run.started_at
    starts, watches = read_starts(state_dir), read_watches(state_dir)
    for script in sorted({*by_script, *last}):
        job = by_script.get(script, JobTable(script))
        waits = job.needs_daemon and not has_daemon
        yield JobStatus(
            script=script,
            schedule=job.schedule or (f"every {job.every}" if job.every else ""),
            last_run=last[script].started_at if script in last else None,
            last_good_run=good.get(script),
            last_exit=last[script].exit_code if script in last else None,
            last_end=run_log.describe_exit(last[script].exit_code) if script in last else "",
            trouble=find_trouble(
                watches, script, last[script].started_at if script in last else 0, job.timezone
            ),
            next_due=None if waits else _find_next(job, starts.get(script), now),
            waits_for_daemon=waits,
            timezone=job.timezone or "UTC",
        )


def _find_next(job: JobTable, start: float | None, now: float) -> float | None:
    if job.schedule:
        from healer.watch.schedule import CronSchedule, find_mistake  # noqa: PLC0415  # heavy

        zone = job.timezone or "UTC"
        if find_mistake(job.schedule, zone):
            return None
        return CronSchedule(job.schedule, 0.0, zone).next_slot(now)
    every = job.every
    units = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
    if start is None or every[-1:] not in units:
        return None
    with suppress(ValueError):
        interval_s = float(every[:-1]) * units[every[-1]]
        return (start // interval_s + 1) * interval_s if interval_s else None
    return None


def _count_good(runs: list[run_log.LoggedRun], script: str, since: float) -> int:
    return sum(r.script == script and r.exit_code == 0 and r.started_at >= since for r in runs)
