"""A small repository with one broken job, and all services real but the sandbox: that one answers
by looking whether the fault is in the tree, so whole repairs and decisions run in a second."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from healer.config import Config
from healer.facts.draft import Case, Draft, Drafts, ReplaceText, Source
from healer.facts.repair import Result
from healer.failure import Failure, Frame, Raised, fingerprint
from healer.ledger.rows import RepairRow
from healer.repair import request
from healer.repair.run import run_decision, run_repair
from healer.services import Services
from healer.support.clock import SYSTEM_CLOCK, Clock
from healer.watch.inbox import Inbox
from healer.watch.record import format_timestamp
from sandbox import Fault, FaultKind, Job, ProcessEnd, Report
from sandbox.fake import ScriptedSandbox, all_well
from sandbox.inside.tree import ROOT, parse
from tests.support.git import commit_files, git, make_repository
from tests.support.world import open_services

SCRIPT = "scripts/prices.py"
BROKEN = 'PRICES = {"tea": 4.5}\n\n\nprint(PRICES["te"])\n'
FIXED = 'PRICES = {"tea": 4.5}\n\n\nprint(PRICES["tea"])\n'
TRACEBACK = f"""\
Traceback (most recent call last):
  File "{ROOT}/{SCRIPT}", line 4, in <module>
    print(PRICES["te"])
          ~~~~~~^^^^^^
KeyError: 'te'
"""


def commit(folder: Path, path: str, text: str) -> str:
    """Somebody's commit."""
    return commit_files(folder, {path: text}, f"Change {path}")


def look(job: Job) -> Report | Fault:
    """What the real sandbox would see of the job."""
    script = next((bytes(e.content) for e in parse(job.tree) if e.path == SCRIPT), b"")
    well = all_well(job)
    if well.command is None or b'["te"]' not in script:
        return well
    return well.model_copy(update={"command": ProcessEnd(exit_code=1, stderr=TRACEBACK)})


AWAY = Fault(kind=FaultKind.ENGINE, message="Docker Engine does not answer.", retryable=True)


class OneDraft:
    """Drafts the one right fix, unless it was turned down before."""

    name = "scripted"

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def draft(self, case: Case, source: Source) -> Drafts:
        del source
        self.cases.append(case)
        if case.rejected:
            return Drafts(reason="it was turned down")
        edit = ReplaceText(path=SCRIPT, find='["te"]', replace='["tea"]')
        return Drafts(candidates=(Draft(drafter="scripted", edits=(edit,), cause="A typo."),))


@dataclass
class Shop:
    """The repository, its services, and what people type."""

    folder: Path
    services: Services
    state: Path
    sandbox: ScriptedSandbox
    drafter: Any = field(default_factory=OneDraft)
    see: Callable[[Job], Report | Fault] = look
    """What the sandbox sees of a job without a broken fix."""

    def look(self, job: Job) -> Report | Fault:
        """What the sandbox sees of the job: as `look` says, and what `break_fix` has said."""
        seen, marker = self.see(job), self.state / "broken-fix"
        if isinstance(seen, Fault) or seen.command is None or not marker.exists():
            return seen
        if seen.command.exit_code:
            return seen
        end = ProcessEnd(exit_code=1, stderr=marker.read_text())
        return seen.model_copy(update={"command": end})

    def break_fix(self, traceback: str) -> None:
        """From now on the job fails so in the sandbox with the fix, too; in other processes too."""
        (self.state / "broken-fix").write_text(traceback)

    def fix(self) -> Result:
        """`healer fix`: a repair that ends waiting for a person, for its evidence is weak."""
        wanted = request.build_request(
            self.services.repository, self.services.config, SCRIPT, command=("python", SCRIPT)
        )
        return run_repair(self.services, self.state, wanted)

    def decide(self, action: Any, repair: str, why: str = "") -> Any:
        """`healer approve`, `reject` or `rollback`, by Ada."""
        return run_decision(self.services, self.state, action, repair, by="Ada", why=why)

    def merged(self) -> RepairRow:
        """A repair that was approved and merged."""
        repair = self.fix().repair
        assert self.decide("approve", repair).done
        return self.services.ledger.repair(repair)

    @property
    def tip(self) -> str:
        return git(self.folder, "rev-parse", "main")


def failed(here: Shop, kind: str = "KeyError", line: int = 4, **facts: Any) -> Failure:
    """A recorded failure of the job as it is in the working tree."""
    source = (here.folder / SCRIPT).read_text().splitlines()[line - 1]
    frame = Frame(file=SCRIPT, line=line, function="<module>", source=source, own=True)
    raised = Raised(type=kind, message="'te'", frames=(frame,))
    known: dict[str, Any] = {
        "id": "", "script": SCRIPT, "source": "run", "argv": ("python", SCRIPT), "exit_code": 1,
        "chain": (raised,), "commit": here.tip, "occurred_at": format_timestamp(time.time()),
    }  # fmt: skip
    made = Failure.model_validate(known | facts)
    return Inbox(here.state).put(made.model_copy(update={"fingerprint": fingerprint(made)}))


def as_before(here: Shop, row: RepairRow, **facts: Any) -> Failure:
    """The failure that the repair was for, again, in the code with the fix, and in the sandbox."""
    here.break_fix(TRACEBACK)
    known = row.incident
    made = failed(here, **facts)
    again = made.model_copy(update={"fingerprint": known, "id": f"{made.id}0"})
    Inbox(here.state).claim(made.id)
    Inbox(here.state).mark_handled(made.id)
    return Inbox(here.state).put(again)


@contextmanager
def shop(folder: Path, **settings: Any) -> Iterator[Shop]:
    """A new shop in `folder`; a second one over the same folder shares its state. A `clock` among
    the settings is the one that its services have, and what it may `see` in the place of `look`."""
    see = settings.pop("see", look)
    clock: Clock = settings.pop("clock", SYSTEM_CLOCK)
    if not (folder / ".git").exists():
        make_repository(folder, {SCRIPT: BROKEN})
    config = Config.model_validate({"tests": {"command": ["true"]}} | settings)
    shops = list[Shop]()
    sandbox = ScriptedSandbox([lambda job: shops[0].look(job)])  # noqa: PLW0108  # none is there yet
    with open_services(
        folder,
        config,
        sandbox=sandbox,
        drafters=lambda _: (shops[0].drafter,),
        clock=clock,
    ) as s:
        shops.append(Shop(folder, s, s.repository.state_dir, sandbox, see=see))
        yield shops[0]
