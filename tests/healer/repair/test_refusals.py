"""What a decision needs of a repair: without it nothing is done, and the sentence says why."""

import re
from pathlib import Path
from typing import Any

import pytest

from healer.facts.errors import UsageError
from healer.facts.repair import Baseline, Dossier
from healer.ledger.store import Ledger
from healer.repair.refusals import (
    explain_not_waiting,
    require_candidate,
    require_dossier,
    require_none_waiting,
    require_request,
    require_waiting,
)
from tests.support.ledger_rows import add_repair, request_of
from tests.support.old_version import ENDS
from tests.support.repair_facts import attempt_of, crash_of

REQUEST = request_of("r1")


@pytest.mark.parametrize(
    ("end", "says"),
    [
        ("rejected", "rejected"),
        ("reverted", "reverted"),
        ("merged", "healed"),
        ("gave up", "gave_up"),
    ],
)
def test_what_does_not_wait_cannot_be_decided_and_its_end_is_named(
    old_ledger: Ledger, end: str, says: str
) -> None:
    row = old_ledger.repair(ENDS[end])
    with pytest.raises(UsageError, match=rf"does not wait for a decision \({says}\)"):
        require_waiting(row)
    assert explain_not_waiting(row).startswith(f"repair {row.id} ")


def test_what_still_runs_does_not_wait_yet(old_ledger: Ledger) -> None:
    row = add_repair(old_ledger, request=REQUEST)
    with pytest.raises(UsageError, match=r"r1 does not wait for a decision \(open\)"):
        require_waiting(row)


@pytest.mark.parametrize("end", ["waiting", "protected"])
def test_what_waits_can_be_decided(old_ledger: Ledger, end: str) -> None:
    require_waiting(old_ledger.repair(ENDS[end]))


def test_the_evidence_is_the_ledgers_or_it_is_gone(make: Any) -> None:
    services = make()
    row = add_repair(services.ledger, "review", request=REQUEST)
    with pytest.raises(
        UsageError, match=r"evidence of repair r1 is gone \(review\); run healer fix"
    ):
        require_dossier(services, row)
    dossier = Dossier(request=request_of("r2"), baseline=Baseline())
    row = add_repair(services.ledger, "review", request=dossier.request, dossier=dossier)
    assert require_dossier(services, row) == dossier


@pytest.mark.parametrize(
    "attempts", [(), (attempt_of("forbidden", "it does not apply", candidate=None),)]
)
def test_a_repair_without_a_candidate_has_nothing_to_merge(attempts: Any) -> None:
    dossier = Dossier(request=REQUEST, baseline=Baseline(), attempts=attempts)
    with pytest.raises(UsageError, match="r1 has no draft to merge; repair the script by hand"):
        require_candidate(dossier)


def test_the_last_candidate_is_what_would_be_merged() -> None:
    attempt = attempt_of()
    dossier = Dossier(request=REQUEST, baseline=Baseline(), attempts=(attempt,))
    assert require_candidate(dossier) == attempt


def test_a_request_of_another_version_is_refused_with_the_next_step(old_ledger: Ledger) -> None:
    row = old_ledger.repair(ENDS["merged"])
    assert require_request(row) == row.request
    with pytest.raises(UsageError, match="another version of healer wrote it; run healer fix"):
        require_request(row.model_copy(update={"request": None}))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"branch": "quarantine/a"}, "then healer approve w1 or healer reject w1 --reason TEXT"),
        ({"question": "What?"}, "then healer answer w1 or healer reject w1 --reason TEXT"),
        ({}, "then healer reject w1 --reason TEXT"),
    ],
)
def test_what_waits_for_an_incident_is_gone_on_with_and_no_second_one_is_begun(
    tmp_path: Path, changes: Any, words: str
) -> None:
    failure = crash_of()
    with Ledger.in_folder(tmp_path) as ledger:
        add_repair(ledger, "escalated", request=request_of("w1", failure=failure), **changes)
        with pytest.raises(UsageError, match=re.escape(words)):
            require_none_waiting(ledger, request_of("r2", failure=failure))


def test_another_incident_a_command_and_an_end_are_in_nobodys_way(tmp_path: Path) -> None:
    failure = crash_of()
    with Ledger.in_folder(tmp_path) as ledger:
        add_repair(ledger, "rejected", request=request_of("w1", failure=failure))
        require_none_waiting(ledger, request_of("r2", failure=failure))
        add_repair(ledger, "review", request=request_of("w3", failure=failure))
        require_none_waiting(ledger, request_of("r4", failure=crash_of(fingerprint="b" * 16)))
        require_none_waiting(ledger, request_of("r5"))
