"""An open repair that nobody runs makes way for a command that allows less than it may do.

Belongs here: whether it may, and its end. Does not belong here: which command allows less
(`earlier_request`), and how an open repair goes on (`run`).

Only a repair that no process has, and no process can take meanwhile, is ended: one that merged
beside a command that forbids it would be worse than a command that is refused.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from healer.engine.condition import DAEMON, Condition
from healer.engine.durable import Engine
from healer.engine.locks import AlreadyRunningError, hold_executor_lock
from healer.engine.rows import list_step_results
from healer.facts.draft import Drafts, Exchange
from healer.facts.progress import Progress
from healer.facts.repair import Baseline, Dossier, Request, Result
from healer.ledger.rows import Entry, RepairRow
from healer.repair.close import describe_call, redact_entry
from healer.repair.earlier_request import list_stricter
from healer.repair.workflow import repair
from healer.services import Services
from quarantine.merge import BEFORE

_NOBODYS = (Condition.STOPPED, Condition.OUTDATED, Condition.UNKNOWN)


def make_way(
    row: RepairRow,
    wish: Request,
    services: Services,
    state_dir: Path,
    open_engine: Callable[[str], Engine],
) -> bool:
    """Ends the open repair where the wish allows less than it may do, and nobody runs it; `True`
    says that it has ended. `open_engine` gives the engine of an executor id."""
    earlier, limit = row.request, list_stricter(row, wish, services)
    if earlier is None or not limit or not services.fleet.hold(row):
        return False
    # Under an id of its own: an engine goes on with what was begun under the same one.
    with open_engine(f"way-{row.id}") as engine:
        if engine.condition(repair, row.id) not in _NOBODYS:
            return False
        try:
            with (
                hold_executor_lock(state_dir, DAEMON),
                hold_executor_lock(state_dir, f"cli-{row.id}"),
            ):
                is_merging = services.repository.ref(f"{BEFORE}{row.id}") is not None
                if not is_merging and services.ledger.repair(row.id).state == "open":
                    _end(engine, earlier, " and ".join(limit), services)
                    return True
        except AlreadyRunningError:
            return False
    return False


def _end(engine: Engine, earlier: Request, limit: str, services: Services) -> None:
    reason = f"ended before its time, for it is begun anew with {limit}"
    name = earlier.repair
    result = Result(repair=name, script=earlier.script, outcome="gave_up", reason=reason)
    ending = Entry(repair=name, kind="outcome", outcome="gave_up", detail=reason)
    entries = [redact_entry(each, services.redactor) for each in (*_list_calls(name), ending)]
    dossier = Dossier(request=earlier, baseline=Baseline())
    services.ledger.finish(result, entries=entries, dossier=dossier)
    engine.discard(name)
    detail = f"repair {name} {reason}"
    services.progress(Progress(repair=name, step="start", state="note", detail=detail))


def _list_calls(repair_id: str) -> list[Entry]:
    """What its drafts cost: money that was spent stays known."""
    exchanges: list[Exchange] = []
    for value in list_step_results(repair_id):
        with suppress(ValidationError):
            exchanges += Drafts.model_validate(value).exchanges
    return [describe_call(repair_id, number, each) for number, each in enumerate(exchanges, 1)]
