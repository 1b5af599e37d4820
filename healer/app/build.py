"""Builds the real services from the configuration, and runs one repair with them.

Belongs here: which class stands behind which Protocol; all choices in one short file. Does not
belong here: anything a part does.
"""

import getpass
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from healer.app.drafters import NO_MODEL, Drafters, Spending
from healer.config import Config, ConfigError, load
from healer.engine.schema import schema_of
from healer.facts.errors import UsageError
from healer.facts.progress import Progress
from healer.facts.repair import Request, Result
from healer.failure import Fact, Failure
from healer.ledger.store import Ledger
from healer.notify.notifier import Notifier
from healer.redact import Redactor
from healer.repair import request
from healer.services import Services
from healer.services.runner import SandboxRunner
from healer.support.circuit_breaker import CircuitBreaker
from healer.watch.inbox import Inbox, InboxError
from healer.watch.incidents import Incidents
from healer.watch.runner import run_log
from quarantine.repository import Repository
from quarantine.scratch import shared_clone
from sandbox import Limits, Sandbox
from sandbox.image import ImageConfig

if TYPE_CHECKING:
    from healer.facts.decision import Decided
    from healer.facts.repair import Dossier
    from healer.repair.consolidate import Found

Show = Callable[[Progress], None]


class FixOptions(Fact):
    """What `healer fix` was asked."""

    script: str
    args: tuple[str, ...] | None = None
    """None: no command was given."""
    failure_id: str | None = None
    merge: bool = True
    dry_run: bool = False
    drafter: Literal["auto", "rules", "model"] = "auto"
    attempts: int | None = None
    budget_usd: float | None = None


def configuration(repository: Repository) -> Config:
    """healer.toml of the working tree; of the newest commit where there is none (bare)."""
    if repository.root is None:
        tree = repository.tree("HEAD")
        return load(tree.read)

    def read(name: str) -> bytes | None:
        path = Path(repository.root or "") / name
        return path.read_bytes() if path.is_file() else None

    return load(read)


def state_folder(repository: Repository) -> Path:
    """The folder of healer's own state in the git folder, made where it is missing."""
    folder = repository.state_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def open_ledger(repository: Repository, config: Config) -> Ledger:
    """The ledger that this repository's repairs are written to."""
    folder = state_folder(repository)
    if config.state == "sqlite":
        return Ledger.in_folder(folder)
    return Ledger(database(config.state), schema_of(config.state, folder))


def database(url: str) -> str:
    """A postgresql:// URL as SQLAlchemy wants it. Raises ConfigError for another scheme."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("postgresql", "postgres"):
        raise ConfigError(f'state = "{url}": must be "sqlite" or a postgresql:// URL')
    return f"postgresql+psycopg://{rest}"


def interpreter(repository: Repository, config: Config) -> Path:
    """The Python whose packages the scripts use: configured, the repository's own, or ours."""
    root = repository.root or repository.git_dir
    if config.sandbox.python:
        named = root / config.sandbox.python
        if not named.exists():
            raise ConfigError(f'sandbox.python = "{config.sandbox.python}": no such file in {root}')
        return named
    for folder in (".venv", "venv"):
        candidate = root / folder / "bin" / "python"
        if candidate.exists():
            return candidate
    return Path(sys.executable)


@contextmanager
def build_services(
    repository: Repository,
    config: Config,
    show: Show,
    *,
    origin: Repository | None = None,
) -> Iterator[Services]:
    """The real services; containers are removed and connections closed at the end.

    `origin` is the user's repository where `repository` is only a copy of it (a dry run): the
    interpreter and untracked inputs are found there.
    """
    folder = state_folder(repository)
    redactor = Redactor.from_environment(os.environ, names=config.model.key_names)
    home = origin or repository
    with ExitStack() as stack:
        ledger = open_ledger(repository, config)
        stack.callback(ledger.close)
        incidents = Incidents(folder / "incidents.sqlite")
        stack.callback(incidents.close)
        started: list[Sandbox] = []

        def sandbox() -> Sandbox:
            if not started:
                started.append(new_sandbox(config, home, home.root or home.git_dir))
                stack.callback(started[0].close)
            return started[0]

        measured = SandboxRunner(
            sandbox, folder / "cache", _limits(config), _included(home, config)
        )
        drafters = Drafters(
            repository=repository,
            config=config,
            folder=folder,
            spending=Spending(home, dry=origin is not None),
            redactor=redactor,
            measured=measured,
            ledger=ledger,
            stack=stack,
            home=home.state_dir,
        )
        yield Services(
            repository=repository,
            config=config,
            runner=measured,
            ledger=ledger,
            notifier=Notifier(folder / "mail", config.mail, redactor),
            incidents=incidents,
            redactor=redactor,
            drafters=drafters,
            good_runs=partial(run_log.read_good_runs, home.state_dir),
            reviewer=drafters.reviewer,
            wording=drafters.wording,
            progress=show,
        )


def _limits(config: Config) -> Limits:
    given = config.sandbox
    return Limits(
        memory_mb=given.memory_mb, cpus=given.cpus, pids=given.pids, timeout_s=given.timeout_s
    )


def _included(repository: Repository, config: Config) -> Callable[[], dict[str, bytes]]:
    """Untracked inputs that a run needs, read when a run begins."""

    def read() -> dict[str, bytes]:
        root = repository.root
        if root is None:
            return {}
        found = (path for pattern in config.sandbox.include for path in root.glob(pattern))
        return {p.relative_to(root).as_posix(): p.read_bytes() for p in found if p.is_file()}

    return read


def image_config(config: Config, repository: Repository | None, root: Path) -> ImageConfig:
    """Which image the sandbox runs on, for this repository or outside of one."""
    python = interpreter(repository, config) if repository else None
    return ImageConfig(image=config.sandbox.image, python=python, root=root)


def ready_image(config: Config, repository: Repository) -> str:
    """The tag of the sandbox image, built where it is missing. Raises SandboxError."""
    from sandbox.image import build_image

    return build_image(image_config(config, repository, repository.root or repository.git_dir))


def new_sandbox(config: Config, repository: Repository | None, root: Path) -> Sandbox:
    """The Docker sandbox on the configured image, built where its inputs changed.

    Raises SandboxError.
    """
    from sandbox.image import build_image
    from sandbox.runner import DockerSandbox

    return DockerSandbox(
        image=build_image(image_config(config, repository, root)),
        limits=_limits(config),
        runtime=config.sandbox.runtime,
        pool_size=config.sandbox.pool,
        breaker=CircuitBreaker(limit=5, first_pause_s=30.0, longest_pause_s=30.0),
    )


def requested(repository: Repository, config: Config, folder: Path, options: FixOptions) -> Request:
    """What `healer fix` was asked, as a sound request. Raises UsageError or ConfigError."""
    if options.drafter == "model" and not config.model.tiers:
        raise ConfigError(NO_MODEL)
    script = request.inside(repository, options.script, folder)
    failure = _recorded(repository, script, options)
    return request.build_request(
        repository,
        config,
        script,
        failure=failure,
        command=("python", script, *options.args) if options.args is not None else (),
        merge=options.merge and not options.dry_run,
        drafter=options.drafter,
        attempts=options.attempts,
        budget_usd=options.budget_usd,
    )


def fix_script(start: Path, folder: Path, options: FixOptions, show: Show) -> Result:
    """`healer fix`: opens or resumes the repair, and follows it to its end."""
    repository = Repository.open(start)
    config = configuration(repository)
    wanted = requested(repository, config, folder, options)
    ready_image(config, repository)  # without a sandbox nothing is begun, and nothing written
    if options.dry_run:
        with tempfile.TemporaryDirectory(prefix="healer-") as scratch:
            copy = shared_clone(repository, Path(scratch) / "dry-run.git")
            quiet = config.model_copy(update={"push": False, "state": "sqlite"})
            return _as_dry_run(_run(copy, quiet, wanted, show, origin=repository))
    return _run(repository, config, wanted, show)


def _as_dry_run(result: Result) -> Result:
    """What a dry run found, without names of things that went with its copy."""
    gone: dict[str, object] = {"branch": None, "commit": None, "next_step": ""}
    if result.outcome == "review" and not result.missing:
        gone["reason"] = "a dry run: the fix passes every check, and nothing was written"
    return result.model_copy(update=gone)


def _recorded(repository: Repository, script: str, options: FixOptions) -> Failure | None:
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


def _run(
    repository: Repository,
    config: Config,
    wanted: Request,
    show: Show,
    origin: Repository | None = None,
) -> Result:
    from healer.repair.run import run_repair

    with build_services(repository, config, show, origin=origin) as real:
        return run_repair(real, state_folder(repository), wanted)


def consolidated(start: Path, show: Show) -> "tuple[Found, ...]":
    """`healer consolidate`: patterns by script, and what was proposed."""
    from healer.repair.consolidate import consolidate

    repository = Repository.open(start)
    with build_services(repository, configuration(repository), show) as real:
        return consolidate(real)


def drain(start: Path, show: Show) -> int:
    """`healer daemon --once`; gives the number of repairs followed to their end."""
    from healer.daemon.daemon import Daemon

    repository = Repository.open(start)
    with (
        build_services(repository, configuration(repository), show) as services,
        Daemon(services, state_folder(repository)) as daemon,
    ):
        return daemon.drain()


def serve(start: Path, show: Show) -> bool:
    """`healer daemon`: until SIGTERM or SIGINT; True where SIGHUP asks to start it again."""
    from healer.daemon.daemon import Daemon
    from healer.daemon.tasks.catalogue import standard_tasks
    from healer.daemon.tasks.planned_jobs import PlannedJobs
    from healer.daemon.tasks.reload import ReloadConfiguration
    from sandbox import engine_status

    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])  # kept until somebody listens
    repository = Repository.open(start)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    state_dir = state_folder(repository)
    with (
        build_services(repository, configuration(repository), show) as services,
        Daemon(services, state_dir) as daemon,
    ):
        reload = ReloadConfiguration(state_dir, stop, lambda: _check_start(repository), show)
        signal.signal(signal.SIGHUP, lambda *_: reload.request())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGHUP])
        jobs = PlannedJobs(services, state_dir)
        jobs.schedule(daemon.engine)
        daemon.run(stop, (reload, jobs, *standard_tasks(daemon, engine_status)))
    return reload.starts_again


def _check_start(repository: Repository) -> None:
    """Raises what the daemon would end with if it started on the configuration on disk."""
    config = configuration(repository)
    with build_services(repository, config, lambda _: None):
        interpreter(repository, config)


@contextmanager
def reading(start: Path) -> Iterator[Ledger]:
    """The ledger of the repository that holds `start`, for commands that only look."""
    repository = Repository.open(start)
    ledger = open_ledger(repository, configuration(repository))
    try:
        yield ledger
    finally:
        ledger.close()


def decide(
    start: Path,
    action: Literal["approve", "reject", "rollback"],
    prefix: str,
    show: Show,
    *,
    why: str = "",
    allowed: Callable[["Dossier"], bool] | None = None,
) -> "Decided":
    """Carries out what a person decided on the repair whose id begins with `prefix`.

    `allowed` is asked before an approval, with the evidence; False leaves all as it is.
    """
    from healer.repair.run import run_decision

    repository = Repository.open(start)
    config = configuration(repository)
    with build_services(repository, config, show) as real:
        return run_decision(
            real, state_folder(repository), action, prefix, by=_person(repository), why=why,
            is_confirmed=allowed,
        )  # fmt: skip


def _person(repository: Repository) -> str:
    """Who decides, as git knows them."""
    name = repository.git.ask("config", "user.name", as_user=True)[1].decode(errors="replace")
    return name.strip() or getpass.getuser()
