"""What `--json` prints of a repair: the parts that a person and a script need."""

from typing import Any

import pytest

from healer.facts.printed import attempt_printed, failure_printed
from tests.support.ledger_rows import SCRIPT
from tests.support.repair_facts import attempt_of, candidate_of, crash_of, exchange_of

NO_CANDIDATE = attempt_of("forbidden", "it does not apply", candidate=None)


def test_a_printed_failure_names_the_line_that_is_at_fault() -> None:
    printed = failure_printed(crash_of(line=9))
    assert printed is not None
    assert printed.model_dump() == {
        "fingerprint": "0123456789abcdef", "type": "KeyError", "message": "'te'",
        "file": SCRIPT, "line": 9,
    }  # fmt: skip


@pytest.mark.parametrize("chain", [(), None])
def test_a_printed_failure_without_a_traceback_names_the_script(chain: Any) -> None:
    failure = None if chain is None else crash_of(chain=chain)
    printed = failure_printed(failure)
    if failure is None:
        assert printed is None
    else:
        assert printed is not None
        assert (printed.type, printed.file, printed.line) == ("", SCRIPT, 0)
        assert printed.message == "failed", "nobody is shown an empty failure"


def test_a_printed_attempt_has_its_diff_checks_and_cost() -> None:
    exchange = exchange_of(0.5)
    attempt = attempt_of(spent=exchange.spent, exchanges=(exchange,))
    printed = attempt_printed(attempt)
    assert printed.commit == candidate_of().commit
    assert printed.diff == candidate_of().diff
    assert printed.checks == attempt.verdict.checks
    assert (printed.cost_usd, printed.tokens_in, printed.verdict) == (0.5, 100, "fixed")
    assert "prompt" not in printed.model_dump_json()


def test_a_printed_attempt_that_was_no_candidate_has_neither_diff_nor_commit() -> None:
    printed = attempt_printed(NO_CANDIDATE)
    assert (printed.diff, printed.commit, printed.verdict) == ("", None, "forbidden")
