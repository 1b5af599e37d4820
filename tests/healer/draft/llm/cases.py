"""A small repository with a broken script, the case of its repair, and a clock that does not wait.

Belongs here: what several tests of the model drafter share.
"""

from typing import Any

from healer.draft.llm.endpoint.budget import Budget
from healer.facts.draft import Case, Draft, EarlierAttempt, ReplaceText
from healer.failure import Failure, Frame, Raised
from sandbox import ProcessEnd, Report, TestResult, TestRun
from tests.support.endpoint import fix

SCRIPT = '''\
"""Sums a report."""

import json
from decimal import Decimal

from jobs.rates import rate_of

API_TOKEN = "sup3r-s3cret-t0ken"
LIMIT = 3
UNUSED = 4


def load(path):
    """Reads the rows."""
    with open(path) as file:
        return json.load(file)


def total(rows):
    amount = Decimal(0)
    for row in rows[:LIMIT]:
        amount += Decimal(row["total"]) * rate_of(row["currency"])
    return amount


def main():
    print(total(load("rows.json")))


if __name__ == "__main__":
    main()
'''
RATES = '''\
RATES = {"EUR": 1, "USD": 0.9}


def rate_of(currency, *, day=None) -> float:
    """The rate of a day."""
    return RATES[currency]
'''
TEST = """\
from scripts.report import total


def test_rows_without_a_total_count_nothing():
    assert total([{"currency": "EUR"}]) == 0
"""
NOTES = "# report\n\nGoal: one number every night.\n"
LINE = 'amount += Decimal(row["total"]) * rate_of(row["currency"])'
NODE = "tests/test_report.py::test_rows_without_a_total_count_nothing"


class Files:
    """A source of files that are given as a dict."""

    def __init__(self, files: dict[str, str] | None = None) -> None:
        texts = files or {
            "scripts/report.py": SCRIPT,
            "scripts/report.md": NOTES,
            "jobs/rates.py": RATES,
            "tests/test_report.py": TEST,
        }
        self.files = {path: text.encode() for path, text in texts.items()}

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))


def failure(**more: Any) -> Failure:
    locals_of_total = {"row": "{'currency': 'EUR'}", "rows": "[1, 2, 3]", "amount": "Decimal('0')"}
    frames = (
        Frame(
            file="scripts/report.py",
            line=27,
            function="main",
            source='print(total(load("rows.json")))',
            own=True,
        ),
        Frame(
            file="scripts/report.py",
            line=22,
            function="total",
            source=LINE,
            own=True,
            locals=locals_of_total,
        ),
    )
    raised = Raised(type="KeyError", message="'total'", frames=frames)
    values = {"id": "f1", "script": "scripts/report.py", "source": "run", "chain": (raised,)}
    return Failure(**(values | more))


def failing_report() -> Report:
    detail = (
        "tests/test_report.py:5: in test_rows\n    assert total(...)\n"
        "scripts/report.py:22: KeyError\nE   KeyError: 'total'"
    )
    result = TestResult(node=NODE, outcome="failed", detail=detail)
    return Report(tests=(TestRun(results=(result,), ended=ProcessEnd(exit_code=1)),))


def case(**more: Any) -> Case:
    values: dict[str, Any] = {
        "repair": "r1",
        "script": "scripts/report.py",
        "failure": failure(),
        "base": "0" * 40,
        "command": ("python", "scripts/report.py"),
        "baseline": failing_report(),
        "protected": ("tests/test_report.py", "protected.toml"),
    }
    return Case(**(values | more))


def attempt(drafter: str, replace: str, verdict: str = "UNCHANGED") -> EarlierAttempt:
    edit = ReplaceText(path="scripts/report.py", find=LINE, replace=replace)
    return EarlierAttempt(
        draft=Draft(drafter=drafter, edits=(edit,)),
        diff=f"-        {LINE}\n+        {replace}\n",
        verdict=verdict,
        evidence="the command still fails: KeyError: 'total'",
    )


def spent_usd(budget: Budget, *, repair: str | None = None, day: str | None = None) -> float:
    """What is spent or set aside: of one repair, of one day, or of all."""
    return sum(
        entry.usd
        for entry in budget.entries()
        if repair in (None, entry.repair) and day in (None, entry.day)
    )


class FakeClock:
    """Time that passes only when somebody sleeps; what was slept is kept."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


NEW = LINE.replace('row["total"]', 'row.get("total", 0)')
GOOD = fix("scripts/report.py", LINE, NEW)
"""A reply with a fix that fits."""
PRICED = {"model": "small", "usd_per_million_in": 10, "usd_per_million_out": 20}
"""A tier."""
