"""Code of other functions is offered where it speaks of the same names."""

import pytest

from healer.draft.rules.source_file import SourceFile, apply_edits
from healer.draft.search.operators.donors import (
    name_undefined,
    take_expression,
    take_literal,
    take_statement,
)
from healer.draft.search.operators.mutation import find_scopes
from healer.draft.search.variants import mutate
from tests.support.search_cases import apply_operator


def test_code_of_another_function_and_file_is_a_donor() -> None:
    other = SourceFile("b.py", "def g(rows, limit):\n    return rows[:limit]\n")
    code = SourceFile("a.py", "def f(rows, limit):\n    rows.sort()\n    return rows[limit]\n")
    mutations = [m for scope in find_scopes(code, (other,)) for m in mutate(scope)]
    made = {apply_edits(code.text, m.changes) for m in mutations}
    shapes = {m.shape for m in mutations}
    assert code.text.replace("rows[limit]", "rows[:limit]") in made
    assert "distant-donor/expression" in shapes
    unknown = SourceFile("b.py", "def g(rows, most):\n    return rows[:most]\n")
    assert "distant-donor/expression" not in {
        m.shape for scope in find_scopes(code, (unknown,)) for m in mutate(scope)
    }


CALLER = "def f(rows, limit):\n    return rows[limit]\n"


@pytest.mark.parametrize(
    ("donor", "offered"),
    [
        ("rows[:limit]", True),
        ("rows[len(rows) - 1]", True),
        ("rows[:most]", False),
        ("limit[0]", True),
        ("other[0]", False),
        ("rows.get(limit)", False),
        ("rows[limit]", False),
    ],
)
def test_an_expression_of_the_same_kind_and_of_known_names_is_taken(
    donor: str, offered: bool
) -> None:
    other = SourceFile("b.py", f"def g(rows, limit, most, other):\n    return {donor}\n")
    texts = apply_operator(take_expression, CALLER, other)
    assert (CALLER.replace("rows[limit]", donor) in texts) == offered


def test_a_longer_donor_or_one_of_several_lines_is_not_taken() -> None:
    long = SourceFile("b.py", f"def g(rows):\n    return rows[{'1 + ' * 30}1]\n")
    lines = SourceFile("c.py", "def g(rows):\n    return rows[\n        0]\n")
    assert apply_operator(take_expression, CALLER, long, lines) == []


def test_another_function_of_the_same_file_is_a_donor_and_its_own_code_is_none() -> None:
    source = f"{CALLER}\n\ndef g(rows):\n    return rows[0]\n"
    texts = apply_operator(take_expression, source)
    assert source.replace("rows[limit]", "rows[0]") in texts
    assert apply_operator(take_expression, CALLER) == []


def test_a_statement_goes_before_every_other_with_its_indentation() -> None:
    other = SourceFile("b.py", "def g(rows):\n    rows.sort()\n    return 1\n")
    source = "def f(rows):\n    if rows:\n        return rows[0]\n    return None\n"
    assert set(apply_operator(take_statement, source, other)) == {
        source.replace("    if rows:", "    rows.sort()\n    if rows:"),
        source.replace("    return None", "    rows.sort()\n    return None"),
        source.replace("        return", "        rows.sort()\n        return"),
    }


def test_a_module_takes_no_statements_and_a_docstring_is_none() -> None:
    other = SourceFile("b.py", 'def g(rows):\n    """Doc."""\n    print(rows)\n')
    assert apply_operator(take_statement, "rows = []\n", other) == []
    texts = apply_operator(take_statement, CALLER, other)
    assert texts == [CALLER.replace("    return", "    print(rows)\n    return")]


@pytest.mark.parametrize(
    ("line", "results"),
    [
        ("return targt", {"return rows", "return wanted", "return LIMIT", "return f"}),
        ("return rows", set()),
        ("return LIMIT", set()),
        ("return os.sep", set()),
        ("return len(rows)", set()),
        ("import json; return json", set()),
    ],
)
def test_only_a_name_that_nothing_binds_becomes_one_that_is_bound(
    line: str, results: set[str]
) -> None:
    head = "import os\nLIMIT = 3\ndef f(rows, wanted):\n    "
    texts = apply_operator(name_undefined, f"{head}{line}\n")
    assert {text.removeprefix(head).strip() for text in texts} == results


def test_a_literal_becomes_one_of_the_file_and_of_its_tests_of_the_same_kind() -> None:
    code = SourceFile("a.py", "def f(row):\n    return row['amt'] * 2\nKEYS = ['sum', 3]\n")
    scopes = find_scopes(code, (), ("'total'", "0.5", "7", "None"))
    edits = [m.changes[0].text for scope in scopes[:1] for m in take_literal(scope)]
    assert edits == ["'sum'", "'total'"]  # a factor is left to the other operators


def test_literals_of_the_tests_are_offered_for_what_is_returned_and_compared() -> None:
    code = SourceFile("a.py", "def f(n):\n    return 1 if n > 5 else 'low'\n")
    (scope, _) = find_scopes(code, (), ("9", "'high'"))
    texts = {apply_edits(code.text, m.changes) for m in take_literal(scope)}
    assert code.text.replace("> 5", "> 9") in texts
