"""The tables as a whole: their order, their names, and what a person reads of them."""

import pytest

from healer.triage.conditions import REVIEW, Rule
from healer.triage.rules import END_RULES, EXCEPTION_RULES
from tests.healer.triage.failures import failed, sort

EVERY = [*EXCEPTION_RULES, *END_RULES]


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.name)
def test_each_rule_says_what_happened_and_what_to_do(rule: Rule) -> None:
    assert rule.reason[0].isupper()
    assert not rule.reason.endswith(".")
    assert rule.next_step.endswith(".")
    drafts_for = rule.kind == "code" and rule.name != "broken expectation"
    assert (rule.next_step == REVIEW) == drafts_for


def test_no_name_stands_twice_in_one_table() -> None:
    for table in (EXCEPTION_RULES, END_RULES):
        names = [rule.name for rule in table]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("error", "rule"),
    [
        ("sqlalchemy.exc.TimeoutError: QueuePool limit", "timeout"),
        ("psycopg2.OperationalError: password authentication failed", "credentials"),
        ("redis.exceptions.ConnectionError: Error 111", "connection"),
        ("sqlite3.OperationalError: disk I/O error", "read-only or failing disk"),
        ("requests.exceptions.HTTPError: 429 quota exceeded", "rate limit"),
        ("PermissionError: [Errno 28] No space left on device", "disk full"),
    ],
)
def test_what_several_rules_would_take_is_the_first_ones(error: str, rule: str) -> None:
    assert sort(failed(error)).rule == rule
