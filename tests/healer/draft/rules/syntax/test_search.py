"""The walk from a text that does not parse to texts that do, with the parser as its judge."""

from collections.abc import Iterator

import pytest

from healer.draft.rules.syntax.search import (
    MAX_FOUND,
    MAX_STEPS,
    BrokenText,
    SyntaxProblem,
    problem_of,
    search_repairs,
)


def close(script: BrokenText) -> Iterator[str]:
    """Closes round brackets at the end of the line where the parser stopped."""
    line = script.problem.line
    yield script.with_line(line, script.line(line) + ")")


def mistake(script: BrokenText) -> Iterator[str]:
    yield script.text + "("


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = (1\n", 1, "'(' was never closed"),
        ("x = 1\ny = = 2\n", 2, "invalid syntax"),
        ("return 1\n", 1, "'return' outside function"),
        ("def f():\nx = 1\n", 2, "expected an indented block after function definition on line 1"),
        ("x = 1\0\n", 1, "source code string cannot contain null bytes"),
    ],
)
def test_a_problem_says_where_the_parser_stopped(text: str, line: int, message: str) -> None:
    problem = problem_of(text)
    assert problem is not None
    assert (problem.line, problem.message) == (line, message)


@pytest.mark.parametrize("text", ["", "x = 1\n", "\ufeffx = 1\n", "x = '\\d'\n", "x = 1 is 1\n"])
def test_a_text_that_compiles_has_no_problem_whatever_python_warns_of(text: str) -> None:
    assert problem_of(text) is None


def test_a_text_without_a_problem_needs_no_repair() -> None:
    assert search_repairs("x = 1\n", [("close", close)]) == []


def test_an_edit_that_makes_it_parse_is_a_repair_with_its_name() -> None:
    (repair,) = search_repairs("x = (1\n", [("close", close)])
    assert (repair.text, repair.names) == ("x = (1)\n", ("close",))


def test_two_edits_in_a_row_are_one_repair() -> None:
    repairs = search_repairs("x = (1\ny = (2\n", [("close", close)])
    assert repairs[0].text == "x = (1)\ny = (2)\n"
    assert repairs[0].names == ("close", "close")


def test_fewer_edits_come_first() -> None:
    def close_both(script: BrokenText) -> Iterator[str]:
        yield script.text.replace("(1", "(1)").replace("(2", "(2)")

    repairs = search_repairs("x = (1\ny = (2\n", [("close", close), ("both", close_both)])
    assert repairs[0].names == ("both",)


def test_an_edit_that_leads_nowhere_is_not_taken_further() -> None:
    assert search_repairs("x = (1\n", [("mistake", mistake)]) == []


def test_a_search_without_an_end_ends() -> None:
    calls = []

    def endless(script: BrokenText) -> Iterator[str]:
        calls.append(script.text)
        yield "\n" + script.text

    assert search_repairs("x = = 1\n", [("endless", endless)]) == []
    assert len(calls) <= MAX_STEPS


def test_at_most_six_repairs_are_given() -> None:
    def many(script: BrokenText) -> Iterator[str]:
        yield from (f"x = {number}\n" for number in range(20))

    repairs = search_repairs("x = = 1\n", [("many", many)])
    assert len(repairs) == MAX_FOUND
    assert len({repair.text for repair in repairs}) == MAX_FOUND


def test_the_same_text_is_tried_once() -> None:
    def twice(script: BrokenText) -> Iterator[str]:
        yield "x = 1\n"
        yield "x = 1\n"

    assert len(search_repairs("x = = 1\n", [("twice", twice), ("again", twice)])) == 1


@pytest.mark.parametrize(
    ("number", "line", "after"),
    [
        (1, "a", "Z\nb\n"),
        (2, "b", "a\nZ\n"),
        (3, "", "a\nb\nZ"),
        (4, "", "a\nb\n"),
        (0, "", "a\nb\n"),
    ],
)
def test_lines_count_from_one_and_others_are_left(number: int, line: str, after: str) -> None:
    script = BrokenText("a\nb\n", SyntaxProblem(1, 1, ""))
    assert script.line(number) == line
    assert script.with_line(number, "Z") == after


def test_lines_in_a_row_are_replaced_one_for_one() -> None:
    script = BrokenText("a\nb\nc\n", SyntaxProblem(1, 1, ""))
    assert script.with_lines(2, ["Y", "Z"]) == "a\nY\nZ\n"
