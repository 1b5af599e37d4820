"""What fixes usually look like comes first, where the fault probably is."""

import json
import math
from pathlib import Path

import pytest

from healer.draft.rules.source_file import TextEdit
from healer.draft.search import ranking
from healer.draft.search.operators.mutation import Mutation
from healer.draft.search.ranking import (
    DESTRUCTIVE,
    TRAP_RATE,
    TRAPS,
    UNCOUNTED,
    UNCOUNTED_RATE,
    diversify,
    look_up_rate,
    score,
)


def mutation(shape: str = "compare/< to <=", line: int = 2, new: str = "<=") -> Mutation:
    return Mutation(shape, line, (TextEdit(10, 10 + len(new), new),))


@pytest.mark.parametrize("shape", ["compare/< to <=", "never/heard of", "compare/never counted"])
def test_every_shape_has_a_rate(shape: str) -> None:
    assert 0 < look_up_rate(shape) < 1


def test_every_counted_shape_has_a_rate_of_its_own_between_none_and_all() -> None:
    counts = json.loads(Path(ranking.__file__).with_name("prior.json").read_text())["shapes"]
    assert len(counts) > 100
    assert all(0 < look_up_rate(shape) < 1 for shape in counts)


@pytest.mark.parametrize("shape", TRAPS)
def test_a_trap_is_tried_early(shape: str) -> None:
    assert look_up_rate(shape) == TRAP_RATE > look_up_rate("insert/copy Expr")


@pytest.mark.parametrize("operator", UNCOUNTED)
def test_what_was_not_counted_has_a_rate_that_was_chosen(operator: str) -> None:
    assert look_up_rate(f"{operator}/x") == UNCOUNTED_RATE


def scores(one: Mutation, other: Mutation, weights: dict[int, float], traced: int = 0) -> bool:
    """Whether the first is tried before the other."""
    suspicion = {("job.py", line): weight for line, weight in weights.items()}
    first, second = (score(m, "job.py", suspicion, traced) for m in (one, other))
    return first > second


def test_a_more_suspected_line_comes_first() -> None:
    assert scores(mutation(line=2), mutation(line=9), {2: 1.0, 9: 0.5})


def test_a_line_beside_a_suspected_one_comes_before_one_far_away() -> None:
    assert scores(mutation(line=3), mutation(line=9), {2: 1.0})
    assert scores(mutation(line=2), mutation(line=3), {2: 1.0})


def test_lines_of_another_file_say_nothing() -> None:
    suspicion = {("other.py", 2): 1.0}
    assert score(mutation(line=2), "job.py", suspicion) == score(mutation(line=9), "job.py", {})


def test_the_line_of_the_traceback_comes_first() -> None:
    assert scores(mutation(line=9), mutation(line=2), {2: 1.0, 9: 1.0}, traced=9)
    assert not scores(mutation(line=9), mutation(line=2), {2: 1.0, 9: 1.0})


@pytest.mark.parametrize("operator", DESTRUCTIVE)
def test_an_edit_that_takes_away_comes_later_than_its_rate_says(operator: str) -> None:
    keeps = score(mutation("other/x"), "job.py", {})
    takes = score(mutation(f"{operator}/x"), "job.py", {})
    assert takes - ranking.PRIOR_WEIGHT * _log_rate(f"{operator}/x") < (
        keeps - ranking.PRIOR_WEIGHT * _log_rate("other/x")
    )


def _log_rate(shape: str) -> float:
    return math.log(look_up_rate(shape))


def test_a_short_edit_comes_before_a_long_one_whatever_the_indentation() -> None:
    assert scores(
        mutation(new="<="), Mutation("compare/< to <=", 2, (TextEdit(0, 1, "x" * 9),)), {}
    )
    deep, flat = (
        Mutation("insert/copy Expr", 2, (TextEdit(0, 0, f"{blanks}a()\n"),))
        for blanks in (" " * 40, "")
    )
    assert score(deep, "job.py", {}) == score(flat, "job.py", {})


def test_of_one_kind_on_one_line_each_further_one_comes_later() -> None:
    same = [(0.0, "job.py", mutation(new="<" * n)) for n in range(1, 4)]
    other = [(-0.5, "job.py", mutation("off-by-one/index+"))]
    ranked = diversify([*same, *other])
    assert [m.shape for _, _, m in ranked] == [
        "compare/< to <=", "compare/< to <=", "off-by-one/index+", "compare/< to <="
    ]  # fmt: skip
    values = [value for value, _, _ in ranked]
    assert values == sorted(values, reverse=True)


def test_equals_stay_in_their_order() -> None:
    items = [(1.0, f"{n}.py", mutation()) for n in range(5)]
    assert [path for _, path, _ in diversify(items)] == [f"{n}.py" for n in range(5)]
