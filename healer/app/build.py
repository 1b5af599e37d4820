"""Builds the services of a repair from the configuration.

Belongs here: which class stands behind which Protocol; all choices in one short file. Does not
belong here: what a command does with the services (`commands`), or what a service does.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path

from healer.app.drafters import Drafters, SpendingFile
from healer.app.sandbox_setup import find_interpreter, inputs_reader, limits_of, open_sandbox
from healer.app.state import make_state_dir, open_ledger, read_configuration
from healer.config import Config
from healer.facts.progress import Progress
from healer.notify.notifier import Notifier
from healer.redact import Redactor
from healer.services import Services
from healer.services.runner import SandboxRunner
from healer.tape.recordings import Recordings
from healer.watch.incidents import Incidents
from quarantine.repository import Repository
from sandbox import Sandbox

Show = Callable[[Progress], None]
SandboxOpener = Callable[[Config, Repository, Path], AbstractContextManager[Sandbox]]


@contextmanager
def build_services(
    repository: Repository,
    config: Config,
    show: Show,
    *,
    origin: Repository | None = None,
    sandbox_opener: SandboxOpener = open_sandbox,
) -> Iterator[Services]:
    """The real services; containers are removed and connections closed at the end.

    `origin` is the user's repository where `repository` is only a copy of it (a dry run): the
    interpreter and untracked inputs are found there. `sandbox_opener` is called when a sandbox is
    first needed: many repairs end without one.
    """
    state_dir = make_state_dir(repository)
    redactor = Redactor.from_environment(os.environ, names=config.model.key_names)
    home = origin or repository
    with ExitStack() as stack:
        ledger = stack.enter_context(open_ledger(repository, config))
        open_once = _open_once(
            partial(sandbox_opener, config, home, home.root or home.git_dir), stack
        )
        inputs = inputs_reader(home, config)
        runner = SandboxRunner(open_once, state_dir / "cache", limits_of(config), inputs)
        drafters = Drafters(
            repository=repository,
            config=config,
            state_dir=state_dir,
            spending=SpendingFile(home, is_dry_run=origin is not None),
            redactor=redactor,
            runner=runner,
            recordings=Recordings(home.state_dir),
            ledger=ledger,
            stack=stack,
            run_log_dir=home.state_dir,
        )
        yield Services(
            repository=repository,
            config=config,
            runner=runner,
            ledger=ledger,
            notifier=Notifier(state_dir / "mail", config.mail, redactor),
            incidents=stack.enter_context(Incidents(state_dir / "incidents.sqlite")),
            redactor=redactor,
            drafters=drafters,
            recordings=Recordings(home.state_dir),
            reviewer=drafters.reviewer,
            wording=drafters.wording,
            progress=show,
        )


def check_start(repository: Repository) -> None:
    """Raises what a command would end with that starts on the configuration on disk."""
    config = read_configuration(repository)
    with build_services(repository, config, lambda _: None):
        find_interpreter(repository, config)


def _open_once(
    opener: Callable[[], AbstractContextManager[Sandbox]], stack: ExitStack
) -> Callable[[], Sandbox]:
    """Gives the one sandbox, which is opened when it is first asked for."""
    sandboxes: list[Sandbox] = []

    def open_once() -> Sandbox:
        if not sandboxes:
            sandboxes.append(stack.enter_context(opener()))
        return sandboxes[0]

    return open_once
