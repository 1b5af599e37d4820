"""A certainty says how it was measured; a figure that nobody measured is never shown."""

import json

import pytest

from healer.draft.rules.catalogue import RULES
from healer.draft.rules.certainty import (
    CERTAINTY_JSON,
    GUESS,
    Certainty,
    Measured,
    certainty_of,
)
from healer.draft.rules.drafter import CLEAR, FORCED

FIGURES = json.loads(CERTAINTY_JSON.read_text(encoding="utf-8"))


def test_a_rule_that_was_measured_has_its_figure() -> None:
    certainty = certainty_of("does-not-parse", 0.85)
    assert certainty.value == 0.85
    assert certainty.measured is not None
    assert certainty.measured.on == "broken syntax"
    assert certainty.measured.of >= 196


def test_a_rule_that_was_not_measured_says_so() -> None:
    certainty = certainty_of("no-such-rule", 0.7)
    assert certainty.measured is None
    assert str(certainty) == "0.70, not measured"


@pytest.mark.parametrize(
    ("certainty", "text"),
    [
        (Certainty(0.95), "0.95, not measured"),
        (Certainty(0.9, Measured(3, 3, "own corpus")), "0.90, 3 of 3 right (own corpus)"),
        (Certainty(1.0, Measured(0, 2, "x")), "1.00, 0 of 2 right (x)"),
    ],
)
def test_a_certainty_is_shown_with_its_count(certainty: Certainty, text: str) -> None:
    assert str(certainty) == text


def test_each_figure_is_of_a_rule_that_there_is_and_is_possible() -> None:
    names = {rule.name for rule in RULES}
    assert set(FIGURES) <= names
    for figure in FIGURES.values():
        assert 0 <= figure["right"] <= figure["of"]
        assert figure["of"] > 0
        assert figure["on"] in ("own corpus", "broken syntax")


def test_no_rule_is_surer_than_certain_or_less_than_even() -> None:
    assert all(0.5 <= rule.certainty.value < 1.0 for rule in RULES)


def test_a_guess_never_merges_without_a_test_or_a_recorded_run() -> None:
    assert GUESS < FORCED
    assert GUESS + CLEAR >= FORCED
