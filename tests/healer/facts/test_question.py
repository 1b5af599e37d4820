"""A question is one sentence, as a person would type the call."""

import pytest

from healer.facts.question import LONGEST_SHOWN, Choice, Question


def question(given: str, *outcomes: str) -> Question:
    choices = tuple(Choice(outcome=outcome) for outcome in outcomes)
    return Question(path="a.py", function="share", given=given, choices=choices)


@pytest.mark.parametrize(
    ("given", "call"),
    [("(100, 3)", "share(100, 3)"), ("(50,)", "share(50)"), ("()", "share()")],
)
def test_the_call_is_written_as_python_has_it(given: str, call: str) -> None:
    assert question(given, "1", "2").call == call


def test_the_sentence_names_the_call_and_every_outcome() -> None:
    assert question("(100, 3)", "[34, 33, 33]", "[33, 33, 34]").sentence == (
        "`share(100, 3)` gives [34, 33, 33] or [33, 33, 34]?"
    )
    assert question("(1,)", "1", "2", "raises KeyError").sentence == (
        "`share(1)` gives 1, 2 or raises KeyError?"
    )


def test_what_is_long_is_cut_in_the_sentence_alone() -> None:
    long = repr("x" * 500)
    asked = question("(1,)", long, "2")
    assert len(asked.sentence) < 2 * LONGEST_SHOWN
    assert asked.choices[0].outcome == long


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [("3", "half(6) gives 3"), ("raises KeyError", "half(6) raises KeyError")],
)
def test_an_outcome_is_a_value_or_raises(outcome: str, sentence: str) -> None:
    question = Question(path="a.py", function="half", given="(6,)", choices=())
    assert question.tell(outcome) == sentence
