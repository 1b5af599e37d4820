"""From what `healer fix` was asked to a sound request.

Belongs here: which recorded failure, and which command. Does not belong here: whether the script
can be repaired (`healer.repair.request`), or carrying it out (`commands`).
"""

from pathlib import Path
from typing import Literal

from healer.app.drafters import NO_MODEL
from healer.config import Config, ConfigError
from healer.facts.errors import UsageError
from healer.facts.repair import Request
from healer.failure import Fact, Failure
from healer.repair.request import build_request, relative_to_repository
from healer.watch.inbox import Inbox, InboxError
from quarantine.repository import Repository


class FixOptions(Fact):
    """What `healer fix` was asked."""

    script: str
    args: tuple[str, ...] | None = None
    """None: no command was given."""
    failure_id: str | None = None
    merge: bool = True
    dry_run: bool = False
    drafter: Literal["auto", "rules", "model"] = "auto"
    pull_request: bool = False
    attempts: int | None = None
    budget_usd: float | None = None


def make_request(repository: Repository, config: Config, cwd: Path, options: FixOptions) -> Request:
    """A sound request; a script is looked for from `cwd`. Raises UsageError or ConfigError."""
    if options.drafter == "model" and not config.model.tiers:
        raise ConfigError(NO_MODEL)
    script = relative_to_repository(repository, options.script, cwd)
    return build_request(
        repository,
        config,
        script,
        failure=_find_failure(repository, script, options),
        command=("python", script, *options.args) if options.args is not None else (),
        merge=options.merge and not options.dry_run,
        drafter=options.drafter,
        attempts=options.attempts,
        budget_usd=options.budget_usd,
        pull_request=options.pull_request,
    )


def _find_failure(repository: Repository, script: str, options: FixOptions) -> Failure | None:
    """The recorded failure that is meant; None where a command is run, or nothing was recorded."""
    if options.args is not None:
        if options.failure_id is not None:
            raise UsageError("--failure and a command after -- exclude each other; give one")
        return None
    inbox = Inbox(repository.state_dir)
    if options.failure_id is None:
        return inbox.find_newest(script)
    try:
        failure = inbox.read(options.failure_id)
    except InboxError as error:
        raise UsageError(str(error)) from error
    if failure.script not in ("", script):
        right = f"healer fix {failure.script} --failure {options.failure_id}"
        raise UsageError(f"that failure is not one of {script}; type: {right}")
    return failure
