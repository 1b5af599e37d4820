"""Builds the services of a repair from the configuration.

Belongs here: which class stands behind which Protocol; all choices in one short file. Does not
belong here: what a command does with the services (`commands`), or what a service does.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from healer.app.declared import Requirements, for_python
from healer.app.drafters import Drafters, SpendingFile, require_model_library
from healer.app.environments import cache_folder, prepare_environment
from healer.app.job_needs import NOTHING_MORE, JobNeeds, find_needs
from healer.app.machine_pythons import choose_python
from healer.app.sandbox_setup import (
    Sandboxes,
    SandboxOpener,
    find_interpreter,
    limits_of,
    open_sandbox,
)
from healer.app.shared_state import SharedState
from healer.app.state import make_state_dir, open_ledger, open_shared_state
from healer.app.trust import read_trusted_configuration, trust_first_use
from healer.app.untracked_inputs import inputs_reader
from healer.config import Config
from healer.facts.progress import Progress
from healer.facts.repair import Request
from healer.failure import Failure
from healer.forge.forges import open_forge
from healer.ledger.store import Ledger
from healer.notify.notifier import Notifier
from healer.redact import Redactor
from healer.services import Services, SharedRecords
from healer.services.decisions import Decisions
from healer.services.fleet import ALONE, Fleet, SharedFleet
from healer.services.runner import SandboxRunner
from healer.services.work import Work, register
from healer.support.clock import SYSTEM_CLOCK, Clock
from healer.support.shared_tables import SharedTables
from healer.survey.python_wish import PythonWish
from healer.tape.recordings import Recordings
from healer.watch.environment_files import file_of, find_environment
from healer.watch.incidents import Incidents
from healer.watch.shared_inbox import SharedInbox
from healer.watch.shared_runs import SharedRuns
from quarantine.repository import Repository
from sandbox.interpreter import describe
from sandbox.packed import PackedLayer

Show = Callable[[Progress], None]


@contextmanager
def build_services(
    repository: Repository,
    config: Config,
    show: Show,
    *,
    origin: Repository | None = None,
    spends_as: Config | None = None,
    sandbox_opener: SandboxOpener = open_sandbox,
    clock: Clock = SYSTEM_CLOCK,
    fence: Callable[[], object] | None = None,
) -> Iterator[Services]:
    """The real services; containers are removed and connections closed at the end.

    `origin` is the user's repository where `repository` is only a copy of it (a dry run): the
    interpreter and untracked inputs are found there, and money counts as its `spends_as` says.
    `sandbox_opener` is called when a sandbox is first needed: many repairs end without one.
    `fence` is called when this process could not show to others that it lives.
    """
    state_dir = make_state_dir(repository)
    if origin is None:
        trust_first_use(repository, config, show)
    redactor = Redactor.from_environment(os.environ, names=config.model.key_names)
    home = origin or repository
    recordings = Recordings(home.state_dir)
    with ExitStack() as stack:
        database = open_shared_state(repository, config)
        tables = stack.enter_context(database.open_tables()) if database else None
        ledger = stack.enter_context(open_ledger(repository, config, clock=clock))
        runners = _Runners(
            Sandboxes(sandbox_opener, config, home, stack), home, config, state_dir / "cache",
            redactor, commits=repository,
        )  # fmt: skip
        spending = _find_purse(home, tables, origin, spends_as, stack)
        drafters = Drafters(
            repository=repository, config=config, state_dir=state_dir, spending=spending,
            redactor=redactor, runners=runners.for_request, recordings=recordings, ledger=ledger,
            stack=stack, run_log_dir=home.state_dir,
        )  # fmt: skip
        incidents = stack.enter_context(Incidents(tables or state_dir / "incidents.sqlite"))
        yield Services(
            repository=repository, config=config, ledger=ledger,
            runner=runners.usual, runners=runners.choose,
            with_packages=runners.with_packages,
            notifier=_open_notifier(config, state_dir, redactor, incidents, tables),
            incidents=incidents, redactor=redactor, drafters=drafters, recordings=recordings,
            reviewer=drafters.reviewer, wording=drafters.wording,
            open_forge=lambda url: open_forge(config.forge, url, os.environ),
            progress=show, fleet=_join_fleet(database, ledger, stack, fence), clock=clock,
            shared_records=_find_shared_records(database, tables), decisions=_find_asked(tables),
        )  # fmt: skip


def _find_asked(tables: SharedTables | None) -> Decisions | None:
    return Decisions(tables) if tables else None


def _find_shared_records(
    database: SharedState | None, tables: SharedTables | None
) -> SharedRecords | None:
    """Only a repository that clones share has a name which other machines know."""
    if database is None or tables is None or not database.is_fleet:
        return None
    return SharedRecords(SharedInbox(tables, database.clone), SharedRuns(tables))


def _find_purse(
    home: Repository,
    tables: SharedTables | None,
    origin: Repository | None,
    spends_as: Config | None,
    stack: ExitStack,
) -> SpendingFile:
    """Where money counts: that of a dry run, too, where it is shared with other machines."""
    database = open_shared_state(home, spends_as) if spends_as else None
    if database is not None:
        tables = stack.enter_context(database.open_tables())
    return SpendingFile(home, is_dry_run=origin is not None, tables=tables)


def _join_fleet(
    database: SharedState | None,
    ledger: Ledger,
    stack: ExitStack,
    fence: Callable[[], object] | None,
) -> Fleet:
    """Until the end of the block, this clone shows to the others that it lives. From now on workers
    know the repository, too."""
    if database is None or not database.is_fleet:
        return ALONE
    tables = stack.enter_context(database.open_tables())
    register(tables, Work(*database.scope, database.remote))
    clone, host = database.clone, database.host
    return stack.enter_context(SharedFleet(tables, ledger, clone, host, fence=fence))


def _open_notifier(
    config: Config,
    state_dir: Path,
    redactor: Redactor,
    incidents: Incidents,
    tables: SharedTables | None,
) -> Notifier:
    return Notifier(
        state_dir / "mail", config.mail, redactor,
        book=incidents, decide=config.decide, tables=tables,
    )  # fmt: skip


class _Runners:
    """The usual runner, and those of jobs that need another box."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        home: Repository,
        config: Config,
        cache_dir: Path,
        redactor: Redactor,
        *,
        commits: Repository,
    ) -> None:
        """`commits` has those of repairs: a copy has commits that `home` has not."""
        self._sandboxes, self._commits, self._home = sandboxes, commits, home
        self.usual = SandboxRunner(
            sandboxes.for_needs(NOTHING_MORE),
            cache_dir,
            limits_of(config),
            inputs_reader(home, config),
            redactor,
        )

    def for_request(self, request: Request) -> SandboxRunner:
        """On the box that this repair's job needs."""
        return self.choose(request, self.usual)

    def choose(self, request: Request, usual: SandboxRunner) -> SandboxRunner:
        """The same, with another runner for jobs of which nothing else is known."""
        needs = needs_of(self._home, request, self._commits)
        return usual if needs == NOTHING_MORE else usual.on(self._sandboxes.for_needs(needs))

    def with_packages(self, request: Request, packages: tuple[str, ...]) -> SandboxRunner:
        """On a box with exactly these packages, from the index. Raises ImageError."""
        needs = needs_of(self._home, request, self._commits)
        requirements = Requirements("the last good night", packages)
        if needs.python is not None:  # one of this machine's, of the same version as the job's
            major, minor, _ = describe(needs.python).version
            wish = PythonWish(f"=={major}.{minor}.*", f"the job that runs on {needs.python}")
            requirements = for_python(requirements, choose_python(wish))
        python = prepare_environment(requirements, cache_folder())
        return self.usual.on(self._sandboxes.for_needs(needs._replace(python=python)))


def needs_of(
    repository: Repository, request: Request, commits: Repository | None = None
) -> JobNeeds:
    """What the box of this repair's job must hold; `commits`: where its base is, if elsewhere."""
    failure, root = request.failure, repository.root or repository.git_dir
    tape = Recordings(repository.state_dir).of_failure(failure) if failure else None
    data = (commits or repository).tree(request.base).read(request.script) or b""
    script = request.script if b"# /// script" in data else ""
    needs = find_needs(failure, tape, root, script)
    return needs._replace(packed=_find_packed(repository, failure)) if failure else needs


def _find_packed(repository: Repository, failure: Failure) -> PackedLayer | None:
    """The layer that came with a failure of another machine."""
    environment = find_environment(repository.state_dir, failure.id)
    if environment is None:
        return None
    file = file_of(repository.state_dir, environment.digest)
    return PackedLayer(file=file, digest=environment.digest, python=environment.python)


def check_start(repository: Repository) -> None:
    """Raises what a command would end with that starts on the configuration on disk."""
    config = read_trusted_configuration(repository)
    require_model_library(config)
    with build_services(repository, config, lambda _: None):
        find_interpreter(repository, config)
