"""`requires-python` is read as packaging tools read it; what cannot be read asks for nothing."""

import pytest

from healer.survey.python_wish import PythonWish, Version, find_python_wish
from tests.support.memory_tree import MemoryTree

INLINE = '# /// script\n# requires-python = ">=3.13"\n# dependencies = []\n# ///\n'
PROJECT = '[project]\nrequires-python = ">=3.12,<4"\n'


@pytest.mark.parametrize(
    ("specifier", "version", "fits"),
    [
        (">=3.12", (3, 12, 1), True), (">=3.12", (3, 11, 9), False),
        (">=3.11.4", (3, 11, 5), True), (">=3.11.4", (3, 11, 3), False),
        (">=3.11.4", (3, 11, 0), True), ("<3.11.4", (3, 11, 0), True),
        (">=3.9,<3.12", (3, 12, 2), False), (">=3.9, <3.12", (3, 11, 2), True),
        ("<4", (3, 14, 1), True), ("<=3.11", (3, 11, 2), False), (">3.11", (3, 11, 2), True),
        ("==3.11.*", (3, 11, 2), True), ("==3.11.*", (3, 12, 2), False),
        ("==3.11", (3, 11, 2), False), ("!=3.11.*", (3, 11, 2), False),
        ("!=3.11.*", (3, 12, 2), True), ("!=3.11.2", (3, 11, 2), False),
        ("~=3.10", (3, 12, 1), True), ("~=3.10", (4, 0, 1), False),
        ("~=3.10.2", (3, 10, 4), True), ("~=3.10.2", (3, 11, 4), False),
        ("^3.10", (3, 13, 1), True), ("^3.10", (4, 0, 1), False), ("~3.10", (3, 11, 1), False),
        ("3.10", (3, 10, 4), True), ("3.10", (3, 11, 4), False),
    ],
)  # fmt: skip
def test_a_version_fits_or_not(specifier: str, version: Version, fits: bool) -> None:
    assert PythonWish(specifier, "pyproject.toml").allows(version) is fits


@pytest.mark.parametrize(
    ("files", "script", "wish"),
    [
        ({"pyproject.toml": PROJECT}, "", (">=3.12,<4", "pyproject.toml")),
        ({"pyproject.toml": PROJECT, "job.py": INLINE}, "job.py", (">=3.13", "job.py")),
        ({"pyproject.toml": PROJECT, "job.py": INLINE}, "", (">=3.12,<4", "pyproject.toml")),
        ({"pyproject.toml": PROJECT, "job.py": "x = 1\n"}, "job.py", (">=3.12,<4",
                                                                      "pyproject.toml")),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.10"\n'}, "",
         ("^3.10", "pyproject.toml")),
        ({"pyproject.toml": '[project]\nrequires-python = "whatever"\n'}, "", None),
        ({"pyproject.toml": "[project]\nrequires-python = 3\n"}, "", None),
        ({"pyproject.toml": '[project]\nrequires-python = ""\n'}, "", None),
        ({"pyproject.toml": "[project"}, "", None),
        ({}, "job.py", None),
    ],
)  # fmt: skip
def test_the_scripts_own_word_comes_first(
    files: dict[str, str], script: str, wish: tuple[str, str] | None
) -> None:
    assert find_python_wish(MemoryTree(files), script) == wish
