"""Mutants: every one parses, differs, and lies on a wanted line."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.judge.mutants import LIMIT, mutants


def texts(source: str, *lines: int) -> set[str]:
    return {mutant.after for mutant in mutants(source, lines)}


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("x = a + b", "(a) - (b)"),
        ("ok = a < b", "(a) >= (b)"),
        ("ok = a and b", "(a) or (b)"),
        ("n = 3", "4"),
        ("s = 'a'", "'a?'"),
        ("f(a, b)", "b, a"),
        ("import json", "pass"),
        ("x += 1", "pass"),
        ("if a: b()", "(not (a))"),
    ],
)
def test_each_kind_of_small_mistake_is_made(line: str, after: str) -> None:
    assert after in texts(line + "\n", 1)


def test_only_wanted_lines_are_changed() -> None:
    source = "a = 1\nb = 2\n"
    assert {mutant.line for mutant in mutants(source, [2])} == {2}


def test_columns_are_right_behind_characters_of_several_bytes() -> None:
    assert "naïve = 'ü' + 'ö?'" in {m.source.strip() for m in mutants("naïve = 'ü' + 'ö'\n", [1])}


def test_no_line_takes_all_the_places() -> None:
    source = "a = [" + ", ".join(str(n) for n in range(100)) + "]\nb = 1\n"
    found = mutants(source, [1, 2])
    assert len(found) == LIMIT
    assert {mutant.line for mutant in found} == {1, 2}


def test_a_source_that_does_not_parse_has_none() -> None:
    assert mutants("def f(:\n", [1]) == ()


@given(st.text(max_size=60), st.integers(0, 5))
def test_any_text_gives_mutants_that_parse(source: str, line: int) -> None:
    for mutant in mutants(source, [line]):
        assert mutant.source != source
        ast.parse(mutant.source)
