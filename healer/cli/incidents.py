"""`healer incidents`, `incident ID`, `ack ID`, `snooze ID 2h`: the life of each, a person's word.

Belongs here: options and printing. Does not belong here: what is found (`healer.app.incidents`).
"""

import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from healer.cli import repo_option, start_folder
from healer.cli.completion import IncidentId

if TYPE_CHECKING:
    from healer.app.incidents import IncidentLife

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
}


@click.command()
@click.option("--all", "with_old", is_flag=True, help="Also those that are over.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def incidents(ctx: click.Context, with_old: bool, as_json: bool) -> int:
    """List what fails, what is repaired and what waits; the one that failed last comes first."""
    from healer.app.incidents import open_incidents
    from healer.cli.output import print_json, print_table

    now = time.time()
    with open_incidents(start_folder(ctx)) as store:
        rows = [each for each in store.list_all() if with_old or not each.is_over]
    if as_json:
        print_json([asdict(each) | {"shown_state": each.shown_state(now)} for each in rows])
        return 0
    if not rows:
        click.echo("no incident is open", err=True)
        return 0
    print_table(
        ("ID", "LAST", "COUNT", "STATE", "SCRIPT", "WHAT"),
        [
            (
                each.fingerprint,
                _age(each.last_at, now),
                str(each.count),
                each.shown_state(now),
                each.script,
                each.summary or each.reason,
            )
            for each in rows
        ],
    )
    click.echo("next: healer incident ID", err=True)
    return 0


@click.command()
@click.argument("incident", type=IncidentId())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def incident(ctx: click.Context, incident: str, as_json: bool) -> int:
    """Tell the life of one INCIDENT: by its id, or by one of its repairs or failures."""
    from healer.app.incidents import list_next_commands, open_incidents, read_life
    from healer.cli.output import print_json
    from healer.render.clean import printable

    now = time.time()
    with open_incidents(start_folder(ctx)) as store:
        life = read_life(store, incident)
    if as_json:
        facts = {
            "life": [asdict(moment) for moment in life.moments],
            "failures": [{"id": name, "counted_at": at} for name, at in life.failures],
            "repairs": list(life.repairs),
            "next": list(list_next_commands(life, now)),
            "shown_state": life.incident.shown_state(now),
        }
        print_json(asdict(life.incident) | facts)
        return 0
    for line in (*_tell(life, now), *(f"next: {each}" for each in list_next_commands(life, now))):
        click.echo(printable(line))
    return 0


@click.command()
@click.argument("incident", type=IncidentId())
@repo_option
@click.pass_context
def ack(ctx: click.Context, incident: str) -> int:
    """Say that somebody is at INCIDENT: no reminder until something new comes of it."""
    from healer.app.incidents import acknowledge

    click.echo(acknowledge(start_folder(ctx), incident))
    return 0


@click.command()
@click.argument("incident", type=IncidentId())
@click.argument("duration")
@repo_option
@click.pass_context
def snooze(ctx: click.Context, incident: str, duration: str) -> int:
    """Leave INCIDENT alone for DURATION (30m, 2h, 3d): counted, not repaired, no reminder."""
    from healer.app import incidents as words

    click.echo(words.snooze(start_folder(ctx), incident, duration))
    return 0


def _tell(life: "IncidentLife", now: float) -> Iterator[str]:
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
    for moment in life.moments:
        repair = f" (repair {moment.repair})" if moment.repair else ""
        detail = f": {moment.detail}" if moment.detail else ""
        yield f"  {_moment(moment.at)}  {_WORDS.get(moment.event, moment.event)}{repair}{detail}"
    for name, at in life.failures:
        yield f"  {_moment(at)}  failure {name}"


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _age(seconds: float, now: float) -> str:
    from healer.render.one_line import format_age

    return format_age(datetime.fromtimestamp(seconds, UTC), datetime.fromtimestamp(now, UTC))
