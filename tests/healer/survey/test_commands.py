"""A command line of a crontab, a Makefile or CI leads to the tracked file that it starts."""

import pytest

from healer.survey.commands import Start, Starts, is_program
from tests.support.memory_tree import MemoryTree

SETUP = """
from setuptools import setup
setup(name="x", entry_points={"console_scripts": ["old-tool = pkg.old:main"]})
"""
FILES = {
    "scripts/sync.py": "",
    "bin/nightly": "#!/usr/bin/env python3\nprint(1)\n",
    "bin/other": "#!/bin/sh\n",
    "src/pkg/__init__.py": "",
    "src/pkg/__main__.py": "",
    "src/pkg/report.py": "",
    "src/pkg/old.py": "",
    "data.txt": "",
    "pyproject.toml": '[project.scripts]\nreport = "pkg.report:main"\ngone = "pkg.no:main"\n',
    "setup.py": SETUP,
}


@pytest.mark.parametrize(
    ("line", "script", "words"),
    [
        ("python scripts/sync.py --all", "scripts/sync.py", "python scripts/sync.py --all"),
        ("/usr/bin/python3.11 -u /srv/shop/scripts/sync.py", "scripts/sync.py",
         "python -u /srv/shop/scripts/sync.py"),
        ("cd /srv/shop && ./bin/nightly -v >> /var/log/n.log", "bin/nightly",
         "./bin/nightly -v >> /var/log/n.log"),
        ("python -m pkg", "src/pkg/__main__.py", "python -m pkg"),
        ("python3 -m pkg.report a", "src/pkg/report.py", "python -m pkg.report a"),
        ("TZ=UTC uv run report --day 1", "src/pkg/report.py", "report --day 1"),
        ("/opt/env/bin/old-tool", "src/pkg/old.py", "/opt/env/bin/old-tool"),
        ("flock -n scripts/sync.py", "scripts/sync.py", "scripts/sync.py"),
    ],
)  # fmt: skip
def test_the_program_is_found(line: str, script: str, words: str) -> None:
    assert Starts(MemoryTree(FILES)).find(line) == [Start(script, tuple(words.split()))]


@pytest.mark.parametrize(
    "line",
    ["", "ls scripts", "bin/other", "cat data.txt", "python -c 'print(1)'", "python gone.py",
     "gone", "python -m other", "python 'scripts/sync.py", "pytest"],
)  # fmt: skip
def test_what_starts_no_program_of_ours_gives_none(line: str) -> None:
    assert Starts(MemoryTree(FILES)).find(line) == []


def test_each_part_of_a_shell_line_is_looked_at() -> None:
    found = Starts(MemoryTree(FILES)).find("python scripts/sync.py; bin/nightly | tee x")
    assert [start.script for start in found] == ["scripts/sync.py", "bin/nightly"]


def test_entry_points_of_all_forms_are_known_where_their_file_is() -> None:
    assert Starts(MemoryTree(FILES)).entry_points == {
        "report": "src/pkg/report.py",
        "old-tool": "src/pkg/old.py",
    }
    cfg = "[options.entry_points]\nconsole_scripts =\n    tool = pkg.report:main\n"
    poetry = '[tool.poetry.scripts]\ntool = "pkg.report:main"\n'
    for name, text in {"setup.cfg": cfg, "pyproject.toml": poetry}.items():
        tree = MemoryTree({"src/pkg/report.py": "", name: text})
        assert Starts(tree).entry_points == {"tool": "src/pkg/report.py"}


def test_files_that_cannot_be_read_declare_nothing() -> None:
    for name in ("setup.cfg", "pyproject.toml", "setup.py"):
        assert Starts(MemoryTree({name: b"\xff[[["})).entry_points == {}


def test_a_program_is_told_by_its_name_or_first_line() -> None:
    tree = MemoryTree(FILES)
    assert [path for path in tree.paths() if is_program(tree, path)] == [
        "bin/nightly", "scripts/sync.py", "setup.py", "src/pkg/__init__.py", "src/pkg/__main__.py",
        "src/pkg/old.py", "src/pkg/report.py",
    ]  # fmt: skip
