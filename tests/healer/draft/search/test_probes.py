"""Which expression a candidate changes, and whether it may be evaluated once more."""

import ast

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.probes import find_differences, find_probes, is_harmless


def changed(old: str, new: str) -> tuple[str, str] | None:
    found = find_differences(ast.parse(old), ast.parse(new))
    return (ast.unparse(found[-1][0]), ast.unparse(found[-1][1])) if found else None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("f(a, b + 1)", "f(a, b - 1)", ("b + 1", "b - 1")),
        ("if a < b: pass", "if a <= b: pass", ("a < b", "a <= b")),
        ("x = f(a)", "x = f(c)", ("a", "c")),
        ("x = f(a, b)", "x = f(b, a)", ("f(a, b)", "f(b, a)")),
        ("x = [y for y in z]", "x = [y for y in w]", ("z", "w")),
    ],
)
def test_the_smallest_expression_that_differs_is_found(
    old: str, new: str, expected: tuple[str, str]
) -> None:
    assert changed(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x = 1", "y = 1"),
        ("x = 1", "x = 1\ny = 2"),
        ("x += 1", "x -= 1"),
        ("a = 1\nb = 2", "a = 2\nb = 3"),
        ("x = y[1:]", "x = y[:1]"),
    ],
)
def test_other_changes_are_no_change_of_one_read_expression(old: str, new: str) -> None:
    found = changed(old, new)
    assert found is None or found == ("y[1:]", "y[:1]")


@pytest.mark.parametrize("text", ["a + b[0]", "len(rows) > 1", "not (x.y or z)", "sorted(a)[-1]"])
def test_reading_and_counting_is_harmless(text: str) -> None:
    assert is_harmless(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    "text", ["rows.pop()", "f(x)", "10 ** x", "1 << x", "(y := 1)", "[f(x) for x in y]", "open(x)"]
)
def test_calls_walruses_and_powers_are_not(text: str) -> None:
    assert not is_harmless(ast.parse(text, mode="eval").body)


def test_candidates_of_one_expression_share_a_probe() -> None:
    code = SourceFile("job.py", "def f(a, b):\n    if a < b:\n        return a\n")
    assert code.tree is not None
    function = code.tree.body[0]
    others = [code.text.replace("<", sign) for sign in ("<=", ">")]
    pairs = [("job.py", (function, ast.parse(text).body[0])) for text in others]
    found = find_probes({"job.py": code}, [("job.py", None), *pairs])
    assert len(found) == 1
    assert (found[0].truth, found[0].forms, found[0].members) == (
        True,
        ("a <= b", "a > b"),
        (1, 2),
    )
    assert found[0].at == (2, 7, 2, 12)
