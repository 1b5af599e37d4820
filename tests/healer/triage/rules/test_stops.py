"""A job that was ended from outside is no fault; one that only names such an end is."""

import pytest

from healer.failure import Failure
from healer.triage.rules.stops import STOP_RULES
from tests.healer.triage.failures import failed, label, sort

ROWS = [
    ("keyboard interrupt", "interrupted", failed("KeyboardInterrupt")),
    ("broken expectation", "code", failed("healer.ExpectationError: `a.csv`: no rows")),
    ("reader gone", "interrupted", failed("BrokenPipeError: [Errno 32] Broken pipe")),
    ("deliberate exit", "deliberate", failed("SystemExit: 3")),
    ("keyboard interrupt", "interrupted", failed("asyncio.exceptions.CancelledError")),
    ("deliberate exit", "deliberate", failed("click.exceptions.UsageError: no such option")),
]
"""Rule, kind, and a failure that it is for."""
CODE_FAULTS = [
    failed("BrokenPipeError: [Errno 32] Broken pipe in ssl socket"),
    failed("KeyError: 'KeyboardInterrupt'"),
    failed("ValueError: SystemExit"),
    failed("shop.ExpectationError: no rows"),
    failed("acme.errors.ExitFailed: 3"),
]
"""They look like one, and none of these rules may fit."""


@pytest.mark.parametrize(
    ("rule", "kind", "failure"),
    ROWS,
    ids=lambda value: label(value) if isinstance(value, Failure) else value,
)
def test_each_rule_knows_its_failures(rule: str, kind: str, failure: Failure) -> None:
    answer = sort(failure)
    assert (answer.rule, answer.kind, answer.sure) == (rule, kind, kind != "code"), answer


@pytest.mark.parametrize("failure", CODE_FAULTS, ids=label)
def test_what_only_looks_like_one_is_none(failure: Failure) -> None:
    assert sort(failure).rule not in {rule.name for rule in STOP_RULES}
