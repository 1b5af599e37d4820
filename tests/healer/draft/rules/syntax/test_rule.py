"""Scripts that do not parse become what was meant, and others are left alone."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healer.draft.rules.example import Example
from healer.draft.rules.syntax.rule import (
    DOES_NOT_PARSE,
    EDITS,
    MAX_CHARACTERS,
    only_adds,
    repair_text,
)
from healer.draft.rules.syntax.search import problem_of
from tests.support.rule_cases import check_silence, content_of, draft_example, draft_script


def test_each_text_that_is_offered_is_another_program() -> None:
    repairs = repair_text("def f(x)\n    return x\n")
    assert len({ast.dump(ast.parse(repair.text)) for repair in repairs}) == len(repairs)


@pytest.mark.parametrize(
    ("old", "new", "only"),
    [
        ("x = [1, 2", "x = [1, 2]", True),
        ("x = [1, 2", "x = 1, 2", False),
        ("if x\n  y", "if x:\n    y", True),
        ("except A, e:", "except A as e:", False),
    ],
)
def test_a_repair_that_leaves_all_that_was_written_is_known(old: str, new: str, only: bool) -> None:
    assert only_adds(old, new) == only


@given(st.text(max_size=40), st.text(max_size=10), st.integers(0, 40))
def test_what_is_put_in_anywhere_takes_nothing_away(text: str, more: str, at: int) -> None:
    assert only_adds(text, text[:at] + more + text[at:])


def test_line_ends_stay_as_they_were() -> None:
    assert repair_text("if x\r\n    pass\r\n")[0].text == "if x:\r\n    pass\r\n"


def test_a_text_that_parses_is_left_alone() -> None:
    assert repair_text("x = 1\n") == []


def test_text_that_is_no_program_gets_no_fix() -> None:
    text = "Dear all,\n\nthe report ( is late : sorry ] about that.\nRegards\n"
    assert repair_text(text) == []


def test_a_text_that_is_too_long_is_not_tried() -> None:
    assert repair_text("x = (1\n" + "#" * MAX_CHARACTERS) == []


def test_a_byte_order_mark_stays() -> None:
    assert repair_text("\ufeffif x\n    pass\n")[0].text == "\ufeffif x:\n    pass\n"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_texts_that_parse_or_none(text: str) -> None:
    assert all(problem_of(repair.text) is None for repair in repair_text(text))


@settings(max_examples=40)
@given(st.integers(0, 60), st.sampled_from("()[]{}:,'\"= \n"))
def test_any_letter_lost_or_gained_gives_texts_that_parse_or_none(at: int, letter: str) -> None:
    text = "def f(rows):\n    for row in rows:\n        print(row['a'], 3)\n"
    for damaged_text in (text[:at] + text[at + 1 :], text[:at] + letter + text[at:]):
        assert all(problem_of(repair.text) is None for repair in repair_text(damaged_text))


def test_the_cause_says_where_it_does_not_parse_and_what_was_changed() -> None:
    (draft, *_) = draft_script("x = 1\nif x\n    pass\n")
    assert draft.rule == DOES_NOT_PARSE
    assert "Line 2 does not parse: expected ':'. Changed: missing colon" in draft.cause


def test_no_repair_is_forced_and_each_next_one_is_less_certain() -> None:
    drafts = draft_script("x = foo(1, bar(2)\nprint(x)\n")
    assert len(drafts) > 1
    assert all(draft.rule == DOES_NOT_PARSE and not draft.forced for draft in drafts)


def test_a_file_that_parses_gets_no_draft_though_a_syntax_error_is_reported() -> None:
    check_silence(
        DOES_NOT_PARSE,
        Example(
            """
            x = 1
            y = 2  #! SyntaxError: invalid syntax
            """,
            is_reported=True,
        ),
    )


def test_an_error_of_indentation_is_a_syntax_error_too() -> None:
    example = Example(
        """
        - def f():
        - x = 1
        #! IndentationError: expected an indented block after function definition on line 1
        + def f():
        +     x = 1
        """
    )
    assert content_of(draft_example(example).candidates[0]) == example.after


def test_each_edit_has_a_name_of_its_own() -> None:
    names = [name for name, _ in EDITS]
    assert len(set(names)) == len(names)
    assert names.index("missing-comma") > names.index("missing-bracket")
    assert names[-1] == "stray-sign"
