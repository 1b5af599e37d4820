"""`healer status`: how the jobs, the incidents and healer itself stand now.

Belongs here: options, printing, looking again. Does not belong here: collecting it
(`healer.app.status`).
"""

import io
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from healer.cli import repo_option, start_folder
from healer.facts.states import OF_SEVERAL

if TYPE_CHECKING:
    from healer.app.status import JobStatus, Status

WATCH_EVERY_S = 2.0


@click.command()
@click.option("--watch", "is_watched", is_flag=True, help="Look again every two seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--metrics", "as_metrics", is_flag=True, help="Print numbers for Prometheus.")
@repo_option
@click.pass_context
def status(ctx: click.Context, is_watched: bool, as_json: bool, as_metrics: bool) -> int:
    """Show jobs, incidents, what waits for you, and how healer itself is."""
    from healer.app.status import collect_status
    from healer.cli.output import print_json

    if as_metrics:
        from healer.app.metrics import render_metrics

        click.echo(render_metrics(start_folder(ctx)), nl=False)
        return 0
    if as_json:
        document = asdict(collect_status(start_folder(ctx)))
        for name in ("sandbox", "database", "mails", "budget"):
            document[name] = document[name]["text"]
        print_json(document)
        return 0
    while True:
        now = collect_status(start_folder(ctx))
        if not is_watched:
            _print(now)
            return 0
        text = _draw(now)
        click.clear()
        click.echo(text, nl=False)
        time.sleep(WATCH_EVERY_S)


class _Canvas(io.StringIO):
    """Is printed to as the terminal that it is for."""

    def isatty(self) -> bool:
        return sys.__stdout__ is not None and sys.__stdout__.isatty()


def _draw(status: "Status") -> str:
    """What is printed of it, cut to the lines that the terminal has: what is above is worth more
    than what is below."""
    with redirect_stdout(_Canvas()) as canvas:
        _print(status)
    lines = canvas.getvalue().splitlines(keepends=True)
    if not canvas.isatty():
        return "".join(lines)
    room = shutil.get_terminal_size().lines - 1
    if len(lines) <= room:
        return "".join(lines)
    more = len(lines) - room + 1
    return "".join([*lines[: room - 1], f"… and {more} lines more: healer status\n"])


def _print(status: "Status") -> None:
    from healer.cli.output import print_table
    from healer.render.clean import printable

    now = time.time()
    for line in _tell_healer(status, now):
        click.echo(printable(line))
    if status.open_incidents:
        click.echo()
        print_table(
            ("INCIDENT", "LAST", "COUNT", "STATE", "SCRIPT", "WHY"),
            [
                (
                    each.fingerprint,
                    _age(each.last_at, now),
                    str(each.count),
                    each.describe_state(now),
                    each.script,
                    each.reason or each.summary,
                )
                for each in status.open_incidents
            ],
        )
    reasons = {each.reason for each in status.open_incidents}
    if status.repairs:
        click.echo()
        print_table(
            ("REPAIR", "AGE", "SCRIPT", "STATE", "WHY"),
            [
                (each.id, _age(each.created_at, now), each.script, each.outcome or each.state,
                 "as above" if each.reason and each.reason in reasons else each.reason)
                for each in status.repairs
            ],
        )  # fmt: skip
    _print_jobs(status, now)
    if not status.database.is_well:
        click.echo("what is open or waits is not known: see database, above")
    elif status.failures and not status.daemon:
        click.echo("nobody takes the recorded failures up: healer daemon, or healer fix SCRIPT")
    elif not (status.open_incidents or status.repairs or status.failures):
        click.echo("no repair is open or waits, and no incident is open")


def _print_jobs(status: "Status", now: float) -> None:
    from healer.cli.output import print_table
    from healer.render.clean import printable

    for each in status.watched:
        runs = f"{each.good_runs} good run{'s' if each.good_runs != 1 else ''} since the merge"
        click.echo(printable(f"{each.repair}  {each.script}  on probation: {runs}"))
    if status.jobs:
        click.echo()
        print_table(
            ("JOB", "SCHEDULE", "LAST RUN", "LAST GOOD", "NEXT"),
            [
                (
                    each.script,
                    each.schedule,
                    _say_run(each, now),
                    _age(each.last_good_run, now) if each.last_good_run else "none seen",
                    _say_next(each),
                )
                for each in status.jobs
            ],
            names_cells=True,
        )


def _tell_healer(status: "Status", now: float) -> Iterator[str]:
    """How healer itself is, a line each."""
    sign = f", last sign of life {_age(status.heartbeat_at, now)}" if status.heartbeat_at else ""
    yield f"daemon: {'running' + sign if status.daemon else 'not running'}"
    if status.config_problem:
        stays = "; the daemon stays with the one before" if status.daemon else ""
        yield f"configuration is wrong: {status.config_problem}{stays}"
    for each in status.paused:
        next_step = f"healer resume {each.script}".rstrip()
        yield f"PAUSED: {each.script or 'everything'}, by {each.by}; next: {next_step}"
    for window in status.maintenance:
        yield f"MAINTENANCE: no repair begins, and none merges, {window}"
    if status.merges.is_too_wrong:
        yield f"NOTHING MERGES BY ITSELF: {status.merges.describe()}; see healer log"
    counts = ", ".join(
        f"{count} {OF_SEVERAL.get(state, state) if count > 1 else state}"
        for state, count in sorted(status.incidents.items())
    )
    yield f"incidents: {counts or 'none'}"
    yield f"recorded failures not yet repaired: {status.failures}"
    if status.set_aside:
        yield f"records that could not be handled: {status.set_aside}"
    yield f"sandbox: {status.sandbox.text}"
    yield f"database: {status.database.text}"
    yield f"mails: {status.mails.text}"
    yield f"budget: {status.budget.text}"


def _say_run(job: "JobStatus", now: float) -> str:
    last = _age(job.last_run, now) if job.last_run is not None else "none seen"
    end = f" ({job.last_end})" if job.last_end else ""
    return last + end + (f"; {job.trouble.upper()}" if job.trouble else "")


def _say_next(job: "JobStatus") -> str:
    from healer.support.local_time import format_local

    if job.waits_for_daemon:
        return "not before healer daemon runs"
    return format_local(job.next_due, job.timezone) if job.next_due else ""


def _age(seconds: float, now: float) -> str:
    from healer.render.one_line import format_age

    age = format_age(datetime.fromtimestamp(seconds, UTC), datetime.fromtimestamp(now, UTC))
    return age if age == "now" else f"{age} ago"
