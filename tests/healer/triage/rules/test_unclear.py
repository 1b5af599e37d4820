"""What cannot be told from here is drafted, and a person reviews it."""

import pytest

from healer.failure import Failure
from healer.triage.rules.unclear import UNCLEAR_RULES
from tests.healer.triage.failures import failed, label, sort

ROWS = [
    ("assertion", "code", failed("AssertionError: 3 rows missing", source="assert len(rows) == n")),
    ("failed program", "code", failed("subprocess.CalledProcessError: Command 'x' returned 1")),
    (
        "unreadable answer",
        "code",
        failed("json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
    ),
]
"""Rule, kind, and a failure that it is for."""
CODE_FAULTS = [
    failed("json.decoder.JSONDecodeError: Expecting ',' delimiter: line 3 column 5 (char 40)"),
    failed("AssertionError: 3 != 2").model_copy(update={"source": "check"}),
    failed("AssertionError: 3 != 2").model_copy(update={"source": "baseline"}),
    failed("ValueError: CalledProcessError"),
    failed("subprocess.CalledProcessError: Command 'x' returned 1").model_copy(
        update={"source": "baseline"}
    ),
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
    assert sort(failure).rule not in {rule.name for rule in UNCLEAR_RULES}
