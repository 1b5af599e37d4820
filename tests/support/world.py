"""The services of a small repository, all real but the sandbox, for tests.

Belongs here: building them as the product does. Does not belong here: what is in the repository and
what the sandbox answers (`shop`, `bench`), and making one (`git`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from healer.app.build import build_services
from healer.config import Config
from healer.facts.draft import Drafter
from healer.facts.progress import Progress
from healer.facts.repair import Request
from healer.services import Services
from healer.support.clock import SYSTEM_CLOCK, Clock
from quarantine.repository import Repository
from quarantine.scratch import shared_clone
from sandbox import Sandbox
from sandbox.fake import ScriptedSandbox


@contextmanager
def open_services(
    root: Path,
    config: Config | None = None,
    *,
    sandbox: ScriptedSandbox | None = None,
    drafters: Callable[[Request], Sequence[Drafter]] | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    is_dry_run: bool = False,
    clock: Clock = SYSTEM_CLOCK,
) -> Iterator[Services]:
    """The services of the repository in `root`; its state is in its git folder, as a user's is.

    Without a sandbox none may be needed. `drafters` stand in the place of those that the
    configuration gives. A dry run has a copy of the repository, which goes again. The sandbox stays
    open, for the next ones.
    """

    def open_scripted(*_: object) -> AbstractContextManager[Sandbox]:
        assert sandbox is not None, "nothing here needs a sandbox"
        return nullcontext(sandbox)

    repository, origin = Repository.open(root), None
    with ExitStack() as stack:
        if is_dry_run:
            scratch = stack.enter_context(TemporaryDirectory())
            origin, repository = repository, shared_clone(repository, Path(scratch) / "copy.git")
        services = stack.enter_context(
            build_services(
                repository,
                config or Config(),
                progress,
                origin=origin,
                sandbox_opener=open_scripted,
                clock=clock,
            )
        )
        yield services if drafters is None else replace(services, drafters=drafters)
