"""Which edits are offered, where, in which order, and how far when time is short."""

import functools
import itertools
import math

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.operators.mutation import find_scopes
from healer.draft.search.search_time import SearchTime
from healer.draft.search.variant_maker import AND, Variant
from healer.draft.search.variants import PAIR_BASE, mutate, stream_variants

TEXT = "def f(a, b):\n    if a < b:\n        return a\n    return b\n"
TWO = "LIMIT = 3\n\n\ndef f(a):\n    return a < LIMIT\n\n\ndef g(a):\n    return a > LIMIT\n"
SMALL = "def f(a):\n    return a + 1\n"


def stream(text: str = TEXT, *lines: int, path: str = "job.py", **more: object) -> list[Variant]:
    """Every variant; `lines` are the suspected ones."""
    suspicion = {(path, line): 1.0 for line in lines}
    return list(stream_variants({path: SourceFile(path, text)}, suspicion, **more))


@functools.cache
def every_variant() -> list[Variant]:
    return stream()


def is_pair(variant: Variant) -> bool:
    return AND in variant.shape


def test_no_two_variants_are_the_same_program() -> None:
    texts = [variant.content for variant in stream(SMALL)]
    assert len(texts) == len(set(texts)) > 50
    assert SMALL not in texts


def test_single_edits_come_by_score_and_then_pairs_by_theirs() -> None:
    variants = every_variant()
    kinds = [is_pair(variant) for variant in variants]
    singles = kinds.index(True)
    assert 100 < singles < len(variants)
    assert all(kinds[singles:])
    for part in (variants[:singles], variants[singles:]):
        scores = [variant.score for variant in part]
        assert scores == sorted(scores, reverse=True)


def test_a_pair_is_two_edits_of_different_lines() -> None:
    pairs = [variant for variant in every_variant() if is_pair(variant)]
    assert pairs
    for pair in pairs[:200]:
        first, second = (TEXT.count("\n", 0, change.start) for change in pair.changes[:2])
        assert pair.line == first + 1 or len(pair.changes) > 2 or first != second


def test_one_noisy_line_does_not_fill_every_pair() -> None:
    shapes = [v.shape.split(AND)[0] + str(v.line) for v in every_variant() if is_pair(v)]
    assert len({shape for shape in shapes if shape.endswith("2")}) <= PAIR_BASE


def test_edits_of_suspected_lines_come_first() -> None:
    first = stream(TWO, 8, 9)[0]
    assert first.line == 9


def test_the_line_of_the_traceback_comes_before_its_neighbours() -> None:
    text = "def f(a, b):\n    c = a + b\n    d = a + b\n    return c, d\n"
    for line in (2, 3):
        first = stream(text, 1, 2, 3, 4, trace=("job.py", line), with_pairs=False)[0]
        assert first.line == line
    assert stream(text, 1, 2, 3, 4, trace=("other.py", 3), with_pairs=False)[0].line != 3


def test_functions_that_no_failing_test_entered_are_left_out() -> None:
    lines = {variant.line for variant in stream(TWO, 4, 5, with_pairs=False)}
    assert 5 in lines
    assert 9 not in lines
    assert 1 not in lines


def test_where_nothing_is_known_all_functions_and_the_module_are_searched() -> None:
    assert {1, 5, 9} <= {variant.line for variant in stream(TWO, with_pairs=False)}


def test_of_the_modules_own_lines_only_those_that_ran_are_edited() -> None:
    text = "a = 1\nb = 2\nprint(a)\n"
    assert {variant.line for variant in stream(text, 2, with_pairs=False)} == {2}


def test_what_is_not_accepted_is_never_made() -> None:
    asked: list[str] = []

    def accepts(shape: str) -> bool:
        asked.append(shape)
        return shape.startswith("compare/")

    variants = stream(accepts=accepts, with_pairs=False)
    assert variants
    assert {variant.shape.partition("/")[0] for variant in variants} == {"compare"}
    assert len(set(asked)) > 20


def test_without_pairs_there_are_none() -> None:
    assert not any(map(is_pair, stream(with_pairs=False)))


def test_several_files_give_edits_and_code_to_each_other() -> None:
    codes = {
        "a.py": SourceFile("a.py", "def f(rows):\n    return rows[0]\n"),
        "b.py": SourceFile("b.py", "def g(rows):\n    return rows[len(rows) // 3]\n"),
    }
    variants = list(stream_variants(codes, {}, with_pairs=False))
    assert {variant.path for variant in variants} == {"a.py", "b.py"}
    texts = {(v.path, v.content) for v in variants if v.shape.startswith("distant-donor")}
    assert ("a.py", "def f(rows):\n    return rows[len(rows) // 3]\n") in texts


def test_a_pair_never_spans_two_files() -> None:
    codes = {path: SourceFile(path, SMALL) for path in ("a.py", "b.py")}
    assert not [v for v in stream_variants(codes, {}) if is_pair(v)]


def large(functions: int) -> str:
    body = "".join(f"    x{n} = a + b * x{n - 1 if n else 'y'}\n" for n in range(20))
    return "\n\n".join(f"def f{n}(a, b, xy):\n{body}    return x0\n" for n in range(functions))


class Listing(SearchTime):
    """Time that lasts for so many edits to be listed, and then to make them all."""

    def __init__(self, edits: int) -> None:
        super().__init__(600.0)
        self._edits = edits

    def cut_off(self, limit_s: float = math.inf) -> bool:
        self._edits -= limit_s < math.inf
        self.was_cut_off = self.was_cut_off or self._edits < 0
        return limit_s < math.inf and self._edits < 0


def test_where_time_is_short_the_most_suspected_function_is_listed_first() -> None:
    code = SourceFile("job.py", large(20))
    last = len(code.lines) - 1
    suspicion = {("job.py", line): 0.1 for line in range(1, last)} | {("job.py", last): 1.0}
    budget = Listing(500)
    variants = stream_variants({"job.py": code}, suspicion, with_pairs=False, time=budget)
    lines = [variant.line for variant in variants]
    assert budget.was_cut_off
    assert 100 < len(lines) <= 500
    assert min(lines) >= last - 22


def test_however_far_the_listing_came_equals_stay_in_the_order_of_the_file() -> None:
    code = SourceFile("job.py", TWO)
    every = [v.content for v in stream_variants({"job.py": code}, {}, with_pairs=False)]
    again = stream_variants({"job.py": code}, {}, with_pairs=False, time=Listing(10**6))
    assert [v.content for v in again] == every


def test_a_stream_without_time_is_empty_and_says_so() -> None:
    budget = SearchTime(0.0)
    assert list(stream_variants({"job.py": SourceFile("job.py", TEXT)}, {}, time=budget)) == []
    assert budget.was_cut_off


def test_making_and_pairing_ask_the_clock_too() -> None:
    budget = SearchTime(60.0)
    made = stream_variants({"job.py": SourceFile("job.py", TEXT)}, {}, time=budget)
    assert len(list(itertools.islice(made, 300))) == 300
    budget.charge(60.0)
    assert list(made) == []
    assert budget.was_cut_off


@pytest.mark.parametrize("text", ["", "x = 1\n", "def f(): pass\n", "def f(:\n", "'''doc'''\n"])
def test_any_file_has_a_stream(text: str) -> None:
    assert all(variant.content != text for variant in stream(text))


def test_a_file_that_does_not_parse_has_no_scopes() -> None:
    assert find_scopes(SourceFile("job.py", "def f(:\n")) == []
    (scope,) = find_scopes(SourceFile("job.py", "x = 1\n"))
    assert {mutation.line for mutation in mutate(scope)} == {1}
    assert list(mutate(scope, {7})) == []
