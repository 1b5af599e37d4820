"""`healer incidents`, `incident ID`, `ack ID`, `snooze ID 2h`: the life of each, a person's word.

Belongs here: options and printing. Does not belong here: what is found (`healer.app.incidents`).
"""

import time
from dataclasses import asdict
from datetime import UTC, datetime

import click

from healer.cli import repo_option, start_folder
from healer.cli.completion import IncidentId

_TAKE_UP = "a running healer daemon takes them up, or: healer fix SCRIPT"


@click.command()
@click.option("--all", "with_old", is_flag=True, help="Also those that are over.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def incidents(ctx: click.Context, with_old: bool, as_json: bool) -> int:
    """List what fails, what is repaired and what waits; the one that failed last comes first."""
    from healer.app.incidents import count_untaken, open_incidents
    from healer.cli.output import print_json, print_table

    now = time.time()
    with open_incidents(start_folder(ctx)) as store:
        rows = [each for each in store.list_all() if with_old or not each.is_over]
    if as_json:
        print_json([asdict(each) | {"shown_state": each.shown_state(now)} for each in rows])
        return 0
    untaken = count_untaken(start_folder(ctx))
    if not rows:
        if not untaken:
            click.echo("no incident is open", err=True)
        _print_untaken(ctx, untaken, now)
        return 0
    print_table(
        ("ID", "LAST", "COUNT", "STATE", "SCRIPT", "WHAT"),
        [
            (
                each.fingerprint,
                _age(each.last_at, now),
                str(each.count),
                each.describe_state(now),
                each.script,
                each.summary or each.reason,
            )
            for each in rows
        ],
    )
    click.echo("next: healer incident ID", err=True)
    _print_untaken(ctx, untaken, now)
    return 0


def _print_untaken(ctx: click.Context, count: int, now: float) -> None:
    """What belongs to no incident yet, for nobody has taken it up."""
    from healer.app.incidents import list_untaken
    from healer.cli.output import print_table

    failures = list_untaken(start_folder(ctx)) if count else ()
    if not failures:
        return
    click.echo(f"recorded failures in no incident yet: {count}; {_TAKE_UP}", err=True)
    print_table(
        ("FAILURE", "LAST", "SCRIPT", "WHAT"),
        [(each.id, _age(each.at, now), each.script, each.summary) for each in failures],
    )
    click.echo("next: healer fix SCRIPT --failure ID", err=True)


@click.command()
@click.argument("incident", type=IncidentId())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def incident(ctx: click.Context, incident: str, as_json: bool) -> int:
    """Tell the life of one INCIDENT: by its id, or by one of its repairs or failures."""
    from healer.app.incident_trail import add_trail
    from healer.app.incidents import list_next_commands, open_incidents, read_life, tell_life
    from healer.app.status import find_repairs
    from healer.cli.output import print_json
    from healer.render.clean import printable

    now = time.time()
    with open_incidents(start_folder(ctx)) as store:
        life = add_trail(read_life(store, incident), start_folder(ctx))
    name = life.incident.repair
    commands = list_next_commands(life, now, find_repairs(start_folder(ctx), name))
    if as_json:
        facts = {
            "life": [asdict(moment) for moment in life.moments],
            "failures": [{"id": name, "counted_at": at} for name, at in life.failures],
            "repairs": list(life.repairs),
            "next": list(commands),
            "mail": life.mail,
            "tapes": sorted(life.tapes),
            "shown_state": life.incident.shown_state(now),
        }
        print_json(asdict(life.incident) | facts)
        return 0
    for line in (
        *tell_life(life, now),
        *(f"next: {each}" for each in commands),
    ):
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


def _age(seconds: float, now: float) -> str:
    from healer.render.one_line import format_age

    return format_age(datetime.fromtimestamp(seconds, UTC), datetime.fromtimestamp(now, UTC))
