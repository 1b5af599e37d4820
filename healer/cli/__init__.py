"""The command line: one module for each command, heavy imports inside the command.

Belongs here: the table of commands. `healer --help` reads only this table, so it stays quick.
"""

import importlib
import math
from pathlib import Path
from typing import Any

import click

from healer.support.suggestion import nearest

COMMANDS = {
    "init": ("healer.cli.init", "Write a commented healer.toml and protected.toml."),
    "doctor": ("healer.cli.doctor", "Check what a repair needs, one line each."),
    "trust": ("healer.cli.trust", "Allow what healer.toml has this machine do."),
    "run": ("healer.cli.run", "Run a job as it is, and record a failure."),
    "report": ("healer.cli.report", "Record a failure from standard input or a log."),
    "fix": ("healer.cli.fix", "Repair one script now."),
    "check": ("healer.cli.check", "Judge anybody's patch, and write nothing."),
    "trial": ("healer.cli.trial", "Try healer on this repository's past, and merge nothing."),
    "daemon": ("healer.cli.daemon", "Watch and heal until stopped."),
    "agent": ("healer.cli.agent", "Bring what fails on this machine to a hub."),
    "worker": ("healer.cli.worker", "Repair for repositories on a shared database."),
    "hub": ("healer.cli.hub", "Take failures of other machines into a shared database."),
    "review": ("healer.cli.review", "List what waits for a person."),
    "show": ("healer.cli.show", "Show one repair: diff, evidence, history."),
    "forget": ("healer.cli.forget", "Remove what was recorded of a job's world."),
    "expect": ("healer.cli.expect", "Propose what a good outcome is, from nights."),
    "answer": ("healer.cli.answer", "Answer the one question that a repair waits for."),
    "approve": ("healer.cli.approve", "Merge a waiting fix after checking it again."),
    "reject": ("healer.cli.reject", "Turn a waiting fix down, and remember why."),
    "reply": ("healer.cli.reply", "Carry out the word of a mail that answers one of healer's."),
    "rollback": ("healer.cli.rollback", "Take a merged repair out again, as a new commit."),
    "status": ("healer.cli.status", "Show what runs and waits now."),
    "incidents": ("healer.cli.incidents", "List what fails, is repaired, or waits."),
    "incident": ("healer.cli.incidents", "Tell the life of one incident."),
    "ack": ("healer.cli.incidents", "Say that somebody is at an incident."),
    "snooze": ("healer.cli.incidents", "Leave an incident alone for a while."),
    "pause": ("healer.cli.pause", "Stop all merging at once, or that of one script."),
    "resume": ("healer.cli.pause", "End a pause."),
    "log": ("healer.cli.log", "Show the decision ledger."),
    "verify": ("healer.cli.verify", "Hold merges against statements and the ledger."),
    "costs": ("healer.cli.costs", "Show money and tokens."),
    "rules": ("healer.cli.rules", "Show what the rules mend, each with its example."),
    "case": ("healer.cli.case", "Write an incident as an archive, to repair it elsewhere."),
    "mcp": ("healer.cli.mcp", "Serve incidents and the sandbox to coding agents."),
    "consolidate": ("healer.cli.consolidate", "Show patterns over repairs, and propose notes."),
    "web": ("healer.cli.web", "Serve the same as a page on this machine."),
    "sandbox": ("healer.cli.sandbox", "Build, check or prune the sandbox."),
}


class Commands(click.Group):
    """Imports a command's module when the command is used; lists them without importing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command = getattr(module, cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]}.{cmd_name} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest command named for a typo."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = nearest(args[0], COMMANDS)
            hint = f" Did you mean '{close}'?" if close else ""
            raise click.UsageError(error.message + hint, ctx) from None


class FiniteRange(click.FloatRange):
    """Numbers of a range: `nan` lies in each for click, and `inf` in one without an end."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """As click does, for what is a number to count with."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is no number to count with", param, ctx)
        return number


def repo_option(command: Any) -> Any:
    """`--repo PATH`, before or after the subcommand."""
    return click.option(
        "--repo",
        type=click.Path(file_okay=False),
        expose_value=False,
        callback=_remember,
        help="The repository (default: the one that holds the current folder).",
    )(command)


state_env_option = click.option(
    "--state-env",
    metavar="NAME",
    default="HEALER_STATE",
    show_default=True,
    help="The variable that holds the URL of the shared PostgreSQL.",
)
"""For commands that have no healer.toml to name it."""


def _remember(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.find_root().obj = {**(ctx.find_root().obj or {}), "repo": value}


def start_folder(ctx: click.Context) -> Path:
    """Where the repository is looked for: `--repo`, or the current folder."""
    return Path((ctx.find_root().obj or {}).get("repo") or Path.cwd())


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="healer", prog_name="healer")
@repo_option
def cli() -> None:
    """Heals broken scripts: drafts a fix, proves it in a sandbox, merges only what is proved.

    Exit codes: 0 healed or nothing broken, 1 not healed, 2 wrong usage or configuration,
    3 environment unavailable, 4 a bug in healer, 130 interrupted.
    """
