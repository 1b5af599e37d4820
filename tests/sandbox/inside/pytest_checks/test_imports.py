"""What a test file imports is read from its statements; in doubt it is all that was loaded."""

import pytest

from sandbox.inside.pytest_checks.imports import find_files_imported

LOADED = ("app/__init__.py", "app/job.py", "app/tax.py", "src/lib.py", "tests/test_a.py")


def find(**files: str) -> set[str]:
    sources = {path.replace("__", "/") + ".py": text.encode() for path, text in files.items()}
    empty = dict.fromkeys(LOADED, b"")
    return find_files_imported("tests/test_a.py", LOADED, {**empty, **sources}.get)


@pytest.mark.parametrize(
    ("source", "files"),
    [
        ("", set()),
        ("import os, json", set()),
        ("import app.job", {"app/__init__.py", "app/job.py"}),
        ("from app import job", {"app/__init__.py", "app/job.py"}),
        ("from app.job import total", {"app/__init__.py", "app/job.py"}),
        ("def test():\n    from ..app import tax", {"app/__init__.py", "app/tax.py"}),
        ("from . import job", {"app/job.py"}),
        ("import lib", {"src/lib.py"}),
        ("import jobs, li", set()),
    ],
)
def test_files_are_found_by_the_names_of_modules(source: str, files: set[str]) -> None:
    assert find(tests__test_a=source) == {"tests/test_a.py", *files}


def test_what_an_import_imports_counts_as_well() -> None:
    assert "src/lib.py" in find(tests__test_a="import app.job", app__job="import lib")


@pytest.mark.parametrize(
    "source",
    ["import importlib\nimportlib.import_module(x)", "__import__('job')", "exec(code)", "def f(:"],
)
def test_in_doubt_all_that_was_loaded_counts(source: str) -> None:
    assert find(tests__test_a=source) == set(LOADED)


def test_a_test_without_a_file_may_have_loaded_all() -> None:
    assert find_files_imported("tests.nothing", LOADED, lambda _: None) == set(LOADED)
