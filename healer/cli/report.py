"""`healer report`: records a failure that somebody hands in."""

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.option(
    "--log",
    type=click.Path(exists=True, dir_okay=False),
    help="Record every distinct traceback of this file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def report(ctx: click.Context, log: str | None, as_json: bool) -> int:
    """Record a failure from standard input: a JSON document, or text with a Python traceback."""
    import json
    import os
    import sys
    import time
    from pathlib import Path

    from healer.redact import Redactor
    from healer.watch.inbox import Inbox
    from healer.watch.place import NoRepositoryError, find
    from healer.watch.record import timestamp
    from healer.watch.report import ReportError, from_document, from_log

    try:
        place = find(start_folder(ctx))
    except NoRepositoryError as error:
        click.echo(f"healer: {error}", err=True)
        return 3
    redactor = Redactor.from_environment(
        {name: value for name, value in os.environ.items() if name not in ("PWD", "OLDPWD")}
    )
    root, now = str(place.root), timestamp(time.time())
    try:
        if log:
            found = from_log(Path(log).read_bytes(), root, redactor, now)
        else:
            text = sys.stdin.buffer.read().decode("utf-8", "replace")
            found = (from_document(text, root, redactor, now),)
    except ReportError as error:
        raise click.UsageError(str(error)) from error
    kept = [Inbox(place.state).put(failure) for failure in found]
    if as_json:
        facts = [{"id": f.id, "fingerprint": f.fingerprint, "script": f.script} for f in kept]
        click.echo(json.dumps({"recorded": facts}))
    else:
        for failure in kept:
            what = failure.raised.type if failure.raised else f"exit code {failure.exit_code}"
            click.echo(f"{failure.id}  {failure.script or 'no script'}  {what}")
    if not kept:
        click.echo(f"healer: {log} holds no complete Python traceback", err=True)
    return 0
