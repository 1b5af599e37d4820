"""A job's facts: frozen, without unknown keys, and the same after their way as JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sandbox.job import Command, Job, Limits, Plan, Probe, ScreenPlan, TestPlan

PROBE = {"path": "a.py", "at": (1, 0, 1, 5), "forms": ("x",), "members": (0,)}


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Limits, {"memory": 512}),
        (Limits, {"memory_mb": "much"}),
        (Limits, {"timeout_s": None}),
        (Command, {}),
        (Command, {"argv": "python a.py"}),
        (Command, {"argv": ("python",), "files": {"a": 1}}),
        (TestPlan, {"seeds": ("first",)}),
        (TestPlan, {"sentinels": "sometimes"}),
        (Probe, PROBE | {"at": (1, 0, 1)}),
        (Probe, PROBE | {"truth": "maybe"}),
        (ScreenPlan, {"candidates": ({"a.py": None},)}),
        (Plan, {"trace": {"a.py": ("first",)}}),
        (Plan, {"shell": "rm -rf /"}),
        (Job, {"plan": Plan()}),
        (Job, {"tree": b"", "plan": None}),
    ],
)
def test_a_description_that_is_wrong_is_refused_before_anything_runs(
    kind: type[Plan], values: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate(values)


@pytest.mark.parametrize(
    ("fact", "change"),
    [
        (Limits(), {"memory_mb": 1 << 20}),
        (Command(argv=("python",)), {"argv": ("sh",)}),
        (Plan(), {"command": None}),
        (Job(tree=b"", plan=Plan()), {"tree": b"x"}),
    ],
)
def test_a_job_does_not_change_under_way(fact: Plan, change: dict[str, object]) -> None:
    ((name, value),) = change.items()
    with pytest.raises(ValidationError, match="frozen"):
        setattr(fact, name, value)


@given(
    st.binary(max_size=100),
    st.dictionaries(st.text(max_size=20), st.binary(max_size=50), max_size=4),
    st.lists(st.text(max_size=20), min_size=1, max_size=4),
)
def test_a_command_is_the_same_after_its_way_as_json(
    stdin: bytes, files: dict[str, bytes], argv: list[str]
) -> None:
    command = Command(argv=tuple(argv), stdin=stdin, files=files)
    assert Command.model_validate_json(command.model_dump_json()) == command


def test_a_plan_that_says_nothing_asks_for_nothing() -> None:
    plan = Plan()
    assert (plan.compile, plan.lint, plan.command, plan.tests, plan.screen) == (
        (), (), None, None, None,
    )  # fmt: skip
    assert plan.trace == {}


def test_tests_are_run_with_sentinels_unless_they_are_screened() -> None:
    """A pass without them is no proof, and a screening is none."""
    assert TestPlan().sentinels
    assert not ScreenPlan().tests.sentinels


def test_what_is_left_out_costs_a_job_little() -> None:
    limits = Limits()
    assert 0 < limits.memory_mb <= 1_024
    assert 0 < limits.pids <= 256
    assert limits.timeout_s > 0


def test_limits_are_known_by_their_values() -> None:
    """A pool is kept for each of them."""
    assert len({Limits(), Limits(), Limits(pids=64)}) == 2
