"""What the commands that repair do, each a short way from the command to the work.

Belongs here: one function for each of them. Does not belong here: options and printing
(`healer.cli`), building the services (`build`), or the work (`healer.repair`, `healer.daemon`).
"""

import getpass
import re
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain, repeat
from pathlib import Path
from typing import Literal, NamedTuple

from healer.app.broken_databases import set_broken_aside
from healer.app.build import Show, build_services, check_start, needs_of
from healer.app.configuration import read_configuration
from healer.app.drafters import require_model_library
from healer.app.fix_request import FixOptions, make_request
from healer.app.job_needs import JobNeeds
from healer.app.sandbox_setup import prepare_image
from healer.app.state import make_state_dir, open_ledger
from healer.app.trust import read_trusted_configuration
from healer.config import Config
from healer.daemon.daemon import Daemon
from healer.daemon.tasks.catalogue import standard_tasks
from healer.daemon.tasks.planned_jobs import PlannedJobs
from healer.daemon.tasks.reload import ReloadConfiguration
from healer.engine.condition import DAEMON
from healer.engine.locks import is_alive
from healer.facts.decision import DecisionResult
from healer.facts.progress import Progress
from healer.facts.question import Question
from healer.facts.repair import Dossier, Request, Result
from healer.repair import consolidate as consolidation
from healer.repair.refusals import require_none_waiting
from healer.repair.run import run_answer, run_decision
from healer.services import Services
from healer.support.postgres import explain, is_of_database
from healer.watch.incident import Incident
from quarantine.repository import Repository
from quarantine.scratch import shared_clone
from sandbox import engine_status
from sandbox.prune import prune

SLOW_IMAGE_S = 1.0
"""One that was there is found in less."""
WAITS_S = (1.0, 2.0, 5.0, 15.0, 30.0)
"""How long a daemon that starts waits for its state database between looks; the last for ever."""


class PreparedFix(NamedTuple):
    """What `healer fix` was asked, and with what it is done."""

    services: Services
    state_dir: Path
    request: Request


@contextmanager
def prepare_fix(start: Path, cwd: Path, options: FixOptions, show: Show) -> Iterator[PreparedFix]:
    """What `healer fix` needs to run a repair, until the end of the block."""
    repository = Repository.open(start)
    config = read_trusted_configuration(repository)
    request = make_request(repository, config, cwd, options)
    if request.drafter != "rules":
        require_model_library(config)
    needs = needs_of(repository, request)
    _prepare_sandbox(config, repository, needs, show)
    with ExitStack() as stack:
        if options.dry_run:
            services = stack.enter_context(_dry_run_services(repository, config, show))
        else:
            services = stack.enter_context(build_services(repository, config, show))
        require_none_waiting(services.ledger, request)
        yield PreparedFix(services, make_state_dir(services.repository), request)


def _prepare_sandbox(config: Config, repository: Repository, needs: JobNeeds, show: Show) -> None:
    """Without a sandbox nothing is begun, or written. Raises SandboxError."""
    began_s = time.monotonic()
    what = "makes its image ready, once for each set of packages"
    show(Progress(repair="", step="sandbox", state="running", detail=what))
    prepare_image(config, repository, needs)
    if (took_s := time.monotonic() - began_s) >= SLOW_IMAGE_S:
        ready = "its image is ready"
        show(Progress(repair="", step="sandbox", state="pass", detail=ready, seconds=took_s))


@contextmanager
def _dry_run_services(repository: Repository, config: Config, show: Show) -> Iterator[Services]:
    """Services on a copy of the repository that goes again, and that nothing leaves."""
    with tempfile.TemporaryDirectory(prefix="healer-") as scratch:
        copy = shared_clone(repository, Path(scratch) / "dry-run.git")
        quiet = config.model_copy(update={"push": False, "state": "sqlite"})
        with build_services(copy, quiet, show, origin=repository, spends_as=config) as services:
            yield services


def as_dry_run(result: Result) -> Result:
    """What a dry run gives, without names of things that went with its copy."""
    changes: dict[str, object] = {"branch": None, "commit": None, "next_step": ""}
    if result.outcome == "review" and not result.missing:
        changes["reason"] = "a dry run: the fix passes every check, and nothing was written"
    return result.model_copy(update=changes)


def decide(
    start: Path,
    action: Literal["approve", "reject", "rollback"],
    prefix: str,
    show: Show,
    *,
    why: str = "",
    by: str = "",
    is_confirmed: Callable[[Dossier], bool] | None = None,
) -> DecisionResult:
    """Carries out what a person decided on the repair whose id begins with `prefix`.

    `by` is who, and how it was said; empty: who types, as git knows them. `is_confirmed` is asked
    before an approval, with the evidence; False leaves all as it is.
    """
    repository = Repository.open(start)
    with build_services(repository, read_trusted_configuration(repository), show) as services:
        return run_decision(
            services,
            make_state_dir(repository),
            action,
            prefix,
            by=by or _person(repository),
            why=why,
            is_confirmed=is_confirmed,
        )


def answer(
    start: Path, prefix: str, show: Show, choose: Callable[[Question], str], *, by: str = ""
) -> DecisionResult:
    """Carries out a person's answer; `choose` is given the question, and gives what the call is to
    give, or nothing for none of these. `by` as for `decide`."""
    repository = Repository.open(start)
    with build_services(repository, read_trusted_configuration(repository), show) as services:
        author = _author(repository, by.partition(" (")[0] or _person(repository))
        by = by or _person(repository)
        return run_answer(
            services,
            make_state_dir(repository),
            prefix,
            choose,
            by=by,
            author=author,
        )


def _author(repository: Repository, name: str) -> str:
    """The person as the author of a commit; without an address in git's settings, with none."""
    out = repository.git.ask("config", "user.email", as_user=True)[1].decode(errors="replace")
    plain = [re.sub(r"[<>\n\0]", "", text).strip() for text in (name, out)]
    return f"{plain[0] or 'somebody'} <{plain[1]}>"


def _person(repository: Repository) -> str:
    """Who decides, as git knows them."""
    name = repository.git.ask("config", "user.name", as_user=True)[1].decode(errors="replace")
    return name.strip() or getpass.getuser()


def consolidate(start: Path, show: Show) -> tuple[consolidation.ScriptPatterns, ...]:
    """`healer consolidate`: patterns by script, and what was proposed."""
    repository = Repository.open(start)
    with build_services(repository, read_trusted_configuration(repository), show) as services:
        return consolidation.consolidate(services)


class DrainResult(NamedTuple):
    """What `healer daemon --once` has done, and what it leaves."""

    repairs: int
    """Repairs that were followed to their end."""
    broken: tuple[Incident, ...]
    """What still fails or waits for a person, the one that failed last first."""


def drain(start: Path, show: Show) -> DrainResult:
    """`healer daemon --once`: follows to its end what waits."""
    repository = Repository.open(start)
    _set_broken_aside(repository, show)
    config = read_trusted_configuration(repository)
    require_model_library(config)
    with (
        build_services(repository, config, show) as services,
        Daemon(services, make_state_dir(repository)) as daemon,
    ):
        repairs = daemon.drain()
        rest = (each for each in services.incidents.list_all() if each.needs_person)
        return DrainResult(repairs, tuple(rest))


def wait_for_state(repository: Repository, stop: threading.Event, show: Show) -> bool:
    """Waits until the state database answers, and says so each time that it does not; False where
    `stop` is set meanwhile. Other errors are raised."""
    for wait_s in chain(WAITS_S, repeat(WAITS_S[-1])):
        try:
            open_ledger(repository, read_configuration(repository)).close()
        except Exception as error:
            if not is_of_database(error):
                raise
            detail = f"{explain(error)}; healer looks again in {wait_s:g} s"
            show(Progress(repair="", step="state", state="fail", detail=detail))
        else:
            return True
        if stop.wait(wait_s):
            return False
    return False


def _set_broken_aside(repository: Repository, show: Show) -> None:
    """Unless a daemon runs, which has them open: the second one is kept out in a moment."""
    state_dir = make_state_dir(repository)
    if not is_alive(state_dir, DAEMON):
        for note in set_broken_aside(state_dir):
            show(note)


def serve(start: Path, show: Show) -> bool:
    """`healer daemon`: until SIGTERM or SIGINT; True where SIGHUP asks to start it again."""
    repository, stop = Repository.open(start), threading.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])  # kept until somebody listens
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    state_dir = make_state_dir(repository)
    _set_broken_aside(repository, show)
    if not wait_for_state(repository, stop, show):
        return False
    config = read_trusted_configuration(repository)
    require_model_library(config)
    with (
        build_services(repository, config, show) as services,
        Daemon(services, state_dir) as daemon,
    ):
        reload = ReloadConfiguration(state_dir, stop, lambda: check_start(repository), show)
        signal.signal(signal.SIGHUP, lambda *_: reload.request())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGHUP])
        jobs = PlannedJobs(services, state_dir)
        jobs.schedule(daemon.engine)
        daemon.run(stop, (reload, jobs, *standard_tasks(daemon, engine_status, prune)))
    return reload.starts_again
