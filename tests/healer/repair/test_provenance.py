"""What a merge says of itself is known before it lands and recorded once."""

from pathlib import Path

from healer.ledger.rows import Entry
from healer.repair.provenance import describe_fix, describe_merge, record_statement
from quarantine.attestation import list_statements
from tests.support.ledger_rows import request_of
from tests.support.repair_facts import attempt_of, exchange_of
from tests.support.shop import shop


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


def test_a_step_that_is_done_once_more_records_nothing_new(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        ((subject, statement),) = list_statements(here.services.repository).items()
        assert row.request is not None
        facts = describe_merge(row.request, "fix", "Ada")
        record_statement(facts, subject, statement, here.services)
        (entry,) = statements(here.services.ledger.entries(row.id))
        assert (entry.inputs, entry.detail, entry.outcome) == (statement, here.tip, "unsigned")


def test_a_repair_that_merges_nothing_has_no_statement(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        waiting = here.fix()
        assert statements(here.services.ledger.entries(waiting.repair)) == []
        assert list_statements(here.services.repository) == {}
