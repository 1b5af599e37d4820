"""Expressions are evaluated in other forms too, without changing what the program does."""

import ast
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.inside.messages import ProbeSite
from sandbox.inside.screening import value_probes
from sandbox.inside.screening.value_probes import ABOUT, Probes, show

SOURCE = "def f(a, b):\n    if a < b:\n        return a + 1\n    return b\n"


def site_of(*forms: str, truth: bool = True, pure: bool = True) -> ProbeSite:
    """The condition of `SOURCE`, with these other forms."""
    function = ast.parse(SOURCE).body[0]
    assert isinstance(function, ast.FunctionDef)
    test = function.body[0]
    assert isinstance(test, ast.If)
    at = [test.test.lineno, test.test.col_offset]
    at += [test.test.end_lineno or 0, test.test.end_col_offset or 0]
    members = list(range(len(forms)))
    return {
        "path": "f.py", "at": at, "truth": truth, "pure": pure,
        "forms": list(forms), "members": members,
    }  # fmt: skip


def probe(*calls: tuple[object, object], forms: tuple[str, ...], truth: bool = True) -> Probes:
    """The probes after these calls of the instrumented function, which do what they always do."""
    probes = Probes([site_of(*forms, truth=truth)])
    code = probes.instrument("f.py", SOURCE.encode(), "f.py")
    assert code is not None
    namespace: dict[str, Any] = {value_probes._HOOK: probes.visit}
    exec(code, namespace)
    plain: dict[str, Any] = {}
    exec(SOURCE, plain)
    for call in calls:
        assert ended(namespace["f"], call) == ended(plain["f"], call)
    return probes


def ended(function: Callable[..., object], call: tuple[object, object]) -> object:
    try:
        return function(*call)
    except TypeError:
        return TypeError


def test_each_visit_shows_what_stands_there_and_what_each_form_gives() -> None:
    probes = probe((1, 2), (2, 2), forms=("a <= b", "missing"))
    assert probes.visits == [
        [["True", "True", "raises NameError"], ["False", "True", "raises NameError"]]
    ]
    assert probes.sure == {0}


def test_what_is_never_reached_has_no_visits() -> None:
    probes = probe(forms=("a <= b",))
    assert (probes.visits, probes.sure) == ([[]], {0})


def test_after_many_visits_nobody_looks_any_more_and_nothing_is_sure() -> None:
    probes = probe(*[(1, 2)] * 160, forms=("a <= b",))
    assert len(probes.visits[0]) == 150
    assert probes.sure == set()


def test_where_what_stands_there_raises_nothing_is_sure() -> None:
    probes = probe((1, 2), (1, ""), forms=("a <= b",))
    assert len(probes.visits[0]) == 1
    assert probes.sure == set()


def test_nothing_is_evaluated_beside_an_iterator() -> None:
    probes = Probes([site_of("x")])
    rows = iter([1, 2])
    assert probes.visit(0, lambda: 5, (lambda: next(rows),)) == 5
    assert probes.visits == [[]]
    assert list(rows) == [1, 2]


def test_a_site_in_another_file_is_not_placed() -> None:
    probes = Probes([site_of("a <= b")])
    assert probes.instrument("other.py", SOURCE.encode(), "other.py") is not None
    assert probes.sure == set()


@pytest.mark.parametrize("source", [b"def f(:\n", b"\0", b"x = '\xff'\n"])
def test_a_file_that_does_not_compile_has_no_probes(source: bytes) -> None:
    assert Probes([site_of("a")]).instrument("f.py", source, "f.py") is None


def test_a_form_that_does_not_parse_gives_no_code() -> None:
    probes = Probes([site_of("a <=")])
    assert probes.instrument("f.py", SOURCE.encode(), "f.py") is None


@pytest.mark.parametrize(
    ("value", "is_exact"),
    [([1], False), ({}, False), (1, True), ("a", True), (object(), True), (True, True),
     (None, True), (b"x", True), ("x" * 500, False)],
)  # fmt: skip
def test_a_text_that_does_not_tell_all_of_a_value_says_so(value: object, is_exact: bool) -> None:
    text = show(value, truth=False)
    assert text.startswith(ABOUT) != is_exact
    assert len(text) <= 200
    assert show(value, truth=True) == str(bool(value))


def test_a_value_that_cannot_be_shown_is_told_too() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise OSError

    assert show(Broken(), truth=False) == "(repr raises OSError)"
