"""A fix is called the only one where that was counted, on code that its rule's author did not
write, and nowhere else."""

import json

import pytest

from healer.draft.rules.catalogue import RULES
from healer.draft.rules.certainty import (
    CERTAINTY_JSON,
    GUESS,
    NEEDED,
    Certainty,
    Count,
    certainty_of,
)
from healer.draft.rules.drafter import CLEAR_READING

TABLE = json.loads(CERTAINTY_JSON.read_text(encoding="utf-8"))
FIGURES = TABLE["rules"]
NOTHING = Count(0, 0)


@pytest.mark.parametrize(
    ("right", "of", "bound"),
    [
        (299, 299, 0.99003),
        (298, 298, 0.98999),
        (10, 10, 0.74113),
        (0, 10, 0.0),
        (0, 0, 0.0),
        (9, 10, 0.60584),
        (472, 473, 0.99001),
    ],
)
def test_the_bound_is_that_of_clopper_and_pearson(right: int, of: int, bound: float) -> None:
    assert Count(right, of).lower_bound == pytest.approx(bound, abs=1e-5)


@pytest.mark.parametrize(
    ("clear", "is_forcing"),
    [
        (Count(299, 299), True),
        (Count(298, 298), False),
        (Count(472, 473), True),
        (Count(471, 473), False),
        (NOTHING, False),
    ],
)
def test_a_rule_forces_a_fix_from_a_bound_of_0_99_on(clear: Count, is_forcing: bool) -> None:
    assert NEEDED == 0.99
    assert Certainty(clear, Count(1000, 1000), "x").is_forcing is is_forcing


def test_drafts_with_rivals_never_make_a_rule_force() -> None:
    assert not Certainty(NOTHING, Count(5000, 5000), "x").is_forcing


@pytest.mark.parametrize(
    ("certainty", "text"),
    [
        (
            Certainty(Count(299, 299), Count(310, 320), "x"),
            "299 of 299 right without a rival, at least 0.990; 310 of 320 in all (x)",
        ),
        (Certainty(NOTHING, Count(3, 4), "x"), "3 of 4 right, none without a rival (x)"),
    ],
)
def test_a_certainty_is_shown_with_its_counts_and_its_bound(
    certainty: Certainty, text: str
) -> None:
    assert str(certainty) == text


def test_a_rule_that_was_not_measured_has_no_certainty() -> None:
    assert certainty_of("no-such-rule") is None


def test_each_figure_is_of_a_rule_that_there_is_and_is_possible() -> None:
    assert set(FIGURES) <= {rule.name for rule in RULES}
    for figure in FIGURES.values():
        (clear_right, clear_of), (right, of) = figure["clear"], figure["drafts"]
        assert 0 <= clear_right <= clear_of <= of
        assert clear_right <= right <= of
        assert of > 0


def test_a_rule_claims_no_more_than_its_figure_says() -> None:
    for rule in RULES:
        figure = FIGURES.get(rule.name)
        is_shown = figure is not None and Count(*figure["clear"]).lower_bound >= NEEDED
        assert rule.is_forcing is is_shown


def test_no_estimate_is_certain_or_less_than_even() -> None:
    assert all(0.5 <= rule.estimate < 1.0 for rule in RULES)


def test_a_guess_is_never_a_clear_reading() -> None:
    assert GUESS < CLEAR_READING
