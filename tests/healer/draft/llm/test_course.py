"""What several ways through models come to."""

from healer.draft.edits import fingerprint
from healer.draft.llm.course import Course, make_drafts
from healer.draft.llm.endpoint.calls import CallResult
from healer.draft.llm.endpoint.wire import Answer
from healer.draft.llm.replies.check import CheckedReply
from healer.draft.llm.replies.reply import ModelReply
from healer.facts.draft import Drafts, ReplaceText
from healer.redact import Redactor
from tests.healer.draft.llm.cases import LINE, Files, case

UNCLEAR = ModelReply(refusal="needs_person", cause="Two readings.")


def fix_by(drafter: str, text: str, confidence: float = 0.5) -> Course:
    edit = ReplaceText(path="scripts/report.py", find=LINE, replace=text)
    reply = ModelReply(edits=(edit,), cause="It broke.", confidence=confidence)
    checked = CheckedReply(reply, fingerprint({"scripts/report.py": text.encode()}))
    return Course(checked=checked, drafter=drafter, has_answer=True)


def drafts_of(*courses: Course) -> Drafts:
    return make_drafts(courses, case(), Files(), Redactor())


def test_the_same_change_is_one_draft_and_the_most_confident_leads() -> None:
    drafts = drafts_of(fix_by("a", "x"), fix_by("b", "x", 0.9), fix_by("c", "y", 0.7))
    assert [draft.drafter for draft in drafts.candidates] == ["c", "a"]
    assert drafts.side_by_side
    assert not any(draft.doubt for draft in drafts.candidates)


def test_a_fix_is_doubted_where_another_model_said_that_it_is_unclear() -> None:
    course = fix_by("large", "x")
    course.unclear = UNCLEAR
    (draft,) = drafts_of(course).candidates
    assert "needs person" in draft.doubt
    asked = Course(checked=CheckedReply(UNCLEAR, ""))
    (draft,) = drafts_of(asked, fix_by("large", "x")).candidates
    assert "needs person" in draft.doubt


def test_a_way_out_alone_is_the_answer() -> None:
    drafts = drafts_of(Course(checked=CheckedReply(UNCLEAR, ""), has_answer=True))
    assert (drafts.refusal, drafts.reason) == ("needs_person", "Two readings.")


def test_nothing_is_unavailable_only_where_nobody_answered() -> None:
    silent, refused = Course(), Course()
    silent.add(CallResult(None, (), "it did not answer"))
    refused.add(CallResult(None, (), "the key is wrong", refusal="key"))
    assert drafts_of(silent).unavailable
    assert not drafts_of(refused).unavailable
    assert "the key is wrong" in drafts_of(silent, refused).reason
    spoke = Course(problem="no JSON")
    spoke.add(CallResult(Answer("no"), ()))
    assert not drafts_of(silent, spoke).unavailable
