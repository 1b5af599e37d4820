"""The services of a small repository, all real but the sandbox, for tests.

Belongs here: building them as the product does. Does not belong here: what is in the repository and
what the sandbox answers (`shop`, `bench`), and making one (`git`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from dbos import DBOS

from healer.app.build import build_services
from healer.config import Config
from healer.engine.schema import FILE, prepare_database, workflow_url
from healer.facts.draft import Drafter
from healer.facts.progress import Progress
from healer.facts.repair import Request
from healer.services import Services
from healer.support.atomic_file import make_private_file
from healer.support.clock import SYSTEM_CLOCK, Clock
from quarantine.repository import Repository
from quarantine.scratch import shared_clone
from sandbox import Sandbox
from sandbox.fake import ScriptedSandbox


@cache
def _empty_workflows() -> bytes:
    """The workflows' database as DBOS makes it at its first start, which is a seventh of a repair's
    processor time here."""
    with TemporaryDirectory() as folder:
        prepare_database(Path(folder))
        DBOS.migrate(workflow_url(Path(folder)))
        return (Path(folder) / FILE).read_bytes()


def _put_empty_workflows(state_dir: Path) -> None:
    """Where healer has never been."""
    if not state_dir.exists():
        make_private_file(state_dir / FILE)
        (state_dir / FILE).write_bytes(_empty_workflows())


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
        _put_empty_workflows(repository.state_dir)
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
