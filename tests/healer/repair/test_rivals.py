"""Of several fixes for one question the strongest is believed, and only where they agree."""

import threading
from itertools import permutations
from typing import Any

import pytest

from healer.facts.repair import Attempt, Baseline, Judged, QuarantinedPatch
from healer.repair.rivals import (
    UNCOMPARED,
    compare_fixes,
    prove_together,
    strongest_first,
)
from healer.services import Services
from quarantine.candidate import Candidate, write_candidate
from tests.support.ledger_rows import SCRIPT, request_of
from tests.support.repair_facts import attempt_of, crash_of, draft_of, verdict_of

STRONG = attempt_of("fixed")
DOUBTED = attempt_of("fixed", draft=draft_of(doubt="two files could be meant"))
PROTECTED = attempt_of("fixed", protected="core is protected")
WEAK = attempt_of("fixed", "no test pins it")
WEAKER = attempt_of("fixed", "no test pins it", "and no check runs it")
FAILED = attempt_of("unchanged", "it still fails")


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (STRONG, DOUBTED), (STRONG, PROTECTED), (STRONG, WEAK), (STRONG, FAILED),
        (DOUBTED, WEAK), (PROTECTED, WEAK), (WEAK, WEAKER), (WEAKER, FAILED),
    ],
)  # fmt: skip
def test_the_stronger_comes_first_whichever_was_drafted_first(
    better: Attempt, worse: Attempt
) -> None:
    for order in permutations((better, worse)):
        assert strongest_first(order) == [better, worse]


def test_equals_stay_in_the_drafters_order() -> None:
    one, two = (attempt_of("fixed", draft=draft_of(rule=rule)) for rule in ("one", "two"))
    assert strongest_first([one, two]) == [one, two]
    assert strongest_first([two, one]) == [two, one]
    assert strongest_first([]) == []


def test_candidates_are_proved_at_the_same_time_and_answered_in_their_order() -> None:
    together = threading.Barrier(3)

    def prove(patch: QuarantinedPatch) -> Judged:
        together.wait(10)
        return Judged(verdict=verdict_of("unchanged", patch.draft.rule))

    patches = [QuarantinedPatch(draft=draft_of(rule=rule)) for rule in "abc"]
    answers = prove_together(patches, prove).proved
    assert [judged.verdict.sentence for judged in answers] == ["a", "b", "c"]


def test_nothing_to_prove_proves_nothing() -> None:
    assert prove_together([], lambda _: pytest.fail("there is none")).proved == ()


def test_an_error_of_one_proof_is_the_errors_of_all() -> None:
    def prove(_: QuarantinedPatch) -> Judged:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        prove_together([QuarantinedPatch(draft=draft_of())], prove)


def fixes(services: Services, *sources: str) -> list[Attempt]:
    """Each source as a candidate of its own."""
    repository = services.repository
    base = repository.tip("main") or ""
    made: list[Candidate] = [
        write_candidate(
            repository, base=base, changes={SCRIPT: source.encode()},
            branch=f"quarantine/a-{number}", message="try", when=1,
        )
        for number, source in enumerate(sources)
    ]  # fmt: skip
    return [attempt_of(candidate=candidate) for candidate in made]


@pytest.mark.parametrize(
    "sources",
    [
        ("def f():\n    return 1\n", "def g():\n    return 2\n"),
        ("print(2)\n", "def f():\n    return 1\n"),
    ],
)
def test_fixes_of_different_functions_cannot_be_compared(make: Any, sources: Any) -> None:
    services = make(tests={"command": ["true"]})
    request = request_of("r1", base=services.repository.tip("main"))
    baseline = Baseline(failure=crash_of())
    doubt = compare_fixes(request, baseline, fixes(services, *sources), services).doubt
    assert doubt == UNCOMPARED


def test_where_no_tests_give_inputs_fixes_cannot_be_compared(make: Any) -> None:
    services = make(tests={"command": ["true"]})
    request = request_of("r1", base=services.repository.tip("main"))
    rivals = fixes(services, "print(2)\n", "print(3)\n")
    doubt = compare_fixes(request, Baseline(failure=crash_of()), rivals, services).doubt
    assert doubt == UNCOMPARED
