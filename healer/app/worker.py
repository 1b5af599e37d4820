"""What `healer worker` works with, and one turn of it: what is due in a mirror of a repository.

Belongs here: putting a worker together, the configuration of a mirror, and what a turn does. Does
not belong here: which repository has a turn (`healer.services.work`), its process
(`healer.daemon.worker`), the repair.
"""

import signal
import socket
from collections.abc import Callable
from typing import NamedTuple

from healer.app.asked import carry_out_asked
from healer.app.build import Show, build_services
from healer.app.drafters import require_model_library
from healer.app.trust import require_trust, trust_own_state
from healer.config import Config, ConfigError, load
from healer.daemon.daemon import Daemon
from healer.daemon.mirrors import Mirrors, follow_target
from healer.daemon.tasks.checkpoints import DropCheckpoints
from healer.daemon.tasks.pull_requests import FollowPullRequests
from healer.daemon.tasks.retention import ForgetOldRepairs
from healer.daemon.tasks.retries import RetryUnjudged, RetryUnpaid
from healer.daemon.worker import Worker
from healer.facts.errors import UsageError
from healer.services import Services
from healer.services.work import Work, WorkTable
from healer.support.shared_tables import prepare_schema
from quarantine.errors import RepositoryError
from quarantine.remote import canonical_url, without_password
from quarantine.repository import Repository

FAILURES = 4
"""The most that one turn takes: then another repository has the slot."""


class Place(NamedTuple):
    """What of a worker's own setting a turn works with."""

    url: str
    """Of the shared PostgreSQL; what healer.toml names is not asked."""
    mirrors: Mirrors


def serve(
    place: Place,
    show: Show,
    *,
    tenants: tuple[str, ...],
    additions: tuple[str, ...],
    slots: int,
    arguments: tuple[str, ...],
) -> None:
    """`healer worker`: until SIGTERM or SIGINT. `arguments` are those that its turns are given,
    `additions` the remotes that become known for the first tenant."""
    host = socket.gethostname()
    prepare_schema(place.url)
    table = WorkTable(place.url, tenants, name=place.mirrors.name, host=host, slots=slots)
    with table:
        for url in additions:
            repository = canonical_url(url, host)
            if url.startswith("-") or "::" in url.partition("/")[0]:
                raise UsageError(f"--add {url}: is no URL of a remote")
            table.add(Work(tenants[0], repository, without_password(url)))
        worker = Worker(table, slots, arguments, tidy=place.mirrors.evict, show=show)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.run()


def take_turn(work: Work, place: Place, show: Show, fence: Callable[[], object]) -> int:
    """Does what is due in a repository, at most `FAILURES` failures, to its end; gives the number
    of repairs. The first error that stopped one is raised when all have ended."""
    with place.mirrors.open(work) as repository:
        config = read_configuration_of(repository, work, place.url)
        follow_target(repository, config.target)
        config = read_configuration_of(repository, work, place.url)
        require_model_library(config)
        with build_services(repository, config, show, fence=fence) as services:
            if services.fleet.clone == "":
                raise ConfigError("push is off on its target; a worker cannot bring fixes anywhere")
            carry_out_asked(services, repository.state_dir)
            return _drain(services)


def _drain(services: Services) -> int:
    with Daemon(services, services.repository.state_dir, workers=1, most=FAILURES) as daemon:
        now = services.clock.now()
        for task in (
            RetryUnjudged(services.ledger, daemon.intake.retry),
            RetryUnpaid(services.ledger, daemon.intake.retry),
            FollowPullRequests(services, daemon.engine),
            ForgetOldRepairs(services, daemon.engine.forget),
            DropCheckpoints(services, daemon.engine),
        ):
            task.run(now)
        return daemon.drain()


def read_configuration_of(repository: Repository, work: Work, url: str) -> Config:
    """healer.toml of the newest commit, with the worker's own database and tenant. Raises
    TrustError where it has come to ask for more than this machine has allowed."""
    try:
        config = load(repository.tree("HEAD").read)
    except RepositoryError as error:
        raise ConfigError(f"healer.toml cannot be read: {error}") from error
    fleet = config.fleet.model_copy(update={"tenant": work.tenant})
    own = config.model_copy(update={"state": url, "state_env": "", "fleet": fleet})
    trust_own_state(repository, own)
    return require_trust(repository, own)
