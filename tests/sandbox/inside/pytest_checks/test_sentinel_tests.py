"""A copy of a real test that must fail: where that can be promised, and where it cannot."""

import ast

import pytest

from sandbox.inside.pytest_checks.sentinel_tests import TestSources, make_impossible


def impossible(body: str) -> str | None:
    """The copy's body, or None."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    (function,) = ast.parse(f"def test_a(self=None, x=1):\n{lines}\n").body
    assert isinstance(function, ast.FunctionDef)
    copy = make_impossible(function)
    return "\n".join(ast.unparse(node) for node in copy.body) if copy else None


FRESH = "(lambda: 0)"


@pytest.mark.parametrize(
    ("body", "sides"),
    [
        ("assert f(1) == 2", ("f(1)", "2")),
        ("x = f(1)\nassert x == 2", ("x", "2")),
        ("self.assertEqual(f(1), 2)", ("f(1)", "2")),
        ("self.assertEqual(f(1), 2, 'message')", ("f(1)", "2")),
        ("print(1)\nassert a.b == [c]\nassert z", ("a.b", "[c]")),
    ],
)
def test_the_first_certain_comparison_is_made_against_a_fresh_object(
    body: str, sides: tuple[str, str]
) -> None:
    text = impossible(body)
    assert text is not None
    last = text.splitlines()[-1]
    expected = f"assert ({sides[0]}) == {FRESH} or ({sides[1]}) == {FRESH}"
    assert ast.dump(ast.parse(last)) == ast.dump(ast.parse(expected))


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        "assert f(1)",
        "assert f(1) != 2",
        "assert 1 < f(1) < 3",
        "assert f(1) == ANY",
        "assert mock.ANY == f(1)",
        "if x:\n    return\nassert f(1) == 2",
        "return\nassert f(1) == 2",
        "yield\nassert f(1) == 2",
        "self.assertEqual(*pair)",
        "self.assertEqual(f(1), *rest)",
        "self.assertTrue(f(1))",
    ],
)
def test_where_no_comparison_is_certain_there_is_no_copy(body: str) -> None:
    assert impossible(body) is None


def test_what_follows_the_comparison_is_left_out_and_the_original_stays() -> None:
    (function,) = ast.parse("def test_a():\n    assert a == b\n    effect()\n").body
    assert isinstance(function, ast.FunctionDef)
    before = ast.dump(function)
    copy = make_impossible(function)
    assert copy is not None
    assert "effect" not in ast.unparse(copy)
    assert ast.dump(function) == before


@pytest.mark.parametrize("value", [1, "a", None, [], object(), float("nan")])
def test_no_honest_value_passes_a_copy(value: object) -> None:
    text = impossible("assert x == value")
    assert text is not None
    with pytest.raises(AssertionError):
        exec(text, {"x": value, "value": value})


def test_a_value_that_equals_everything_gives_itself_away() -> None:
    class Liar:
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None

    text = impossible("assert x == value")
    assert text is not None
    exec(text, {"x": Liar(), "value": 1})


@pytest.mark.parametrize("source", [None, b"def broken(", b"\0", b"(" * 5_000])
def test_a_file_that_is_missing_or_does_not_parse_has_no_module(source: bytes | None) -> None:
    assert TestSources(lambda _: source).module("test_a.py") is None


def test_a_file_is_read_once() -> None:
    reads: list[str] = []

    def read(path: str) -> bytes:
        reads.append(path)
        return b"x = 1\n"

    sources = TestSources(read)
    assert sources.module("a.py") is sources.module("a.py")
    assert reads == ["a.py"]
