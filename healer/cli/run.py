"""`healer run`: the full command line's way to what `healer.__main__` mostly reaches directly."""

import click

from healer.cli import FiniteRange, repo_option, start_folder


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--max-runtime", type=FiniteRange(min=0, min_open=True), metavar="SECONDS")
@click.option("--source", type=click.Choice(["run", "job", "rerun"]), default="run", hidden=True)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@repo_option
@click.pass_context
def run(
    ctx: click.Context, command: tuple[str, ...], max_runtime: float | None, source: str
) -> int:
    """Run a job exactly as it would run without healer, and record a failure.

    Its input, output, signals and exit code stay its own. COMMAND is what you would type without
    `healer run --`.
    """
    from healer.watch.runner.options import RunOptions
    from healer.watch.runner.run import run as run_job

    return run_job(RunOptions(command, str(start_folder(ctx)), max_runtime, source))
