"""Where a module's tests are looked for, and which header says enough."""

from pathlib import Path

import pytest

from scripts.checks.mirror import HEADER_LINES, find_unlimited, find_untested
from scripts.checks.sources import Source

CODE = "def judge(): pass\n"


@pytest.mark.parametrize(
    ("module", "test"),
    [
        ("healer/judge/verdict.py", "tests/healer/judge/test_verdict.py"),
        ("healer/watch/__init__.py", "tests/healer/watch/test_init.py"),
        ("healer/__main__.py", "tests/healer/test_main.py"),
        ("quarantine/git.py", "tests/quarantine/test_git.py"),
    ],
)
def test_a_module_with_code_needs_the_test_file_of_its_name(
    tmp_path: Path, module: str, test: str
) -> None:
    source = Source(module, CODE)
    (problem,) = find_untested(source, tmp_path)
    assert test in problem.text
    (tmp_path / test).parent.mkdir(parents=True)
    (tmp_path / test).touch()
    assert list(find_untested(source, tmp_path)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        '"""Rules."""\n',
        "from a import b\n__all__ = ['b']\n",
        "class Error(Exception):\n    pass\n",
        "class Fact:\n    name: str\n",
    ],
)
def test_a_module_that_does_nothing_needs_none(tmp_path: Path, text: str) -> None:
    assert list(find_untested(Source("healer/judge/__init__.py", text), tmp_path)) == []


@pytest.mark.parametrize(
    ("header", "count"),
    [
        ("Judges.", 1),
        ("Judges.\n\nBelongs here: the verdict. Does not belong here: evidence.", 0),
        ("Judges. What follows and Belongs\nhere: the verdict.", 0),
        ("Judges. It belongs somewhere here.", 1),
    ],
)
def test_a_long_module_says_what_belongs_there(header: str, count: int) -> None:
    text = f'"""{header}"""\n' + "x = 1\n" * HEADER_LINES
    assert len(list(find_unlimited(Source("healer/judge/verdict.py", text)))) == count


def test_a_short_one_need_not() -> None:
    assert list(find_unlimited(Source("healer/judge/verdict.py", "x = 1\n" * HEADER_LINES))) == []
