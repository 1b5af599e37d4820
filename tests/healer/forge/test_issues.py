"""The three forges pass one contract for issues, too: found by their first line, never opened twice
for want of looking."""

import pytest

from healer.forge.api import ForgeError
from healer.forge.forges import Forge
from healer.forge.issues import MOST_PAGES, PAGE
from tests.support.forge_server import ScriptedForge

MARK = "Incident `a1` of healer."


@pytest.fixture
def text(server: ScriptedForge) -> str:
    """The key under which this forge has an issue's text."""
    return "description" if server.kind == "gitlab" else "body"


def test_one_is_opened_found_changed_closed_and_opened_again(
    forge: Forge,
    server: ScriptedForge,
    text: str,
) -> None:
    tracker = forge.issues
    assert tracker.find(MARK, 0.0) is None
    issue = tracker.open("It fails", f"{MARK}\n\nWhy")
    assert (issue.is_open, issue.body) == (True, f"{MARK}\n\nWhy")
    assert issue.url.startswith("https://")
    assert tracker.find(MARK, 1.7e9) == issue
    tracker.change(issue.number, f"{MARK}\n\nWell")
    assert (server.issues[0]["state"], server.issues[0][text]) == ("open", f"{MARK}\n\nWell")
    tracker.change(issue.number, f"{MARK}\n\nOver", is_open=False)
    assert tracker.find(MARK, 0.0) == issue._replace(is_open=False, body=f"{MARK}\n\nOver")
    tracker.change(issue.number, f"{MARK}\n\nAgain", is_open=True)
    assert tracker.find(MARK, 0.0) == issue._replace(body=f"{MARK}\n\nAgain")


def test_neither_a_word_about_it_nor_a_pull_request_is_it(
    forge: Forge,
    server: ScriptedForge,
) -> None:
    forge.open("quarantine/x", "main", "t", MARK)
    forge.issues.open("People talk", f"See also: {MARK}")
    forge.issues.open("Another incident", MARK.replace("a1", "a12"))
    assert forge.issues.find(MARK, 0.0) is None


def test_of_several_the_first_is_it(forge: Forge, server: ScriptedForge) -> None:
    for number in range(PAGE + 3):
        forge.issues.open(f"People's {number}", "words")
    first = forge.issues.open("It fails", MARK)
    forge.issues.open("A copy of it", MARK)
    assert forge.issues.find(MARK, 0.0) == first


def test_where_not_all_can_be_looked_through_nothing_is_said(
    forge: Forge,
    server: ScriptedForge,
    text: str,
) -> None:
    server.issues = [{"state": "open", text: "words"}] * (PAGE * MOST_PAGES)
    with pytest.raises(ForgeError, match="so none is opened"):
        forge.issues.find(MARK, 0.0)


@pytest.mark.parametrize("answer", [b"[1]", b"[{}]", b"7", b'{"x": 1}'])
def test_an_answer_of_another_api_is_an_error_with_a_next_step(
    forge: Forge,
    server: ScriptedForge,
    answer: bytes,
) -> None:
    server.refuse = (200, answer, "")
    with pytest.raises(ForgeError, match="kind and url"):
        forge.issues.find(MARK, 0.0)
    with pytest.raises(ForgeError, match="kind and url"):
        forge.issues.open("t", MARK)
