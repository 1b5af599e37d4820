"""A search may look where a failing test or script can reach by its imports."""

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.source_files import SourceFiles
from healer.draft.search.search_scope import (
    MAX_FILE_BYTES,
    MAX_FILES,
    find_imports,
    find_reachable_files,
)
from tests.support.memory_tree import MemoryTree

TREE = {
    "job.py": "import lib.money\nfrom lib import rates\nimport json\n",
    "lib/__init__.py": "",
    "lib/money.py": "from .rates import rate_of\n",
    "lib/rates.py": "from .. import settings\n",
    "settings.py": "X = 1\n",
    "alone.py": "import settings\n",
    "tests/test_job.py": "import job\n",
    "tests/conftest.py": "import alone\n",
    "broken.py": "def f(:\n",
}


def reachable(
    *starts: str, tree: dict[str, str] | None = None, protected: tuple[str, ...] = ()
) -> list[str]:
    files = SourceFiles(MemoryTree(tree or TREE), protected)
    return list(find_reachable_files(files, starts))


def test_imports_are_followed_nearest_first() -> None:
    assert reachable("job.py") == ["job.py", "lib/money.py", "lib/rates.py", "lib/__init__.py",
                                   "settings.py"]  # fmt: skip


def test_what_is_not_imported_is_not_reached() -> None:
    assert "alone.py" not in reachable("job.py")
    assert reachable("alone.py") == ["alone.py", "settings.py"]


def test_tests_are_followed_and_never_searched() -> None:
    assert "tests/test_job.py" not in reachable("tests/test_job.py")
    assert reachable("tests/test_job.py")[0] == "job.py"
    assert reachable("tests/conftest.py") == ["alone.py", "settings.py"]


def test_a_protected_file_is_followed_and_never_searched() -> None:
    assert reachable("job.py", protected=("lib/money.py",)) == [
        "job.py", "lib/rates.py", "lib/__init__.py", "settings.py"
    ]  # fmt: skip


@pytest.mark.parametrize("start", ["broken.py", "nothing.py", "data.csv", ""])
def test_what_does_not_parse_or_is_not_there_is_left_out(start: str) -> None:
    assert reachable(start, "settings.py") == ["settings.py"]


def test_a_file_that_is_too_large_is_left_out() -> None:
    tree = {"a.py": "import b\n", "b.py": "x = 1\n" + "#" * MAX_FILE_BYTES}
    assert reachable("a.py", tree=tree) == ["a.py"]


def test_there_is_an_end_to_the_files() -> None:
    tree = {f"m{n}.py": f"import m{n + 1}\n" for n in range(40)}
    assert reachable("m0.py", tree=tree) == [f"m{n}.py" for n in range(MAX_FILES)]


def test_files_that_import_each_other_are_visited_once() -> None:
    tree = {"a.py": "import b\n", "b.py": "import a\n"}
    assert reachable("a.py", tree=tree) == ["a.py", "b.py"]


@pytest.mark.parametrize(
    ("statement", "paths"),
    [
        ("import lib.money", ["lib/money.py"]),
        ("import lib.money as m, settings", ["lib/money.py", "settings.py"]),
        ("from lib import money", ["lib/money.py", "lib/__init__.py"]),
        ("from lib.money import rate_of", ["lib/money.py"]),
        ("from . import rates", ["lib/rates.py", "lib/__init__.py"]),
        ("from .rates import rate_of", ["lib/rates.py"]),
        ("from ..settings import X", ["settings.py"]),
        ("import json", []),
        ("from nowhere import x", []),
    ],
)
def test_each_form_of_an_import_names_its_file(statement: str, paths: list[str]) -> None:
    code = SourceFile("lib/code.py", f"{statement}\n")
    assert list(find_imports(SourceFiles(MemoryTree(TREE)), code)) == paths
