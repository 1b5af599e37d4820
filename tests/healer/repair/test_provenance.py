"""What a merge says of itself is known before it lands and recorded once."""

from pathlib import Path

from healer.ledger.rows import Entry
from healer.repair.provenance import (
    describe_fix,
    describe_merge,
    keep_statement,
    read_merge_facts,
    record_with_statement,
)
from healer.repair.refusals import require_candidate
from quarantine.attestation import list_statements, statement_of, write_statement
from quarantine.candidate import Candidate
from quarantine.merge import merge
from tests.support.ledger_rows import request_of
from tests.support.repair_facts import attempt_of, exchange_of
from tests.support.shop import SCRIPT, Shop, shop


def statements(entries: tuple[Entry, ...]) -> list[Entry]:
    return [entry for entry in entries if entry.kind == "statement"]


def test_prompts_are_known_by_their_digest_and_only_once(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        asked = tuple(exchange_of(prompt=text) for text in ("a", "b", "a"))
        attempt = attempt_of(exchanges=asked)
        facts = describe_fix(request_of("r1"), attempt, "", here.services)
        assert len(facts.prompts) == 2
        assert all(len(each) == 64 for each in facts.prompts)
        assert facts.approver == ""


def test_a_statement_is_recorded_before_the_decision_that_it_served_and_once(
    tmp_path: Path,
) -> None:
    with shop(tmp_path / "shop") as here:
        row, ledger = here.merged(), here.services.ledger
        ((subject, statement),) = list_statements(here.services.repository).items()
        approval = Entry(repair=row.id, kind="approval", outcome="approved")
        record_with_statement(approval, subject, here.services)
        *_, entry, last = ledger.entries(row.id)
        assert (entry.inputs, entry.detail, entry.outcome) == (statement, here.tip, "unsigned")
        assert (last.kind, len(statements(ledger.entries()))) == ("approval", 1)


def candidate_of(here: Shop) -> Candidate:
    """The fix of a repair that waits."""
    dossier = here.services.ledger.dossier(here.fix().repair)
    assert dossier is not None
    candidate = require_candidate(dossier).candidate
    assert candidate is not None
    return candidate


def test_what_a_killed_try_left_is_made_anew_unless_it_had_landed(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repository, candidate = here.services.repository, candidate_of(here)
        (row,) = here.services.ledger.repairs()
        assert row.request is not None
        facts, commit = describe_merge(row.request, "fix", "Ada"), candidate.commit
        keep_statement(facts, candidate, commit, row.id, here.services)
        first = statement_of(repository, commit)
        keep_statement(facts.model_copy(update={"approver": "Eve"}), candidate, commit, row.id,
                       here.services)  # fmt: skip
        second = statement_of(repository, commit)
        assert first != second
        merge(repository, target="main", candidate=candidate, repair=row.id)
        keep_statement(facts, candidate, commit, row.id, here.services)
        assert statement_of(repository, commit) == second


def test_a_merge_that_is_refused_leaves_no_statement(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        (here.folder / SCRIPT).write_text("# somebody is at work here\n")
        assert not here.decide("approve", repair).done
        assert list_statements(here.services.repository) == {}
        assert statements(here.services.ledger.entries(repair)) == []


def test_a_repair_that_merges_nothing_has_no_statement(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        waiting = here.fix()
        assert statements(here.services.ledger.entries(waiting.repair)) == []
        assert list_statements(here.services.repository) == {}


def test_what_a_statement_says_is_read_back(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        row, repository = here.merged(), here.services.repository
        facts = read_merge_facts(repository, row.fix_commit)
        assert facts is not None
        assert (facts.kind, facts.repair, facts.script) == ("fix", row.id, SCRIPT)
        assert facts.approver == "Ada"
        assert read_merge_facts(repository, facts.base) is None
        write_statement(repository, facts.base, b"{", when=1)
        assert read_merge_facts(repository, facts.base) is None
