"""How a test's checks are rewritten."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.inside.screening.checks_of_tests import (
    BEGIN,
    KEEP,
    KEEP_CALLS,
    KEEP_ERROR,
    compile_tree,
    list_codes,
    parse_file,
    watch_checks,
)


def run(body: str, **names: object) -> tuple[list[tuple[str, Any]], str]:
    """What is kept of a test of this body, by words, and how it ends."""
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(f"def test_it():\n    {body}\n")
        file.flush()
        tree = parse_file(file.name)
        assert tree is not None
        watch_checks(tree, file.name)
    notes: list[tuple[str, Any]] = []

    def keep(_line: int, words: str, value: Any) -> Any:
        notes.append((words, value))
        return value

    scope: dict[str, Any] = {
        BEGIN: lambda line: notes.append(("line", line)),
        KEEP: keep,
        KEEP_CALLS: keep,
        KEEP_ERROR: lambda _line, words: notes.append((words, "error")),
        **names,
    }
    exec(compile_tree(tree, "test"), scope)
    test: Callable[[], object] = scope["test_it"]
    try:
        test()
    except Exception as error:
        return notes, type(error).__name__
    return notes, "passed"


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        ("assert f(1) == 5", [("f(1)", 2)]),
        ("assert not f(f(1))", [("f(1)", 2), ("f(f(1))", 4)]),
        ("x = f(1); assert x == 3 and x", [("x", 2)]),
        ("assert [f(n) for n in (1, 2)] == []", [("n", 1), ("f(n)", 2), ("n", 2), ("f(n)", 4)]),
        ("assert f(0)[1]", [("f(0)", 0), ("assert f(0)[1]", "error")]),
        ("case.assertEqual(f(1), 5)", [("f(1)", 2), ("case", "a case")]),
        ("case.assertEqual(f(1), second=f(2))", [("f(1)", 2), ("f(2)", 4), ("case", "a case")]),
    ],
)
def test_what_a_check_looks_at_is_kept_and_nothing_is_checked(
    body: str, notes: list[tuple[str, Any]]
) -> None:
    kept, end = run(body, f=lambda n: n * 2, case="a case")
    assert [note for note in kept if note[0] != "line"] == notes
    assert end == "passed"
    assert ("line", 2) in kept


def test_what_must_raise_is_still_run() -> None:
    kept, end = run("case.assertRaises(ValueError, f, 1)", f=int, case=None)
    assert (kept, end) == ([], "AttributeError")


def test_codes_of_all_functions_are_listed_and_what_is_no_python_is_not_read(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.py").write_text("def f():\n    def g():\n        pass\n")
    (tmp_path / "b.py").write_text("def f(:\n")
    tree = parse_file(f"{tmp_path}/a.py")
    assert tree is not None
    assert [code.co_name for code in list_codes(compile_tree(tree, "a.py"))] == ["f", "g"]
    assert parse_file(f"{tmp_path}/b.py") is None
    assert parse_file(f"{tmp_path}/c.py") is None
