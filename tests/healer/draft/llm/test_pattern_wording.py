"""A model adds at most three sentences to the patterns of a script, or nothing."""

import pytest

from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.calls import Caller
from healer.draft.llm.endpoint.settings import ModelSettings, make_endpoints
from healer.draft.llm.pattern_wording import MOST_SENTENCES, word_patterns
from healer.facts.draft import ModelRemarks
from healer.redact import Redactor
from tests.healer.draft.llm.cases import FakeClock
from tests.support.endpoint import Reply, Scripted, ScriptedEndpoint, error


def word(
    *replies: Scripted, patterns: str = "KeyError, 3 times", repairs: str = "r1: healed"
) -> tuple[ModelRemarks, ScriptedEndpoint]:
    with (
        ScriptedEndpoint(replies) as server,
        Budget(None, usd_per_repair=1, usd_per_day=1) as budget,
        Caller(budget, Redactor(), clock=FakeClock()) as caller,
    ):
        settings = ModelSettings.model_validate({"base_url": server.base_url, "tiers": ["small"]})
        (endpoint,) = make_endpoints(settings, {})
        remarks = word_patterns(
            caller, endpoint, Redactor(), "r9", patterns=patterns, repairs=repairs
        )
        return remarks, server


def test_the_sentences_come_with_the_model_and_its_calls() -> None:
    remarks, server = word({"sentences": ["Ask the supplier.", "Check the header."]})
    assert remarks.model == "small"
    assert remarks.sentences == ("Ask the supplier.", "Check the header.")
    assert [each.purpose for each in remarks.exchanges] == ["patterns"]
    assert "KeyError, 3 times" in server.requests[0].prompt
    assert "r1: healed" in server.requests[0].prompt


@pytest.mark.parametrize(
    ("sentences", "kept"),
    [
        (["a", "b", "c", "d", "e"], ("a", "b", "c")),
        (["a", "", "  ", "b"], ("a", "b")),
        (["a", 3, None, ["b"]], ("a",)),
        (["two\nlines"], ("two lines",)),
        (["x" * 900], ("x" * 400,)),
        ([], ()),
    ],
)
def test_a_few_short_lines_are_taken(sentences: list[object], kept: tuple[str, ...]) -> None:
    remarks, _ = word({"sentences": sentences})
    assert remarks.sentences == kept
    assert len(remarks.sentences) <= MOST_SENTENCES


@pytest.mark.parametrize(
    "reply",
    ["Be careful.", {"sentences": "one"}, {"other": []}, Reply(None), error(401, "no key")],
)
def test_what_cannot_be_read_adds_nothing_and_is_paid(reply: Scripted) -> None:
    remarks, _ = word(reply)
    assert remarks.sentences == ()
    assert len(remarks.exchanges) == 1


def test_secrets_go_neither_there_nor_back() -> None:
    said = "Rotate password=hunter2hunter2 soon."
    remarks, server = word({"sentences": [said]}, patterns=said, repairs=said)
    assert "hunter2" not in server.requests[0].prompt
    assert "hunter2" not in str(remarks.sentences)
