"""`healer answer ID`: the question and its choices, and what a person sees of it elsewhere."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.facts.errors import UsageError
from tests.support.command_line import run_command
from tests.support.school import BROKEN, SCRIPT, open_school


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A repository in which a repair waits for an answer, and its id."""
    folder = tmp_path_factory.mktemp("answer") / "school"
    with open_school(folder) as here:
        repair = here.fix().repair
    yield folder, repair


def test_without_a_choice_the_question_is_printed(waiting: tuple[Path, str]) -> None:
    folder, repair = waiting
    answer = run_command("answer", repair, cwd=folder)
    assert answer.code == 1
    assert answer.out.splitlines() == [
        "`grade(50)` gives 'pass' or 'fail'?",
        "  1  'pass'",
        "  2  'fail'",
        "  none of these: none, with --value and the right one",
    ]
    assert f"next: healer answer {repair} NUMBER" in answer.err


def test_programs_get_the_question_as_one_document(waiting: tuple[Path, str]) -> None:
    folder, repair = waiting
    document = json.loads(run_command("answer", repair, "--json", cwd=folder).out)
    assert document == {
        "question": "`grade(50)` gives 'pass' or 'fail'?",
        "call": "grade(50)",
        "choices": ["'pass'", "'fail'"],
    }


@pytest.mark.parametrize(
    ("words", "says"),
    [(("3",), "none of the choices"), (("none", "--value", "f()"), "neither a Python literal")],
)
def test_what_is_no_answer_is_refused(
    waiting: tuple[Path, str], words: tuple[str, ...], says: str
) -> None:
    folder, repair = waiting
    answer = run_command("answer", repair, *words, cwd=folder)
    assert isinstance(answer.error, UsageError)
    assert says in str(answer.error)


def test_an_unknown_id_is_refused(waiting: tuple[Path, str]) -> None:
    answer = run_command("answer", "zzz", cwd=waiting[0])
    assert "there is no repair 'zzz'" in str(answer.error)


def test_review_names_the_question_and_show_the_choices(waiting: tuple[Path, str]) -> None:
    folder, repair = waiting
    review = run_command("review", cwd=folder)
    assert "one question: `grade(50)` gives 'pass' or 'fail'?" in review.out
    assert f"next: healer answer {repair}" in review.err
    shown = run_command("show", repair, cwd=folder).out
    assert "1  'pass'" in shown
    assert f"healer answer {repair} 1|2|none" in shown
    assert (folder / SCRIPT).read_text() == BROKEN
