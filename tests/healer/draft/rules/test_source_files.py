"""The repository's Python files: each parsed once, some not to be changed, modules by name."""

import pytest

from healer.draft.rules.source_files import SourceFiles
from tests.support.memory_tree import MemoryTree

TREE = {
    "job.py": "import shop\n",
    "shop/__init__.py": "x = 1\n",
    "shop/prices.py": "def price(): ...\n",
    "src/lib/dates.py": "y = 2\n",
    "tests/test_job.py": "def test_a(): ...\n",
    "notes.md": "# notes\n",
    "latin.py": b"x = '\xe9'\n",
}


class CountingTree(MemoryTree):
    """Counts how often each file is read."""

    def __init__(self, files: dict[str, str | bytes]) -> None:
        super().__init__(files)
        self.reads: list[str] = []

    def read(self, path: str) -> bytes | None:
        self.reads.append(path)
        return super().read(path)


def test_a_file_is_read_and_parsed_once() -> None:
    tree = CountingTree(dict(TREE))
    files = SourceFiles(tree)
    before = len(tree.reads)
    assert files.parse("job.py") is files.parse("job.py")
    assert tree.reads[before:] == ["job.py"]


@pytest.mark.parametrize("path", ["notes.md", "latin.py", "nowhere.py"])
def test_what_is_no_utf_8_python_file_is_none(path: str) -> None:
    assert SourceFiles(MemoryTree(TREE)).parse(path) is None


def test_the_asked_file_comes_before_all_others_and_no_other_kind_does() -> None:
    paths = [code.path for code in SourceFiles(MemoryTree(TREE)).parse_all("shop/prices.py")]
    assert paths == [
        "shop/prices.py", "job.py", "shop/__init__.py", "src/lib/dates.py", "tests/test_job.py",
    ]  # fmt: skip  # a list of paths is read as one line


@pytest.mark.parametrize(
    ("path", "expected"),
    [("job.py", True), ("tests/test_job.py", False), ("nowhere.py", False)],
)
def test_only_a_file_that_is_there_and_not_protected_may_change(path: str, expected: bool) -> None:
    files = SourceFiles(MemoryTree(TREE), ["tests/test_job.py"])
    assert files.can_change(path) is expected


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("job", "job.py"),
        ("shop", "shop/__init__.py"),
        ("shop.prices", "shop/prices.py"),
        ("lib.dates", "src/lib/dates.py"),
        ("dates", "src/lib/dates.py"),
        ("ates", None),
        ("prices.shop", None),
        ("json", None),
    ],
)
def test_a_module_is_found_by_its_name_from_any_root(name: str, path: str | None) -> None:
    module = SourceFiles(MemoryTree(TREE)).find_module(name)
    assert (module.path if module else None) == path


def test_the_files_know_which_of_them_are_tests() -> None:
    files = SourceFiles(MemoryTree(TREE))
    assert files.tests.is_test_code("tests/test_job.py")
    assert not files.tests.is_test_code("job.py")
