"""Which text answers best to a failure's words."""

import pytest

from healer.draft.llm.prompts.relevance import list_words, score_texts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("parse_dates", ["parse", "date"]),
        ("parseHTTPDate", ["parse", "http", "date"]),
        ("IS bus a 12", ["is", "bus", "12"]),
        ("", []),
    ],
)
def test_names_are_made_of_words(text: str, words: list[str]) -> None:
    assert list_words(text) == words


def test_the_text_with_the_rarest_words_of_the_question_is_best() -> None:
    texts = {
        "parse": "def parse_token(token): return token",
        "rate": "def rate_of(token): return currency",
        "print": "def show(token): print(token)",
    }
    scores = score_texts("assert rates['EUR'] is a token with a currency", texts)
    assert max(scores, key=lambda key: scores[key]) == "rate"
    assert scores["rate"] == 1.0
    assert 0 < scores["print"] < 0.5


def test_a_long_text_is_not_better_for_being_long() -> None:
    texts = {"short": "rate currency", "long": "rate currency " + "other words here " * 50}
    scores = score_texts("rate currency", texts)
    assert scores["short"] > scores["long"]


def test_without_a_word_in_common_all_scores_are_zero() -> None:
    assert score_texts("nothing", {"a": "x y", "b": ""}) == {"a": 0.0, "b": 0.0}
    assert score_texts("", {}) == {}
