"""The real services that a repair works with, handed over once when the workflow engine starts.

Belongs here: the bundle and its one slot. DBOS calls workflow functions by name after a crash,
so they cannot be closures: they find their services here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from healer.config import Config
from healer.facts.draft import Drafter, ModelRemarks, Reviewer
from healer.facts.progress import Progress
from healer.facts.repair import Request
from healer.forge.api import ForgeError
from healer.forge.forges import Forge
from healer.ledger.store import Ledger
from healer.notify.notifier import Notifier
from healer.redact import Redactor
from healer.services.decisions import Decisions
from healer.services.fleet import ALONE, Fleet
from healer.services.runner import SandboxRunner
from healer.support.clock import SYSTEM_CLOCK, Clock
from healer.tape.recordings import NO_RECORDINGS, Recordings
from healer.watch.incidents import Incidents
from healer.watch.shared_inbox import SharedInbox
from healer.watch.shared_runs import SharedRuns
from quarantine.repository import Repository
from sandbox import ImageError


def _silent(_: Progress) -> None:
    return None


def _nothing(*_: str) -> ModelRemarks:
    return ModelRemarks()


def _nobody(_: Request) -> Reviewer | None:
    return None


def _no_forge(_: str) -> Forge:
    raise ForgeError("no forge is configured")


@dataclass(frozen=True)
class SharedRecords:
    """What job machines bring to the clones that share a repository."""

    failures: SharedInbox
    runs: SharedRuns


@dataclass(frozen=True)
class Services:
    """Everything outside the pure modules that a repair touches."""

    repository: Repository
    config: Config
    runner: SandboxRunner
    """On the image that jobs have of which nothing else is known."""
    ledger: Ledger
    notifier: Notifier
    incidents: Incidents
    redactor: Redactor
    drafters: Callable[[Request], Sequence[Drafter]]
    recordings: Recordings = NO_RECORDINGS
    runners: Callable[[Request, SandboxRunner], SandboxRunner] | None = None
    """For a repair, on the image of the interpreter that its failure happened on, or the usual one
    that it is given; None: all have one runner."""
    with_packages: Callable[[Request, tuple[str, ...]], SandboxRunner] | None = None
    """For a repair, on an image with exactly these packages. Raises SandboxError where they cannot
    be had."""
    reviewer: Callable[[Request], Reviewer | None] = field(default=_nobody)
    wording: Callable[[str, str, str], ModelRemarks] = field(default=_nothing)
    """What a model adds to a repair's patterns, given them and what was repaired lately."""
    open_forge: Callable[[str], Forge] = field(default=_no_forge)
    """The forge of a remote's URL. Raises ForgeError."""
    progress: Callable[[Progress], None] = field(default=_silent)
    fleet: Fleet = ALONE
    """The clones that share ledger, incidents, mails and money with this one."""
    shared_records: SharedRecords | None = None
    """What other machines have noticed; None where nothing can come from any."""
    decisions: Decisions | None = None
    """What people decide on the fleet's page; None where the state is not shared."""
    clock: Clock = SYSTEM_CLOCK
    """The one that everything is dated and decided by."""

    def for_request(self, request: Request | None) -> "Services":
        """The same, with the runner that this repair needs."""
        if self.runners is None or request is None:
            return self
        return replace(self, runner=self.runners(request, self.runner))

    def on_packages(self, request: Request, packages: tuple[str, ...]) -> "Services":
        """The same, with a runner on an image that has exactly these packages, each as
        `pandas==2.2.3`. Raises SandboxError where it cannot be had."""
        if self.with_packages is None:
            raise ImageError("no image with other packages can be made here")
        return replace(self, runner=self.with_packages(request, packages))

    def for_repair(self, repair: str) -> "Services":
        """The same for the repair of this id."""
        return self.for_request(self.ledger.repair(repair).request)


_slot: list[Services] = []


def install_services(services: Services) -> None:
    """From now on, steps work with these services."""
    _slot[:] = [services]


def current_services() -> Services:
    """The services in use. Raises LookupError before `install_services`."""
    if not _slot:
        raise LookupError("the workflow engine was started without its services")
    return _slot[0]
