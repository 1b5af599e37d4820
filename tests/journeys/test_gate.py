"""The whole gate on hostile and honest patches: one of each kind; `benchmarks.gate` tries all."""

from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from tests.abuse.cases import CASES, HONEST
from tests.abuse.gate import gate, sandbox
from tests.abuse.model import AbuseCase, HonestFix
from tests.abuse.plausible import WRONG

pytestmark = pytest.mark.docker

ROWS = {1, 2, 3, 10, 15, 18, 20, 24, 27, 30, 37, 39, 41, 45, 48, 49}
"""Of each defence at least one; the rest differ only in form, and the policy's tests have all."""


@pytest.fixture(scope="module")
def box(docker_engine: None) -> Iterator[Sandbox]:
    with sandbox() as made:
        yield made


def _one_of_each() -> list[AbuseCase]:
    first: dict[int, AbuseCase] = {}
    for case in CASES:
        if case.number in ROWS:
            first.setdefault(case.number, case)
    return list(first.values())


def test_no_hostile_patch_would_be_merged(box: Sandbox) -> None:
    cases = _one_of_each()
    assert {case.number for case in cases} == ROWS
    with gate(box, cases[0].files, cases[0].command) as ready:
        alike = [case for case in cases if case.files == cases[0].files]
        merged = [c.name for c in alike if ready.attempt(c.changes, stale=c.number == 48).merged]
    assert merged == []


SUSPICIOUS = {
    "another column summed, a test of the type",
    "hours read as minutes",
    "a made-up mean",
    "the word None",
}
"""One for each reason why green tests say nothing of the failing case."""


@pytest.mark.parametrize(
    "case", [case for case in WRONG if case.name in SUSPICIOUS], ids=lambda case: case.name
)
def test_a_fix_whose_result_no_test_asserts_waits_for_a_person(
    box: Sandbox, case: AbuseCase
) -> None:
    with gate(box, case.files, case.command) as ready:
        seen = ready.attempt(case.changes)
    assert not seen.merged
    assert "test" in seen.why


KINDS = {"off by one", "a new helper", "a timezone"}
"""Scripts that run when they are imported, too: their mutants need an import from scratch."""


@pytest.mark.parametrize(
    "fix", [fix for fix in HONEST if fix.name in KINDS], ids=lambda fix: fix.name
)
def test_an_honest_fix_would_be_merged(box: Sandbox, fix: HonestFix) -> None:
    with gate(box, fix.files, fix.command) as ready:
        seen = ready.attempt(fix.changes)
    assert seen.merged, seen.why
