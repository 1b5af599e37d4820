"""An installed program is known by what it calls, and a shell's line by its words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from healer.watch.entry_points import EntryPoint, find_entry_point, split_shell_lines

PIP = """#!{python}
# -*- coding: utf-8 -*-
import re
import sys
from shop.cli import main
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit(main())
"""
LONG_PATH = """#!/bin/sh
'''exec' /srv/a/very/long/path/bin/python "$0" "$@"
' '''
import sys
from shop.cli import app
sys.exit(app.run())
"""
OLD = """#!/srv/env/bin/python
# EASY-INSTALL-ENTRY-SCRIPT: 'shop','console_scripts','shop-report'
sys.exit(load_entry_point('shop', 'console_scripts', 'shop-report')())
"""
PROJECT = '[project.scripts]\nshop-report = "shop.cli:main"\n'


def told(entry: EntryPoint | None) -> tuple[str, str, str] | None:
    return (entry.name, entry.module, entry.function) if entry else None


@pytest.mark.parametrize(
    ("program", "function"), [(PIP, "main"), (LONG_PATH, "app.run")], ids=["pip", "long path"]
)
@pytest.mark.parametrize("word", ["{bin}/shop-report", "shop-report"])
def test_an_installed_program_names_what_it_calls(
    tmp_path: Path, program: str, function: str, word: str
) -> None:
    (tmp_path / "shop-report").write_text(program)
    entry = find_entry_point(word.format(bin=tmp_path), Path("/"), Path("/"), str(tmp_path))
    assert told(entry) == ("shop-report", "shop.cli", function)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", PROJECT),
        ("pyproject.toml", "[tool.poetry.scripts]\nshop-report = 'shop.cli:main'\n"),
        (
            "setup.cfg",
            "[options.entry_points]\nconsole_scripts =\n    shop-report = shop.cli:main\n",
        ),
        ("setup.py", 'setup(entry_points={"console_scripts": ["shop-report=shop.cli:main"]})\n'),
        (
            "setup.py",
            'setup(entry_points="""\n[console_scripts]\nshop-report=shop.cli:main\n""")\n',
        ),
        ("pyproject.toml", "[tool.pdm.scripts]\nshop-report = 'shop.cli:main'\n"),
        ("pyproject.toml", "[project.gui-scripts]\nshop-report = 'shop.cli:main [qt]'\n"),
    ],
)
def test_a_program_that_is_not_installed_here_is_known_by_its_project(
    tmp_path: Path, file: str, text: str
) -> None:
    (tmp_path / file).write_text(text)
    entry = find_entry_point("shop-report", tmp_path, tmp_path, "/nowhere")
    assert told(entry) == ("shop-report", "shop.cli", "main")
    assert find_entry_point("shop", tmp_path, tmp_path, "/nowhere") is None


def test_a_program_of_old_setuptools_is_known_by_its_project(tmp_path: Path) -> None:
    (tmp_path / "shop-report").write_text(OLD)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    entry = find_entry_point("./shop-report", tmp_path, tmp_path, "")
    assert told(entry) == ("shop-report", "shop.cli", "main")


@pytest.mark.parametrize(
    "word", ["", "/", "-m", "x" * 5_000, "a\0b", "sh", "python3", sys.executable, "no-such-word"]
)
def test_anything_else_is_no_entry_point(tmp_path: Path, word: str) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    assert find_entry_point(word, tmp_path, tmp_path, os.environ["PATH"]) is None


@pytest.mark.parametrize(
    "text", ["[project", 'name = "shop-report"\n', "[project]\nscripts = 1\n#shop-report"]
)
def test_a_project_file_that_says_nothing_of_it_is_passed(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert find_entry_point("shop-report", tmp_path, tmp_path, "/nowhere") is None


def test_the_program_that_stands_for_it_runs_the_trees_own_module(tmp_path: Path) -> None:
    """Also where another copy is installed, and whatever folder it is started in."""
    entry = EntryPoint("shop-report", "shop.cli", "main")
    for file, text in (
        (entry.path, entry.source),
        (
            "src/shop/cli.py",
            "import sys\ndef main():\n    print('tree', sys.argv[1:])\n    return 3\n",
        ),
        ("installed/shop/cli.py", "def main():\n    print('copy')\n"),
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    done = subprocess.run(
        [sys.executable, str(tmp_path / entry.path), "--all"],
        env={"PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True, check=False, text=True, cwd="/",
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("tree ['--all']\n", 3), done.stderr


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (
            ("bash", "-c", "cd /srv && python3 x.py | tee 'out'"),
            "bash -c cd /srv python3 x.py tee out",
        ),
        (("/bin/sh", "-ec", "a;b"), "/bin/sh -ec a b"),
        (("python", "-c", "a;b"), "python -c a;b"),
        (("bash", "x.sh"), "bash x.sh"),
        ((), ""),
    ],
)
def test_the_line_of_a_shell_is_read_as_words(argv: tuple[str, ...], words: str) -> None:
    assert list(split_shell_lines(argv)) == words.split()
