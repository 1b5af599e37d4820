"""`healer report`: records a failure that somebody hands in.

Belongs here: where it comes from (standard input, a log, a unit) and what is printed. Does not
belong here: reading it (`healer.watch.report`, `healer.watch.unit`).
"""

from typing import TYPE_CHECKING

import click

from healer.cli import repo_option, start_folder

if TYPE_CHECKING:
    from healer.failure import Failure
    from healer.watch.checkout import Checkout


@click.command()
@click.option(
    "--log",
    type=click.Path(),
    help="Record every distinct traceback of this file.",
)
@click.option(
    "--unit", metavar="NAME", help="Record the failure of a systemd unit, from its journal."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def report(ctx: click.Context, log: str | None, unit: str | None, as_json: bool) -> int:
    """Record a failure from standard input: a JSON document, or text with a Python traceback."""
    import json

    from healer.watch.checkout import NoRepositoryError, find_checkout
    from healer.watch.inbox import Inbox
    from healer.watch.report import ReportError
    from healer.watch.unit import UnitError

    if log and unit:
        raise click.UsageError("--log and --unit exclude each other; give one")
    try:
        checkout = find_checkout(start_folder(ctx))
        failures = _read_failures(checkout, log, unit)
    except (NoRepositoryError, UnitError) as error:
        click.echo(f"healer: {error}", err=True)
        return 3
    except ReportError as error:
        raise click.UsageError(str(error)) from error
    records = [Inbox(checkout.state_dir).put(failure) for failure in failures]
    if as_json:
        facts = [{"id": f.id, "fingerprint": f.fingerprint, "script": f.script} for f in records]
        click.echo(json.dumps({"recorded": facts}))
    else:
        for failure in records:
            click.echo(f"{failure.id}  {failure.script or 'no script'}  {_what(failure)}")
    if not records:
        click.echo(f"healer: {log} holds no complete Python traceback", err=True)
    return 0


def _read_failures(
    checkout: "Checkout", log: str | None, unit: str | None
) -> "tuple[Failure, ...]":
    """What was handed in, without secrets."""
    import os
    import sys
    import time
    from pathlib import Path

    from healer.redact import Redactor
    from healer.watch.checkout import look_for
    from healer.watch.record import format_timestamp
    from healer.watch.report import read_log, read_report

    redactor = Redactor.from_environment(
        {name: value for name, value in os.environ.items() if name not in ("PWD", "OLDPWD")}
    )
    root, now = str(checkout.root), format_timestamp(time.time())
    if log:
        path = look_for(log, Path.cwd(), checkout.root)[0]
        if not path.is_file():
            raise click.UsageError(f"--log {log}: there is no such file; name one that there is")
        return read_log(path.read_bytes(), root, redactor, now)
    text = (
        _read_unit(checkout, unit) if unit else sys.stdin.buffer.read().decode("utf-8", "replace")
    )
    return (read_report(text, root, redactor, now),)


def _read_unit(checkout: "Checkout", unit: str) -> str:
    """A document on the last run of a systemd unit, as one could hand it in."""
    import json
    import os
    from pathlib import Path

    from healer.watch.checkout import find_script
    from healer.watch.unit import read_last_run

    run = read_last_run(unit, os.environ)
    document = {
        "stderr": run.output,
        "argv": run.argv,
        "exit_code": run.exit_code,
        "signal": run.signal,
        "timed_out": run.timed_out,
        "script": find_script(run.argv, checkout, Path(run.cwd or checkout.root)),
    }
    return json.dumps({key: value for key, value in document.items() if value})


def _what(failure: "Failure") -> str:
    if failure.exception:
        return failure.exception.type
    return f"signal {failure.signal}" if failure.signal else f"exit code {failure.exit_code}"
