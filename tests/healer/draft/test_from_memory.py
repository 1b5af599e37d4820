"""What healed a failure before is tried first, and similar incidents are told to a model."""

from typing import Any

import pytest

from healer.draft.from_memory import (
    MOST_TRIED_AGAIN,
    EarlierFix,
    Incident,
    LessonMemory,
    NoIncidentMemory,
)
from healer.facts.draft import Draft, Exchange, ReplaceText, WriteFile
from healer.memory.store import Lesson, Memory, Vector
from tests.healer.draft.llm.cases import LINE, Files, attempt, case, failure

PATH = "scripts/report.py"


def draft(new: str, **more: Any) -> Draft:
    edit = ReplaceText(path=PATH, find=LINE, replace=new)
    return Draft(drafter="large-model", edits=(edit,), **more)


def lesson(repair: str, fix: Draft | None = None, at: float = 1.0, **more: Any) -> Lesson:
    values = {
        "repair": repair,
        "script": PATH,
        "fingerprint": "f0",
        "failure": "KeyError: 'total'\nscripts/report.py in total",
        "diff": f"diff of {repair}",
        "draft": fix.model_dump_json() if fix else "",
        "outcome": "worked",
        "at": at,
    }
    return Lesson.model_validate(values | more)


def draft_again(*lessons: Lesson, **of: Any) -> tuple[Draft, ...]:
    with Memory(None) as memory:
        for each in lessons:
            memory.learn(each)
        values = {"failure": failure(fingerprint="f0")} | of
        return EarlierFix(memory).draft(case(**values), Files()).candidates


def test_the_fix_of_exactly_this_failure_is_drafted_again_and_costs_nothing() -> None:
    test = WriteFile(path="tests/test_new.py", content="def test_a(): pass\n")
    (again,) = draft_again(lesson("r7", draft("amount += 1", doubt="old", regression_test=test)))
    assert again.edits == draft("amount += 1").edits
    assert (again.drafter, again.rule) == ("rules", "the fix of repair r7")
    assert (again.doubt, again.regression_test) == ("", None)


@pytest.mark.parametrize(
    "other",
    [
        lesson("r", draft("amount += 1"), fingerprint="f1"),
        lesson("r", draft("amount += 1"), outcome="reverted"),
        lesson("r", draft("amount += 1"), outcome="rejected"),
        lesson("r", draft("amount += 1"), draft="not a draft"),
        lesson("r", draft("amount += 1"), draft='{"edits": 3}'),
        lesson("r"),
        lesson("r", Draft(drafter="m", edits=(ReplaceText(path="a.py", find="x", replace="y"),))),
    ],
    ids=["another failure", "reverted", "rejected", "no draft", "an old shape", "none kept",
         "it fits no more"],
)  # fmt: skip
def test_what_did_not_work_or_does_not_fit_is_not_drafted(other: Lesson) -> None:
    assert draft_again(other) == ()


def test_the_newest_come_first_and_there_are_at_most_two() -> None:
    lessons = [lesson(f"r{n}", draft(f"amount += {n}"), at=float(n)) for n in range(5)]
    found = draft_again(*lessons)
    assert len(found) == MOST_TRIED_AGAIN
    assert [each.rule[-2:] for each in found] == ["r4", "r3"]


def test_the_same_change_is_drafted_once_and_not_if_it_was_tried() -> None:
    twice = (
        lesson("r1", draft("amount += 1"), at=1.0),
        lesson("r2", draft("amount += 1  # again"), at=2.0),
    )
    assert [each.rule[-2:] for each in draft_again(*twice)] == ["r2"]
    assert draft_again(*twice, attempts=(attempt("small", "amount += 1"),)) == ()
    assert draft_again(*twice, rejected=(attempt("small", "amount += 1"),)) == ()


def test_similar_incidents_say_what_came_of_their_fix() -> None:
    exchanges = [Exchange(model="vectors", prompt="p", reply="")]
    embedded: list[tuple[str, str]] = []

    def embed(repair: str, text: str) -> Vector | None:
        embedded.append((repair, text))
        return None

    with Memory(None) as memory:
        memory.learn(lesson("r1", outcome="rejected", why="it hides the row"))
        found = LessonMemory(memory, embed, lambda: exchanges).find_similar("r9", failure(), 3)
    (incident,) = found.incidents
    assert incident == Incident(
        failure="KeyError: 'total' in scripts/report.py",
        diff="diff of r1",
        worked=False,
        why="it hides the row",
    )
    assert found.exchanges == tuple(exchanges)
    assert embedded[0][0] == "r9"
    assert "KeyError" in embedded[0][1]


def test_a_limit_is_kept_and_an_empty_memory_has_nothing() -> None:
    with Memory(None) as memory:
        recall = LessonMemory(memory, lambda *_: None, list)
        assert recall.find_similar("r", failure(), 3).incidents == ()
        for number in range(5):
            memory.learn(lesson(f"r{number}"))
        assert len(recall.find_similar("r", failure(), 3).incidents) == 3
    assert NoIncidentMemory().find_similar("r", failure(), 3).incidents == ()
