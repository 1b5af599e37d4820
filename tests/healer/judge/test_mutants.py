"""Mutants: every one parses, differs, and lies on a wanted line."""

import ast
import collections
import datetime
import decimal
import enum
import itertools
import pathlib
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.judge.mutants import (
    LIMIT,
    LONGEST_SOURCE,
    OTHER_ORDER,
    OTHER_VALUE,
    make_mutants,
    make_result_mutants,
)


def texts(source: str, *lines: int) -> set[str]:
    return {mutant.after for mutant in make_mutants(source, lines)}


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
        ("if a: b()", "True"),
        ("if a: b()", "False"),
        ("while a: b()", "(not (a))"),
        ("x = a.total", OTHER_VALUE),
        ("f(a)", OTHER_VALUE),
        ("open(p, encoding='utf-8')", "'latin-1'"),
        ("d = strptime(t, '%d/%m/%Y')", "'%m/%d/%Y'"),
        ("def f(): return", "return 0"),
        ("try: a()\nexcept B: c()", "()"),
        ("try: a()\nexcept (B, C): c()", "(B, )"),
    ],
)
def test_each_kind_of_small_mistake_is_made(line: str, after: str) -> None:
    assert after in texts(line + "\n", 1 + line.count("\n"))


@pytest.mark.parametrize(
    ("line", "after"),
    [
        pytest.param("if x is None: x = []", "True", id="a guard that only fills in"),
        pytest.param("log.info('read')", "'read?'", id="the log"),
        pytest.param("makedirs(p, exist_ok=True)", "False", id="what may be there already"),
        pytest.param("import os", OTHER_VALUE, id="no value"),
        pytest.param("x.total = 1", OTHER_VALUE, id="a target"),
        pytest.param("max(a, b)", "b, a", id="the same from both sides"),
        pytest.param("try: a()\nexcept Exception: pass", "()", id="nearly everything is caught"),
        pytest.param("try: a()\nexcept B: pass", OTHER_VALUE, id="the name of an exception"),
    ],
)
def test_what_changes_no_result_or_none_that_a_test_reads_is_left_alone(
    line: str, after: str
) -> None:
    assert after not in texts(line + "\n", 1 + line.count("\n"))


Pair = collections.namedtuple("Pair", "one two")


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@pytest.mark.parametrize(
    "value",
    [
        "True", "3", "2.5", "'a'", "b'a'", "[1, 2]", "[]", "(1,)", "{1: 2}", "{}", "{1}", "set()",
        "decimal.Decimal(1)", "datetime.date(2024, 1, 31)", "datetime.timedelta(1)",
        "NotImplemented", "collections.deque([1])", "collections.deque()", "range(3)", "range(0)",
        "Pair(1, 2)", "Colour.RED", "datetime.time(23)", "pathlib.Path('a')", "uuid.UUID(int=3)",
    ],
)  # fmt: skip
def test_another_value_is_another_value_of_the_same_kind(value: str) -> None:
    source = f"x = ({value},)[0]\n"
    (mutant,) = [
        m for m in make_mutants(source, [1]) if m.after == OTHER_VALUE and "[0]" in m.before
    ]
    modules = (collections, datetime, decimal, pathlib, uuid)
    names: dict[str, object] = {module.__name__: module for module in modules}
    names |= {"Pair": Pair, "Colour": Colour}
    exec(mutant.source, names)
    old = eval(value, names)
    assert names["x"] != old
    assert isinstance(names["x"], type(old)) or old is NotImplemented


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("iter([1, 2])", []),
        ("(n for n in ())", [None]),
        ("itertools.count()", []),
        ("map(str, [1])", []),
    ],
)
def test_another_iterator_gives_something_else(value: str, items: list[object]) -> None:
    source = f"x = ({value},)[0]\n"
    (mutant,) = [
        m for m in make_mutants(source, [1]) if m.after == OTHER_VALUE and "[0]" in m.before
    ]
    names: dict[str, Any] = {"itertools": itertools}
    exec(mutant.source, names)
    assert list(names["x"]) == items


def test_what_lies_between_two_days_is_another_when_both_are() -> None:
    source = "x = [datetime.date(2024, 5, n) for n in (1, 3)]\n"
    (mutant,) = [
        m for m in make_mutants(source, [1]) if m.after == OTHER_VALUE and m.before.endswith("n)")
    ]
    names: dict[str, Any] = {"datetime": datetime}
    exec(mutant.source, names)
    first, last = names["x"]
    assert last - first != datetime.timedelta(2)


def test_a_value_of_an_unknown_kind_is_an_error() -> None:
    (mutant,) = [m for m in make_mutants("x = a\n", [1]) if m.after == OTHER_VALUE]
    with pytest.raises(AttributeError):
        exec(mutant.source, {"a": object()})


def test_a_change_on_a_later_line_of_a_statement_counts_for_the_statement() -> None:
    assert {m.line for m in make_mutants("f(\n    1,\n)\ng(2)\n", [1])} == {1}


def test_only_wanted_lines_are_changed() -> None:
    source = "a = 1\nb = 2\n"
    assert {mutant.line for mutant in make_mutants(source, [2])} == {2}


def test_columns_are_right_behind_characters_of_several_bytes() -> None:
    assert "naïve = 'ü' + 'ö?'" in {
        m.source.strip() for m in make_mutants("naïve = 'ü' + 'ö'\n", [1])
    }


def test_no_line_takes_all_the_places() -> None:
    source = "a = [" + ", ".join(str(n) for n in range(100)) + "]\nb = 1\n"
    found = make_mutants(source, [1, 2])
    assert len(found) == LIMIT
    assert {mutant.line for mutant in found} == {1, 2}


def test_a_source_that_does_not_parse_has_none() -> None:
    assert make_mutants("def f(:\n", [1]) == ()


@given(st.text(max_size=60), st.integers(0, 5))
def test_any_text_gives_mutants_that_parse(source: str, line: int) -> None:
    for mutant in make_mutants(source, [line]):
        assert mutant.source != source
        ast.parse(mutant.source)


FUNCTIONS = """def outer(v):
    def inner(w):
        return w
    for x in v:
        if x:
            return x, 1
    return
def stream(v):
    yield v
    return None
"""


@pytest.mark.parametrize(
    ("line", "before"),
    [
        pytest.param(4, {"x, 1"}, id="a function, without what it holds"),
        pytest.param(3, {"x, 1", "w"}, id="every function around"),
        pytest.param(8, {"v"}, id="a generator"),
        pytest.param(11, set(), id="no function"),
    ],
)
def test_what_the_functions_around_a_line_give_back_becomes_another_value(
    line: int, before: set[str]
) -> None:
    made = make_result_mutants(FUNCTIONS, [line])
    assert {mutant.before for mutant in made} == before
    assert {mutant.after for mutant in made} <= {OTHER_VALUE}
    for mutant in made:
        ast.parse(mutant.source)


SORTED_BY_NAME = "def size(r):\n    return r.size\nrows = sorted(rows, key=size)\n"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("rows = sorted(rows, key=lambda r: r['size'])\n", 1),
        ("rows.sort(key=lambda r: float(r['size']), reverse=True)\n", 1),
        ("best = max(rows, key=lambda r: (r['size'], r['name']))\n", 1),
        (SORTED_BY_NAME, 2),
    ],
)
def test_what_things_are_put_in_order_by_becomes_the_reverse_order(source: str, line: int) -> None:
    afters = [mutant.after for mutant in make_mutants(source, [line])]
    assert afters.count(OTHER_ORDER) == 1
    inner = {m.before for m in make_mutants(source, [line]) if m.after == OTHER_VALUE}
    assert not inner & {"r['size']", "float(r['size'])", "r.size", "r"}


@pytest.mark.parametrize(
    "source",
    [
        "rows = groupby(rows, key=lambda r: r['size'])\n",
        "rows = sorted(rows, key=lambda r: r['size'])[0]['size']\n",
        "def size(r):\n    return r.size\nprint(size(r), sorted(rows, key=size))\n",
    ],
)
def test_what_is_more_than_an_order_becomes_another_value(source: str) -> None:
    assert OTHER_VALUE in texts(source, 1, 2)


def test_the_reverse_order_is_one() -> None:
    source = "given = sorted([(1, 'b'), (2, 'a'), (1, 'a')], key=lambda r: r[0])\n"
    (mutant,) = (m for m in make_mutants(source, [1]) if m.after == OTHER_ORDER)
    space: dict[str, object] = {}
    exec(mutant.source, space)
    assert space["given"] == [(2, "a"), (1, "b"), (1, "a")]
    (by_name,) = (m for m in make_result_mutants(SORTED_BY_NAME, [2]))
    assert by_name.after == OTHER_ORDER


def test_a_changed_pair_without_brackets_is_one_value() -> None:
    (mutant,) = make_result_mutants("def f():\n    return 1, 2\n", [2])
    space: dict[str, object] = {}
    exec(mutant.source + "given = f()\n", space)
    assert space["given"] == ()


def test_nothing_is_tried_in_a_file_that_takes_a_second_to_parse() -> None:
    function = "def f(a):\n    return a + 1\n"
    source = function + "x = 1\n" * (LONGEST_SOURCE // 6)
    assert make_mutants(source, range(1, 99_999)) == ()
    assert make_result_mutants(source, range(1, 99_999)) == ()
    assert make_mutants(function, [2])
