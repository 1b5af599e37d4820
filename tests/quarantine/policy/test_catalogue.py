"""Every rule of the table refuses its own example and lets the honest look-alike pass."""

from urllib.parse import urlsplit

import pytest

from quarantine.policy import RULES, Rule
from tests.quarantine.policy.examples import findings, hits

ROWS = pytest.mark.parametrize(
    "rule", RULES, ids=[f"{number} {rule.name}" for number, rule in enumerate(RULES)]
)


@ROWS
def test_the_example_is_refused_by_its_own_row(rule: Rule) -> None:
    assert hits(rule, rule.refuses)
    row = [each for each in findings(rule.refuses) if each.rule == rule.name]
    assert any(finding.severity == rule.severity for finding in row)


@ROWS
def test_the_honest_look_alike_passes_the_whole_policy(rule: Rule) -> None:
    assert hits(rule, rule.allows) == []
    assert findings(rule.allows) == ()


@ROWS
def test_a_row_says_what_it_looks_for_and_why_it_matters(rule: Rule) -> None:
    assert rule.summary
    assert rule.summary.endswith(".")
    assert "{" not in rule.summary
    assert rule.reason.endswith(".")
    link = urlsplit(rule.link)
    assert (link.scheme, bool(link.hostname)) == ("https", True)


@ROWS
def test_an_example_is_short_enough_to_be_read(rule: Rule) -> None:
    for example in (rule.refuses, rule.allows):
        assert rule.name == "too-big" or len(example.lines) <= 16
        assert all(len(line) <= 200 for line in example.lines)


@ROWS
def test_a_reason_that_asks_for_what_was_found_is_given_it(rule: Rule) -> None:
    for hit in hits(rule, rule.refuses):
        assert bool(hit.what) or "{what}" not in rule.reason


def test_rows_of_one_name_are_told_apart_by_their_reasons() -> None:
    assert len({(rule.name, rule.reason) for rule in RULES}) == len(RULES)


def test_there_are_not_fewer_rows_than_there_were() -> None:
    assert len(RULES) >= 95
