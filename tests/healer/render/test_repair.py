"""What `healer show` says of a repair, and in which order."""

import pytest

from healer.render.document import render_text
from healer.render.repair import repair_document
from healer.render.repair_view import Mark, RepairView
from tests.support.repairs import attempt, repair


def printed(view: RepairView) -> str:
    return render_text(repair_document(view))


WANTED = (
    "scripts/report.py waits for your decision",
    "The evidence is weak: no test covers the changed line.",
    "KeyError: 'amuont'",
    "scripts/report.py:2 in total",
    "The column is called amount.",
    '+    return sum(row["amount"] for row in rows)',
    "! changes a sum of money",
    "test_total did not run",
    "a test that fails before and passes after",
    "2. small-model: fixed, on weak evidence (1.2k + 300 tokens, $0.0004, 3.1 s)",
    "In all $0.0008.",
    "mailed to on@example.com",
    "healer approve r7",
)


@pytest.mark.parametrize("wanted", WANTED)
def test_the_screen_says(wanted: str) -> None:
    assert " ".join(wanted.split()) in " ".join(printed(repair()).split())


def test_marks_without_a_place_in_the_diff_are_said_below_it() -> None:
    marks = (
        Mark(path="scripts/report.py", line=99, reason="far away"),
        Mark(path="scripts/report.py", line=0, reason="protected"),
        Mark(path="scripts/report.py", line=2, reason="one"),
        Mark(path="scripts/report.py", line=2, reason="two"),
    )
    screen = printed(repair(marks=marks))
    assert "! scripts/report.py: far away" in screen
    assert "! one; two" in screen
    assert screen.count("! protected") == 1


def test_the_pin_beside_a_change_of_code_is_shown_as_another_way() -> None:
    pin = attempt(is_pin=True, cause="pandas 2.2.3 became 3.0.0.", diff="+pandas==2.2.3\n")
    screen = printed(repair(attempts=(pin, attempt())))
    assert "Another way" in screen
    assert "+pandas==2.2.3" in screen
    assert "Another way" not in printed(repair(attempts=(attempt(), pin)))


def test_a_failure_that_was_never_seen_is_said_to_be_so() -> None:
    screen = printed(repair(unseen="in the sandbox it ended well; there is no tape of it"))
    assert "It was never seen in the sandbox: in the sandbox it ended well" in screen
    assert "never seen" not in printed(repair())


def test_a_repair_without_facts_has_no_empty_sections() -> None:
    bare = repair(
        failure=None, attempts=(), marks=(), strength="", missing=(), history=(), state="waiting"
    )
    assert [section.title for section in repair_document(bare)] == [""]


def test_many_attempts_are_cut_and_counted() -> None:
    many = repair(attempts=tuple(attempt() for _ in range(20)))
    assert "… 14 earlier" in printed(many)
    assert "20. small-model" in printed(many)


def test_what_waits_without_a_draft_that_passed_awaits_no_decision_on_one() -> None:
    text = " ".join(printed(repair(has_draft=False)).split())
    assert "waits for a person: no draft passed the checks" in text
    assert "waits for your decision" not in text
    assert "healer approve" not in text
    text = " ".join(printed(repair(has_draft=False, attempts=())).split())
    assert "waits for a person: there is no draft" in text
