"""Whole lines go, move, come and change their kind, in the file's own indentation."""

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.operators.mutation import Operator
from healer.draft.search.operators.statements import (
    STATEMENT_OPERATORS,
    add_guard,
    change_kind,
    delete_statement,
    insert_statement,
    move_statement,
)
from tests.support.search_cases import apply_operator

HEAD = "def f(a, b):\n"


def lines(operator: Operator, *body: str) -> set[tuple[str, ...]]:
    """The bodies that an operator makes of a function's body, each as its lines."""
    source = HEAD + "".join(f"    {line}\n" for line in body)
    made = apply_operator(operator, source)
    return {
        tuple(line.removeprefix("    ") for line in text.removeprefix(HEAD).splitlines())
        for text in made
        if text.startswith(HEAD)
    }


@pytest.mark.parametrize(
    ("body", "edits"),
    [
        (("a.sort()", "return a"), {("return a",), ("a.sort()",)}),
        (("return a",), {("pass",)}),
        (("'''Doc.'''", "return a"), {("'''Doc.'''",)}),
        (("if a:", "    a()", "return b"),
         {("return b",), ("a()", "return b"), ("if a:", "    pass", "return b"),
          ("if a:", "    a()")}),
        (("if a:", "    a()", "else:", "    b()"),
         {("pass",), ("if a:", "    pass", "else:", "    b()"),
          ("if a:", "    a()", "else:", "    pass")}),
        (("def g():", "    a()", "return a"),
         {("def g():", "    a()"), ("def g():", "    pass", "return a")}),
    ],
)  # fmt: skip
def test_a_statement_goes_and_of_an_if_the_body_may_stay(
    body: tuple[str, ...], edits: set[tuple[str, ...]]
) -> None:
    assert lines(delete_statement, *body) == edits


@pytest.mark.parametrize(
    ("body", "some", "none"),
    [
        (("a()", "b()"), {("b()", "a()")}, set()),
        (("a()", "return b"), set(), {("return b", "a()")}),
        (("'''Doc.'''", "a()"), set(), {("a()", "'''Doc.'''")}),
        (("for c in a:", "    c()", "b()"),
         {("b()", "for c in a:", "    c()"), ("for c in a:", "    c()", "    b()")}, set()),
        (("for c in a:", "    c()", "    b()"), {("for c in a:", "    c()", "b()")}, set()),
        (("for c in a:", "    b()"), set(), {("for c in a:", "b()")}),
        (("if a:", "    c()", "else:", "    b()", "    c()"),
         {("if a:", "    c()", "else:", "    b()", "c()")}, set()),
    ],
)  # fmt: skip
def test_neighbours_change_places_and_lines_enter_and_leave_a_block(
    body: tuple[str, ...], some: set[tuple[str, ...]], none: set[tuple[str, ...]]
) -> None:
    edits = lines(move_statement, *body)
    assert some <= edits
    assert not none & edits


@pytest.mark.parametrize(
    ("body", "edits"),
    [
        (("if a:", "    b()"), {("while a:", "    b()"), ("if a:", "    return b()")}),
        (("while a:", "    break"),
         {("if a:", "    break"), ("while a:", "    continue"), ("while a:", "    return")}),
        (("while a:", "    continue"), {("if a:", "    continue"), ("while a:", "    break")}),
        (("return a",), {("yield a",)}),
        (("yield a",), {("yield from a",)}),
        (("yield from a",), {("yield a",)}),
        (("a.append(b)",), set()),
        (("a.pop()",), {("return a.pop()",)}),
        (("a == b",), {("return a == b",)}),
        (("a",), set()),
        (("if a:", "    b = 1", "else:", "    b = 2"),
         {("while a:", "    b = 1", "else:", "    b = 2"),
          ("if a:", "    b = 2", "else:", "    b = 1")}),
        (("if a:", "    b = 1", "elif b:", "    b = 2"),
         {("while a:", "    b = 1", "elif b:", "    b = 2"),
          ("if a:", "    b = 1", "if b:", "    b = 2")}),
    ],
)  # fmt: skip
def test_a_statement_changes_its_kind(body: tuple[str, ...], edits: set[tuple[str, ...]]) -> None:
    assert lines(change_kind, *body) == edits


@pytest.mark.parametrize(
    ("body", "some", "none"),
    [
        pytest.param(("a.sort()", "return a"), {("a.sort()", "a.sort()", "return a")},
                     {("return a", "a.sort()", "return a")}, id="a copy before another"),
        pytest.param(("a.sort()", "return a"), {("b.sort()", "a.sort()", "return a")}, set(),
                     id="another name"),
        pytest.param(("c = []", "return c"), {("c = []", "c.append(a)", "return c")},
                     {("c = []", "c.add(a)", "return c")}, id="a list grows"),
        pytest.param(("c = set()", "return c"), {("c = set()", "c.add(b)", "return c")},
                     set(), id="a set grows"),
        pytest.param(("a()", "b()"), {("a = b", "a()", "b()"), ("a()", "b = a", "b()")}, set(),
                     id="an assignment"),
        pytest.param(("while a:", "    b()"),
                     {("while a:", "    b()", "    break"), ("while a:", "    b()", "return")},
                     {("while a:", "    break", "    b()")}, id="an end, where nothing follows"),
        pytest.param(("'''Doc.'''", "return a"), set(),
                     {("a = b", "'''Doc.'''", "return a")}, id="not above a docstring"),
        pytest.param(("return a",), set(), {("return a", "a = b")}, id="not behind an end"),
    ],
)  # fmt: skip
def test_a_statement_of_the_scope_comes_at_every_other_place(
    body: tuple[str, ...], some: set[tuple[str, ...]], none: set[tuple[str, ...]]
) -> None:
    edits = lines(insert_statement, *body)
    assert some <= edits
    assert not none & edits


@pytest.mark.parametrize(
    ("body", "some", "none"),
    [
        (("return a[b]",),
         {("if not a:", "    return []", "return a[b]"),
          ("if len(b) < 2:", "    return a[b]", "return a[b]"),
          ("if b is None:", "    return None", "return a[b]")}, set()),
        (("a.sort()", "return a"), {("if b:", "    a.sort()", "return a"),
                                    ("if b is not None:", "    a.sort()", "return a")}, set()),
        (("if a < b:", "    c()", "a += 1"), {("if a < b:", "    c()", "if a < b:", "    a += 1")},
         set()),
        (("'''Doc.'''", "return a"), {("'''Doc.'''", "if not a:", "    return a", "return a")},
         {("if not a:", "    return a", "'''Doc.'''", "return a")}),
        (("a.sort(); b.sort()", "return a"), set(),
         {("if a:", "    a.sort(); b.sort()", "return a")}),
    ],
)  # fmt: skip
def test_a_guard_comes_at_the_top_and_around_lines_that_it_fills(
    body: tuple[str, ...], some: set[tuple[str, ...]], none: set[tuple[str, ...]]
) -> None:
    edits = lines(add_guard, *body)
    assert some <= edits
    assert not none & edits


def test_a_module_has_no_guards() -> None:
    assert apply_operator(add_guard, "x = []\nx.sort()\n") == []


@pytest.mark.parametrize("operator", STATEMENT_OPERATORS)
def test_tabs_and_windows_line_ends_stay(operator: Operator) -> None:
    source = "def f(a, b):\r\n\tif a:\r\n\t\ta.sort()\r\n\tb()\r\n\treturn a\r\n"
    texts = apply_operator(operator, source)
    assert texts
    for text in texts:
        assert text.count("\n") == text.count("\r\n")
        assert not any(line.startswith("  ") for line in text.splitlines())


@pytest.mark.parametrize("operator", STATEMENT_OPERATORS)
def test_most_edits_are_programs(operator: Operator) -> None:
    source = (
        "def f(a, b):\n    for c in a:\n        if c > b:\n            b = c\n"
        "    print(b)\n    return b\n"
    )
    texts = apply_operator(operator, source)
    programs = [text for text in texts if SourceFile("job.py", text).tree]
    assert len(programs) > 0.9 * len(texts)


def test_decorators_and_comments_go_with_their_lines() -> None:
    source = "def f(a):\n    x = 1  # one\n    y = 2  # two\n    return a\n"
    swap = "def f(a):\n    y = 2  # two\n    x = 1  # one\n    return a\n"
    assert swap in apply_operator(move_statement, source)
    assert source.replace("    x = 1  # one\n", "") in apply_operator(delete_statement, source)
