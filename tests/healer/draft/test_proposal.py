"""A proposal is tried once, and nothing beside it."""

from healer.draft.proposal import ProposedDraft
from healer.facts.draft import Draft
from tests.healer.draft.llm.cases import Files, attempt, case


def test_it_is_drafted_once() -> None:
    draft = Draft(drafter="proposal", cause="The key is misspelt.")
    drafter = ProposedDraft(draft)
    assert drafter.draft(case(), Files()).candidates == (draft,)
    again = drafter.draft(case(attempts=(attempt("proposal", "x"),)), Files())
    assert (again.candidates, again.reason) == ((), "the proposal was tried")
