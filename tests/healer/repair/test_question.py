"""A person is asked where nothing but the choice is missing, and a test can say the answer."""

from typing import Any

import pytest

from healer.facts.errors import UsageError
from healer.facts.question import Choice, Question
from healer.judge import Evidence, Rival, Rivals, Verdict
from healer.repair.question import ask_question, choose_outcome, is_outcome

CONTENT = "def share(total, people):\n    return total\n"
AMBIGUOUS = Verdict(kind="fixed", reasons=("x",), weaknesses=("ambiguous",))


def rival(**changes: Any) -> Rival:
    facts = {
        "path": "a.py", "line": 2, "shape": "compare/< to <=", "content": CONTENT,
        "function": "share", "given": "(100, 3)", "fix_gives": "[34]", "rival_gives": "[33]",
    }  # fmt: skip
    return Rival.model_validate(facts | changes)


def asked(*rivals: Rival, verdict: Verdict = AMBIGUOUS) -> Question | None:
    evidence = Evidence(
        reproduced=True, lines_changed=1, lines_executed=1, rivals=Rivals(rivals=rivals)
    )
    return ask_question(verdict, evidence)


def outcomes(question: Question | None) -> list[str]:
    assert question is not None
    return [choice.outcome for choice in question.choices]


def test_the_smallest_input_is_asked_about_with_every_outcome_once() -> None:
    question = asked(
        rival(given="(1000, 30)"),
        rival(rival_gives="[35]"),
        rival(rival_gives="[33]"),
        rival(rival_gives="[35]", content="other"),
    )
    assert outcomes(question) == ["[34]", "[35]", "[33]"]
    assert question is not None
    assert question.given == "(100, 3)"
    assert [choice.is_fix for choice in question.choices] == [True, False, False]


def test_at_most_four_outcomes_are_offered() -> None:
    assert len(outcomes(asked(*(rival(rival_gives=str(n)) for n in range(9))))) == 4


def test_the_unfixed_code_is_no_fix_that_could_be_chosen() -> None:
    question = asked(rival(shape="base"))
    assert question is not None
    assert question.choices[1] == Choice(outcome="[33]")


@pytest.mark.parametrize(
    "changes",
    [
        {"function": ""},
        {"function": "total", "content": "class Cart:\n    def total(self):\n        return 1\n"},
        {"content": "def share(:"},
        {"given": "(<Row object>,)"},
        {"given": "[1]"},
        {"rival_gives": "<Row object>"},
        {"rival_gives": "[33], leaving ([],)"},
        {"fix_gives": "does not end"},
    ],
)
def test_what_no_test_could_say_is_not_asked(changes: dict[str, Any]) -> None:
    assert asked(rival(**changes)) is None


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(kind="fixed", strong=True),
        Verdict(kind="unchanged"),
        AMBIGUOUS.model_copy(update={"weaknesses": ("ambiguous", "finding")}),
        AMBIGUOUS.model_copy(update={"weaknesses": ("ambiguous", "objection")}),
        AMBIGUOUS.model_copy(update={"weaknesses": ("value-unknown",)}),
    ],
)
def test_where_more_is_missing_than_a_choice_nothing_is_asked(verdict: Verdict) -> None:
    assert asked(rival(), verdict=verdict) is None


def test_without_evidence_or_rivals_nothing_is_asked() -> None:
    assert ask_question(AMBIGUOUS, None) is None
    assert asked() is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("[1, 'a', None]", True),
        ("raises KeyError", True),
        ("-1.5", True),
        ("raises KeyError()", False),
        ("raises", False),
        ("print(1)", False),
        ("__import__('os')", False),
        ("nan", False),
        ("(" * 500, False),
    ],
)
def test_an_outcome_is_a_literal_or_an_exception(text: str, is_one: bool) -> None:
    assert is_outcome(text) is is_one


@pytest.mark.parametrize(
    ("choice", "value", "outcome"),
    [
        ("1", "", "[34, 33]"),
        (" 2 ", "", "raises KeyError"),
        ("[34,33]", "", "[34, 33]"),
        ("raises KeyError", "", "raises KeyError"),
        ("none", "", ""),
        ("None of these", "", ""),
        ("none", "[1]", "[1]"),
        ("", "[34,33]", "[34, 33]"),
        ("", "True", "True"),
    ],
)
def test_a_number_an_outcome_or_another_value_is_an_answer(
    choice: str, value: str, outcome: str
) -> None:
    question = Question(
        path="a.py", function="f", given="()",
        choices=(Choice(outcome="[34, 33]"), Choice(outcome="raises KeyError")),
    )  # fmt: skip
    assert choose_outcome(question, choice, value) == outcome


@pytest.mark.parametrize(("choice", "value"), [("0", ""), ("3", ""), ("", ""), ("", "f()")])
def test_other_words_are_no_answer(choice: str, value: str) -> None:
    question = Question(
        path="a.py", function="f", given="()", choices=(Choice(outcome="1"), Choice(outcome="2"))
    )
    with pytest.raises(UsageError):
        choose_outcome(question, choice, value)
