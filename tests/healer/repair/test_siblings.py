"""One bug with two incidents is repaired once; what only looks alike is repaired by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from healer.daemon.daemon import Daemon
from healer.failure import Failure, Frame, Raised
from healer.repair.request import build_request, find_or_open
from healer.repair.run import run_repair
from healer.repair.siblings import find_cause, find_sibling
from healer.watch.incident import Incident
from sandbox import Fault, Job, ProcessEnd, Report
from sandbox.inside.tree import ROOT
from tests.support.deadline import deadline
from tests.support.git import commit_files
from tests.support.shop import (
    AWAY,
    BROKEN,
    SCRIPT,
    TRACEBACK,
    Shop,
    commit,
    failed,
    look,
    shop,
)

OTHER = "scripts/report.py"
CALLER = f"""\
  File "{ROOT}/{OTHER}", line 1, in <module>
    import prices
"""


def see(job: Job) -> Report | Fault:
    """The job that imports the script fails in it."""
    seen = look(job)
    if isinstance(seen, Fault) or seen.command is None or not seen.command.exit_code:
        return seen
    if job.plan.command is None or OTHER not in job.plan.command.argv:
        return seen
    first, _, rest = TRACEBACK.partition("\n")
    end = ProcessEnd(exit_code=1, stderr=f"{first}\n{CALLER}{rest}")
    return seen.model_copy(update={"command": end})


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop", see=see) as made, deadline():
        commit_files(made.folder, {OTHER: "import prices\n"}, "Another job")
        yield made


def in_other_job(here: Shop, **facts: Any) -> Failure:
    """The same line fails for a job that imports it."""
    own = Frame(file=SCRIPT, line=4, function="<module>", source='print(PRICES["te"])', own=True)
    caller = Frame(file=OTHER, line=1, function="<module>", source="import prices", own=True)
    raised = Raised(type="KeyError", message="'te'", frames=(caller, own))
    known = {"script": OTHER, "argv": ("python", OTHER), "chain": (raised,)}
    return failed(here, **known | facts)


def drain(here: Shop) -> None:
    with Daemon(here.services, here.state) as daemon:
        daemon.drain()


def incident_of(here: Shop, failure: Failure) -> Incident:
    incident = here.services.incidents.find(failure.fingerprint)
    assert incident is not None
    return incident


def events(here: Shop, failure: Failure) -> list[str]:
    return [each.event for each in here.services.incidents.list_life(failure.fingerprint)]


def begin(here: Shop, failure: Failure) -> str:
    """A repair of it is open."""
    services = here.services
    wish = build_request(services.repository, services.config, SCRIPT, failure=failure)
    return find_or_open(services.ledger, wish)[0].id


def test_while_one_is_repaired_the_other_waits_and_then_its_command_is_run(here: Shop) -> None:
    first = failed(here)
    repair = begin(here, first)
    with Daemon(here.services, here.state) as daemon:
        other = in_other_job(here)
        claimed = daemon.inbox.claim(other.id)
        assert claimed is not None
        assert daemon.intake.take(claimed) is None
        daemon.inbox.mark_handled(other.id)
        assert incident_of(here, other).is_due
    row = here.services.ledger.repair(repair)
    assert row.request is not None
    assert run_repair(here.services, here.state, row.request).outcome == "review"
    assert here.decide("approve", repair).done
    drain(here)
    assert incident_of(here, other).state == "probation"
    assert events(here, other)[:2] == ["count", "wait"]
    assert [each.id for each in here.services.ledger.repairs()] == [repair]
    assert incident_of(here, other).reason.startswith(f"fixed by repair {repair}")
    assert (incident_of(here, other).count, incident_of(here, other).repair) == (1, repair)


def test_where_the_first_one_is_not_merged_the_other_is_repaired_by_itself(here: Shop) -> None:
    failed(here)
    other = in_other_job(here)
    drain(here)
    assert incident_of(here, other).state == "waiting"
    assert "wait" in events(here, other)
    assert len(here.services.ledger.repairs("waiting")) == 2


def test_a_fix_that_does_not_heal_the_other_leaves_it_to_its_own_repair(here: Shop) -> None:
    failed(here)
    drain(here)
    (row,) = here.services.ledger.repairs("waiting")
    assert here.decide("approve", row.id).done
    commit(here.folder, SCRIPT, BROKEN)  # a person's, on top of the fix
    other = in_other_job(here)
    drain(here)
    assert incident_of(here, other).state == "waiting"
    assert events(here, other) == ["count", "wait", "wait", "start", "ask"]
    assert here.services.ledger.repair(row.id).state == "merged"


def test_where_nothing_can_be_run_now_it_waits_on(here: Shop) -> None:
    failed(here)
    drain(here)
    (row,) = here.services.ledger.repairs("waiting")
    assert here.decide("approve", row.id).done
    other = in_other_job(here)
    here.see = lambda _: AWAY
    drain(here)
    assert (incident_of(here, other).state, incident_of(here, other).is_due) == ("open", 1)
    here.see = see
    drain(here)
    assert incident_of(here, other).state == "probation"


@pytest.mark.parametrize(
    "facts",
    [
        {"type": "TypeError"},
        {"source": 'print(PRICES["tea"])'},
        {"function": "main"},
        {"file": "scripts/costs.py"},
        {"source": ""},
        {"source": "token = <REDACTED>"},
    ],
    ids=str,
)
def test_what_only_looks_alike_is_no_sibling(here: Shop, facts: dict[str, str]) -> None:
    begin(here, failed(here))
    known = {"file": SCRIPT, "function": "<module>", "source": 'print(PRICES["te"])'} | facts
    kind = known.pop("type", "KeyError")
    frame = Frame.model_validate({**known, "line": 4, "own": True})
    other = in_other_job(here, chain=(Raised(type=kind, message="'te'", frames=(frame,)),))
    assert find_sibling(other, here.services) is None


def test_an_incident_is_not_its_own_sibling_and_without_a_line_there_is_no_cause(
    here: Shop,
) -> None:
    first = failed(here)
    begin(here, first)
    assert find_sibling(first, here.services) is None
    assert find_sibling(in_other_job(here), here.services) is not None
    assert find_cause(first.model_copy(update={"chain": ()})) is None
