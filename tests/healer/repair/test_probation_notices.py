"""What people are told of a merged fix: probation first, and over only when that has ended."""

from typing import Any

import pytest

from healer.facts.repair import Baseline, Dossier
from healer.ledger.rows import Entry, RepairRow
from healer.repair.notices import notify_of_end
from healer.repair.probation import ProbationEnd
from healer.repair.probation_notices import (
    notify_of_approval,
    notify_of_probation_end,
    notify_of_relapse,
    notify_of_rerun,
)
from healer.services import Services
from tests.healer.repair.test_notices import finished
from tests.support.ledger_rows import SCRIPT, add_repair
from tests.support.repair_facts import attempt_of, candidate_of, crash_of
from tests.support.smtp import Server

HELD = ProbationEnd(outcome="resolved", detail="3 runs with the fix ended well")
UNSEEN = ProbationEnd(outcome="unconfirmed", detail="no good run with the fix was seen in 1 d")
RERUN = Entry(
    repair="r1", kind="rerun_end", number=1, outcome="good", detail="re-ran at 03:12, good"
)


@pytest.fixture
def row(services: Services) -> RepairRow:
    return add_repair(services.ledger, "healed", request=finished(services, "healed").request)


def words_of(server: Server, number: int) -> str:
    return " ".join(server.taken[number].part("plain").split())


def test_an_approval_is_said_only_where_a_person_was_asked(
    services: Services, server: Server, row: RepairRow
) -> None:
    notify_of_approval(row, None, "approved by Ada", services, by="Ada")
    notify_of_probation_end(row, HELD, services)
    assert server.taken == []
    assert services.notifier.status().digest == 0


def test_an_approved_fix_is_on_probation_until_that_has_ended_and_then_it_is_over(
    services: Services, server: Server, row: RepairRow
) -> None:
    notify_of_end(finished(services, "review"), services)
    notify_of_approval(row, None, "approved by Ada", services, by="Ada")
    notify_of_approval(row, None, "approved by Ada", services, by="Ada")
    assert "Approved by Ada. On probation until" in words_of(server, 1)
    assert "is over" not in words_of(server, 1)
    assert services.notifier.status().open == 1
    notify_of_probation_end(row, HELD, services)
    notify_of_probation_end(row, HELD, services)
    assert len(server.taken) == 3
    assert "this is over 3 runs with the fix ended well." in words_of(server, 2)
    assert services.notifier.status().open == 0


def test_a_probation_without_a_good_run_ends_the_thread_and_calls_nothing_over(
    services: Services, server: Server, row: RepairRow
) -> None:
    notify_of_end(finished(services, "review"), services)
    notify_of_approval(row, None, "approved by Ada", services, by="Ada")
    notify_of_probation_end(row, UNSEEN, services)
    assert f"The fix of {SCRIPT} stays, and nothing has confirmed it" in words_of(server, 2)
    assert "is over" not in words_of(server, 2)
    assert services.notifier.status().open == 0


@pytest.mark.parametrize("is_watched", [True, False])
def test_a_run_that_was_done_again_ends_no_probation(
    services: Services, server: Server, row: RepairRow, is_watched: bool
) -> None:
    notify_of_end(finished(services, "review"), services)
    if not is_watched:
        services.ledger.record(Entry(repair=row.id, kind="probation", outcome="resolved"))
    notify_of_rerun(row, RERUN, services)
    assert "merged, and its failed run was done again" in words_of(server, 1)
    assert ("On probation until" in words_of(server, 1)) == is_watched


@pytest.mark.parametrize(
    ("kind", "command"), [("relapsed", "healer rollback r1"), ("reverted", f"healer fix {SCRIPT}")]
)
def test_a_relapse_is_told_with_the_patch_and_what_to_type(
    services: Services, server: Server, kind: Any, command: str
) -> None:
    request = finished(services, "healed").request
    dossier = Dossier(request=request, baseline=Baseline(), attempts=(attempt_of(),))
    row = add_repair(services.ledger, "healed", request=request, dossier=dossier)
    notify_of_relapse(row, crash_of(), kind, "It failed again.", services, when=7)
    text = server.taken[0].part("plain")
    assert "It failed again." in text
    assert command in text
    assert candidate_of().diff.splitlines()[0] in text


def test_a_relapse_whose_evidence_is_gone_is_told_all_the_same(
    services: Services, server: Server
) -> None:
    row = add_repair(services.ledger, "healed", request=finished(services, "healed").request)
    unreadable = row.model_copy(update={"request": None})
    notify_of_relapse(unreadable, None, "relapsed", "It failed again.", services, when=7)
    assert len(server.taken) == 1
