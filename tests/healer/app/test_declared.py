"""What a repository declares is read from one place, and no address or option is taken from it."""

import sys

import pytest

from healer.app.declared import NOTHING, Requirements, find_missing, find_requirements
from tests.support.memory_tree import MemoryTree

INLINE = """#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "requests<3",
#   "rich",
# ]
# ///
import requests
"""
POETRY = """
[[package]]
name = "requests"
version = "2.31.0"
files = [{file = "a.whl", hash = "sha256:aa"}, {file = "b.tar.gz", hash = "sha256:bb"}]
[[package]]
name = "tzdata"
version = "2024.1"
markers = "sys_platform == 'win32'"
files = []
[[package]]
name = "extra"
version = "1"
optional = true
[[package]]
name = "mine"
version = "1"
source = {type = "git", url = "https://example.com/mine"}
"""
PROJECT = """
[project]
dependencies = ["requests>=2", "evil @ https://example.com/evil.whl"]
[project.optional-dependencies]
dev = ["pytest"]
docs = ["sphinx"]
[dependency-groups]
test = ["hypothesis", {include-group = "lint"}, {include-group = "test"}]
lint = ["ruff"]
"""
POETRY_PROJECT = """
[tool.poetry.dependencies]
python = "^3.11"
requests = "^2.31"
[tool.poetry.group.dev.dependencies]
pytest = "*"
"""
PIPFILE = """
[packages]
requests = "*"
rich = {version = ">=13", extras = ["jupyter"]}
ours = {path = "."}
[dev-packages]
pytest = "==8.*"
"""
PIPFILE_LOCK = """{
  "_meta": {"sources": [{"url": "https://example.com/simple"}]},
  "default": {
    "requests": {"version": "==2.31.0", "markers": "python_version >= '3.7'",
                 "hashes": ["sha256:bb", "sha256:aa"]},
    "ours": {"path": "."},
    "theirs": {"git": "https://example.com/theirs", "version": "==1"},
    "older": {"hg": "https://example.com/older", "version": "==1"}
  },
  "develop": {"pytest": {"version": "==8.0.0"}, "odd": {"version": "==1 --index-url x"}}
}"""
SETUP_CFG = """
[options]
install_requires =
    requests>=2
    click
    ours @ https://example.com/ours.whl
[options.extras_require]
test = pytest
docs = sphinx
"""
SETUP_PY = """
from setuptools import find_packages, setup
NEEDS = ["requests", "rich>=13"]
setup(name="x", packages=find_packages(), install_requires=NEEDS,
      extras_require={"test": ["pytest"], "docs": ["sphinx"]})
"""


def lines(files: dict[str, str], script: str = "") -> tuple[str, tuple[str, ...]]:
    source = MemoryTree({name: text.encode() for name, text in files.items()})
    requirements = find_requirements(source, script)
    return requirements.origin, requirements.lines


@pytest.mark.parametrize(
    ("files", "origin", "wanted"),
    [
        ({}, "", ()),
        ({"pyproject.toml": "[project"}, "", ()),
        ({"requirements.txt": "requests==2.31\n# a note\nrich  # nice\n\n"}, "requirements.txt",
         ("requests==2.31", "rich")),
        ({"requirements.txt": "a==1 \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb\n"},
         "requirements.txt", ("a==1 --hash=sha256:aa --hash=sha256:bb",)),
        ({"requirements.txt": "-r requirements/base.txt\nb\n",
          "requirements/base.txt": "-r ../x\na\n"}, "requirements.txt", ("a", "b")),
        ({"requirements.txt": "a[x,y] >= 1.0, < 2 ; python_version > '3.8'\nb (>=1)\nc~=1.2.*\n"},
         "requirements.txt", ("a[x,y] >= 1.0, < 2 ; python_version > '3.8'", "b (>=1)", "c~=1.2.*"),
         ),
        ({"requirements.txt": "-r requirements.txt\na\n"}, "requirements.txt", ("a",)),
        ({"requirements.txt": "a\n", "requirements-dev.txt": "-r requirements.txt\npytest\n"},
         "requirements.txt", ("a", "pytest")),
        ({"poetry.lock": POETRY, "requirements.txt": "no\n"}, "poetry.lock",
         ("requests==2.31.0 --hash=sha256:aa --hash=sha256:bb",
          "tzdata==2024.1 ; sys_platform == 'win32'")),
        ({"pdm.lock": "[[package]]\nname = 'a'\nversion = '1'\nmarker = 'x\\n-e /srv'\n"},
         "pdm.lock", ("a==1 ; x\\n-e /srv",)),
        ({"pdm.lock": '[[package]]\nname = "a"\nversion = "1"\nmarker = "x\\n-e /srv"\n'},
         "pdm.lock", ()),
        ({"pdm.lock": POETRY}, "pdm.lock",
         ("requests==2.31.0 --hash=sha256:aa --hash=sha256:bb",
          "tzdata==2024.1 ; sys_platform == 'win32'")),
        ({"pyproject.toml": PROJECT}, "pyproject.toml",
         ("requests>=2", "pytest", "hypothesis", "ruff")),
        ({"pyproject.toml": POETRY_PROJECT}, "pyproject.toml", ("requests", "pytest")),
        ({"Pipfile.lock": PIPFILE_LOCK, "Pipfile": PIPFILE, "requirements.txt": "no\n"},
         "Pipfile.lock", ("requests==2.31.0 ; python_version >= '3.7' --hash=sha256:aa "
                          "--hash=sha256:bb", "pytest==8.0.0")),
        ({"Pipfile.lock": "{", "Pipfile": PIPFILE}, "Pipfile",
         ("requests", "rich[jupyter]>=13", "pytest==8.*")),
        ({"Pipfile": PIPFILE, "requirements.txt": "a\n"}, "requirements.txt", ("a",)),
        ({"setup.cfg": SETUP_CFG, "setup.py": "from setuptools import setup\nsetup()\n"},
         "setup.cfg", ("requests>=2", "click", "pytest")),
        ({"setup.py": SETUP_PY, "pyproject.toml": "[build-system]\nrequires = ['setuptools']\n"},
         "setup.py", ("requests", "rich>=13", "pytest")),
        ({"setup.py": "setup(install_requires=read('x'))"}, "", ()),
        ({"setup.py": "setup("}, "", ()),
    ],
)  # fmt: skip
def test_lines_are_those_of_the_most_exact_file(
    files: dict[str, str], origin: str, wanted: tuple[str, ...]
) -> None:
    assert lines(files) == (origin, wanted)


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.com/simple", "--extra-index-url https://example.com",
        "--find-links /srv", "--trusted-host example.com", "-e .", "-e git+https://example.com/a",
        "git+https://example.com/a", "https://example.com/a.whl", "./libs/a.whl", "../a", ".",
        "a @ https://example.com/a.whl", "a @ file:///etc/passwd", "-c /etc/passwd",
        "libs/a.whl", "a.whl", "a-1.0.tar.gz", "a --index-url https://example.com", "/srv/a",
        "a==1 --find-links=/srv", "a==1 ; x --index-url https://example.com # --hash=sha256:aa",
    ],
)  # fmt: skip
def test_addresses_paths_and_options_are_left_out(line: str) -> None:
    assert lines({"requirements.txt": f"{line}\nrequests\n"})[1] == ("requests",)


def test_what_a_script_declares_inside_itself_comes_before_all() -> None:
    files = {"jobs/a.py": INLINE, "requirements.txt": "other\n"}
    assert lines(files, "jobs/a.py") == ("jobs/a.py", ("requests<3", "rich"))
    assert lines(files)[0] == "requirements.txt"
    assert lines({"jobs/a.py": "import requests\n"}, "jobs/a.py") == ("", ())


def test_a_lock_of_pipenv_asks_for_what_its_pipfile_does() -> None:
    source = MemoryTree({"Pipfile.lock": PIPFILE_LOCK.encode(), "Pipfile": PIPFILE.encode()})
    assert find_requirements(source).names == ("requests", "rich", "pytest")


def test_a_lock_of_uv_is_left_to_uv_and_asks_for_what_the_project_does() -> None:
    source = MemoryTree({"pyproject.toml": PROJECT.encode(), "uv.lock": b"version = 1\n"})
    requirements = find_requirements(source)
    assert requirements.uv_lock == (PROJECT.encode(), b"version = 1\n")
    assert requirements.names == ("requests", "pytest", "hypothesis", "ruff")


def test_a_project_is_missing_where_our_python_has_it_not() -> None:
    names = Requirements("x", ("pytest>=8", "No-Such_Project==1", "pydantic")).names
    assert find_missing(names) == ("No-Such_Project",)
    assert find_missing(NOTHING.names) == ()
    assert "pytest" in sys.modules
