"""Survivors are compared by what they do; where that cannot be seen, each stands for itself."""

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.comparison import Comparison, compare_survivors
from healer.draft.search.search_facts import SearchResult, SearchTask
from healer.draft.search.variant_maker import Variant
from sandbox import Behaviour, SandboxError, SpectrumTest
from sandbox.job import ScreenPlan
from tests.support.search_cases import make_behaviour
from tests.support.table_screening import TableScreening

TEXT = "def f(a):\n    def g(b):\n        return b\n    return g(a)\n\n\nx = 1\n"
CRASH = (
    "Traceback (most recent call last):\n"
    '  File "/job/tree/job.py", line 3, in g\n    return b\nIndexError: it failed\n'
)


class Answering(TableScreening):
    """Answers a comparison with what it was given."""

    def __init__(self, answer: tuple[Behaviour, ...] | SandboxError) -> None:
        super().__init__()
        self._answer = answer

    def compare(self, tree: bytes, plan: ScreenPlan) -> tuple[Behaviour, ...]:
        self.plans.append(plan)
        if isinstance(self._answer, SandboxError):
            raise self._answer
        return self._answer


def variants(count: int, line: int = 3) -> list[Variant]:
    return [Variant("job.py", f"# {n}\n{TEXT}", "compare/< to <=", line, 0.0) for n in range(count)]


def compare(
    answer: tuple[Behaviour, ...] | SandboxError,
    survivors: list[Variant],
    spectrum: tuple[SpectrumTest, ...] = (),
    **plan: object,
) -> tuple[Comparison, Answering]:
    screening = Answering(answer)
    codes = {"job.py": SourceFile("job.py", TEXT)}
    task = SearchTask(b"", ScreenPlan(), codes)
    result = SearchResult(spectrum=spectrum, plan=ScreenPlan.model_validate(plan))
    return compare_survivors(screening, task, result, survivors), screening


def test_the_outermost_function_is_run_for_each_survivor_and_for_the_program_as_it_was() -> None:
    answer = (make_behaviour(0, a="1"), make_behaviour(1, a="1"))
    survivors = variants(2)
    found, screening = compare(answer, survivors)
    (plan,) = screening.plans
    assert plan.compare == ("job.py", "f")
    assert plan.candidates == (*({"job.py": v.content} for v in survivors), {})
    assert found == Comparison([[0, 1]])


def test_one_survivor_needs_no_comparison() -> None:
    found, screening = compare((), variants(1))
    assert found == Comparison([[0]])
    assert screening.plans == []


@pytest.mark.parametrize(
    ("answer", "survivors", "plan"),
    [
        pytest.param((), variants(2, line=7), {}, id="outside every function"),
        pytest.param((), variants(2), {"use_tests": False}, id="no tests to take inputs from"),
        pytest.param(SandboxError("gone"), variants(2), {}, id="no sandbox"),
    ],
)
def test_what_cannot_be_compared_stands_for_itself(
    answer: tuple[Behaviour, ...] | SandboxError, survivors: list[Variant], plan: dict[str, object]
) -> None:
    found, _ = compare(answer, survivors, **plan)
    assert found == Comparison([[0], [1]], complete=False)


def test_groups_that_differ_come_with_the_inputs_that_tell_them_apart() -> None:
    answer = (make_behaviour(0, a="1"), make_behaviour(1, a="2"), make_behaviour(2, a="1"))
    found, _ = compare(answer, variants(3))
    assert found.groups == [[0, 2], [1]]
    assert [row.given for row in found.differences] == ["a"]
    assert found.complete


def test_a_survivor_that_nothing_was_seen_of_makes_it_incomplete() -> None:
    answer = (make_behaviour(0, a="1"), make_behaviour(1))
    found, _ = compare(answer, variants(2))
    assert found == Comparison([[0, 1]], complete=False)


def test_of_those_that_behave_alike_the_one_that_does_less_is_drafted() -> None:
    slow = make_behaviour(0, a="1").model_copy(update={"work_s": 1.0})
    found, _ = compare((slow, make_behaviour(1, a="1")), variants(2))
    assert found.groups == [[1, 0]]


BEFORE = make_behaviour(2, a="1", b="raises KeyError")
KEEPS = make_behaviour(0, a="1", b="2")
CHANGES = make_behaviour(1, a="3", b="2")


def spectrum_of(passing: int, detail: str = CRASH) -> tuple[SpectrumTest, ...]:
    lines = {"job.py": (1, 3)}
    failed = SpectrumTest(node="bad", outcome="failed", detail=detail, lines=lines)
    good = [SpectrumTest(node=f"t{n}", outcome="passed", lines=lines) for n in range(passing)]
    return (failed, *good)


@pytest.mark.parametrize(
    ("spectrum", "groups"),
    [
        pytest.param(spectrum_of(3), [[0]], id="a crash, and the answers are tested"),
        pytest.param(spectrum_of(2), [[0], [1]], id="too few tests saw it answer"),
        pytest.param(spectrum_of(3, "E   assert 1 == 2"), [[0], [1]], id="an assertion failed"),
    ],
)
def test_after_a_crash_a_fix_that_changes_tested_answers_gives_way(
    spectrum: tuple[SpectrumTest, ...], groups: list[list[int]]
) -> None:
    found, _ = compare((KEEPS, CHANGES, BEFORE), variants(2), spectrum)
    assert found.groups == groups
