"""`healer trial`: what healer would have done with this repository's past.

Belongs here: its options, and what it prints. Does not belong here: what is tried
(`healer.app.trial`), or words and markup (`healer.render.trial`).
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from healer.cli import FiniteRange, repo_option, start_folder

if TYPE_CHECKING:
    from healer.render.trial_report import TrialReport

LOOK_S = 5.0
"""How often `--live` looks for new failures."""
DAY_S = 86_400.0


@click.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on (UTC).")
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="Pieces tried.")
@click.option(
    "--live", "days", type=FiniteRange(min=0, min_open=True), metavar="DAYS",
    help="Then try each new failure for so long, too.",
)  # fmt: skip
@click.option("--drafter", type=click.Choice(["auto", "rules", "model"]), default="auto")
@click.option("--budget", type=FiniteRange(min=0), metavar="USD", help="For all of it.")
@click.option("--again", is_flag=True, help="Take nothing from an earlier trial.")
@click.option(
    "--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write a page, too."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def trial(
    ctx: click.Context,
    since: datetime | None,
    most: int,
    days: float | None,
    drafter: Literal["auto", "rules", "model"],
    budget: float | None,
    again: bool,
    page: Path | None,
    as_json: bool,
) -> int:
    """Repair this repository's past in a copy, and merge nothing.

    Tried are recorded failures on the commit on which they happened, and commits that mended
    something and brought a test, with the fix undone. Each fix is held against the person's.
    """
    from healer.app.trial import TrialOptions, open_trial
    from healer.cli.live import Live
    from healer.cli.output import print_json
    from healer.render.trial import case_line

    options = TrialOptions(
        since=int(since.replace(tzinfo=UTC).timestamp()) if since else 0,
        most=most,
        drafter=drafter,
        budget_usd=budget,
        again=again,
    )
    start, end = start_folder(ctx), time.time() + (days or 0.0) * DAY_S
    with Live(quiet=True) as live, open_trial(start, options, live.show) as shadow:
        try:
            for case in shadow.replay():
                click.echo(case_line(case), err=True)
            while days is not None and time.time() < end:
                for case in shadow.try_new_failures():
                    click.echo(case_line(case), err=True)
                time.sleep(max(0.0, min(LOOK_S, end - time.time())))
        finally:
            report = shadow.report()
            if page is not None:
                _write_page(page, report, start.resolve().name)
    if as_json:
        print_json(report)
    else:
        _print(report)
    return 0


def _write_page(path: Path, report: "TrialReport", name: str) -> None:
    from healer.render.trial_page import trial_page
    from healer.support.atomic_file import write_atomically

    write_atomically(path, trial_page(report, name).encode("utf-8", "replace"), durable=False)
    print(f"wrote {path}", file=sys.stderr)


def _print(report: "TrialReport") -> None:
    from healer.cli.output import print_table
    from healer.render.clean import printable
    from healer.render.trial import SCRIPT_HEADER, script_row, summary

    if report.scripts:
        print_table(SCRIPT_HEADER, [script_row(script) for script in report.scripts])
    for line in summary(report):
        print(printable(line))
