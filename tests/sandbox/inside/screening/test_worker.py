"""A worker collects once and does its share of one of three kinds of work."""

from typing import Any

import pytest

from sandbox import Command
from sandbox.job import Probe, ScreenPlan
from sandbox.trees import tar
from tests.sandbox.inside.screening.projects import DOUBLE, FIXED, LIBRARY, PROJECT, SAME
from tests.support.local_screening import LocalScreening

TREE = tar({path: text.encode() for path, text in PROJECT.items()})
WRONG = LIBRARY.replace("return x\n", "return x * 3\n", 1)
MAIN = "import lib\nprint(lib.double(2))\nraise SystemExit(lib.double(2) - 4)\n"


def plan(*sources: str, **fields: Any) -> ScreenPlan:
    usual = {
        "watched": ("lib.py",), "failing": (DOUBLE,), "passing": (SAME,), "limit_s": 1.0,
        "candidates": tuple({"lib.py": source} for source in sources),
    }  # fmt: skip
    return ScreenPlan.model_validate(usual | fields)


@pytest.fixture(scope="module")
def screening() -> LocalScreening:
    return LocalScreening()


def test_two_workers_try_all_candidates_once(screening: LocalScreening) -> None:
    results = screening.screen(TREE, plan(WRONG, FIXED, "def f(:\n", FIXED), 30.0)
    assert [result.index for result in results] == [0, 1, 2, 3]
    assert [result.outcome for result in results] == ["failed", "passed", "failed", "passed"]
    assert sorted(result.turn for result in results) == [0, 1, 2, 3]
    assert results[0].detail.startswith(f"{DOUBLE}\n")


def test_many_candidates_have_limits_for_single_tests(screening: LocalScreening) -> None:
    endless = LIBRARY.replace("    return x\n", "    while True: pass\n", 1)
    results = screening.screen(TREE, plan(*[endless] * 3, *[WRONG] * 20, FIXED), 60.0)
    assert [result.outcome for result in results] == [
        *["timeout"] * 3, *["failed"] * 20, "passed",
    ]  # fmt: skip


def test_what_cannot_heal_is_said_to_be_alike_without_a_try(screening: LocalScreening) -> None:
    probe = Probe(
        path="lib.py", at=(2, 11, 2, 12), pure=True, forms=("x + 0", "x * 2"), members=(0, 1)
    )
    same = LIBRARY.replace("return x\n", "return x + 0\n", 1)
    results = screening.screen(TREE, plan(same, FIXED, probes=(probe,)), 30.0)
    assert [(each.index, each.outcome) for each in results] == [(0, "alike"), (1, "passed")]


def test_no_more_are_tried_than_asked(screening: LocalScreening) -> None:
    results = screening.screen(TREE, plan(*[WRONG] * 6, most=3), 30.0)
    assert [result.index for result in results] == [0, 1, 2]


def test_after_the_deadline_nothing_is_tried(screening: LocalScreening) -> None:
    assert screening.screen(TREE, plan(FIXED), 0.5) == ()


def test_the_tests_may_stop_before_they_are_collected(screening: LocalScreening) -> None:
    tree = tar({**{path: text.encode() for path, text in PROJECT.items()}, "lib.py": b"import no"})
    results = screening.screen(tree, plan(FIXED), 30.0)
    assert [result.outcome for result in results] == ["passed"]


def test_a_spectrum_has_every_test_once(screening: LocalScreening) -> None:
    tests = screening.measure_spectrum(TREE, plan())
    assert {test.node: (test.outcome, test.lines) for test in tests} == {
        DOUBLE: ("failed", {"lib.py": (2,)}),
        SAME: ("passed", {"lib.py": (6,)}),
    }


def test_a_spectrum_of_a_program_has_its_one_run(screening: LocalScreening) -> None:
    tree = tar({"lib.py": LIBRARY.encode(), "main.py": MAIN.encode()})
    program = plan(use_tests=False, command=Command(argv=("python", "main.py")))
    (run,) = screening.measure_spectrum(tree, program)
    assert (run.node, run.outcome, run.detail) == ("(command)", "failed", "SystemExit: -2")
    assert run.lines == {"lib.py": (1, 2, 5)}


def test_a_program_alone_may_decide(screening: LocalScreening) -> None:
    tree = tar({"lib.py": LIBRARY.encode(), "main.py": MAIN.encode()})
    program = plan(WRONG, FIXED, use_tests=False, command=Command(argv=("python", "main.py")))
    results = screening.screen(tree, program, 30.0)
    assert [(each.outcome, each.detail) for each in results] == [
        ("failed", "SystemExit: 2"), ("passed", ""),
    ]  # fmt: skip


def test_candidates_are_compared(screening: LocalScreening) -> None:
    comparison = plan(FIXED, WRONG, compare=("lib.py", "double"))
    results = screening.compare(TREE, comparison)
    assert [dict(each.pairs)["(2,)"] for each in results] == ["4", "6"]
