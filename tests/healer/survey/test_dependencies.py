"""Where packages and the interpreter are declared."""

import pytest

from healer.survey.dependencies import find_dependencies
from healer.survey.facts import Dependencies
from tests.support.memory_tree import MemoryTree


@pytest.mark.parametrize(
    ("files", "names", "manager", "pythons"),
    [
        ({}, "", "", ()),
        ({"requirements.txt": "", "dev-requirements.txt": "", "requirements/base.in": "",
          "lib/requirements.txt": ""},
         "dev-requirements.txt requirements.txt requirements/base.in", "pip", ()),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.10"\n', "uv.lock": ""},
         "uv.lock pyproject.toml", "uv", (">=3.10 (pyproject.toml)",)),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.9"\n', "poetry.lock": ""},
         "poetry.lock pyproject.toml", "poetry", ("^3.9 (pyproject.toml)",)),
        ({"Pipfile": "", "runtime.txt": "python-3.11.4\n"}, "Pipfile", "pipenv",
         ("3.11.4 (runtime.txt)",)),
        ({"environment.yml": ""}, "environment.yml", "conda", ()),
        ({"setup.cfg": "[options]\npython_requires = >=3.8\n", ".python-version": "3.12\n"},
         "setup.cfg", "pip", (">=3.8 (setup.cfg)", "3.12 (.python-version)")),
        ({"setup.py": 'setup(python_requires=">=3.8, <4")\n'}, "setup.py", "pip",
         (">=3.8, <4 (setup.py)",)),
        ({"pyproject.toml": "project = 3\n[tool]\npoetry = 1\n"}, "pyproject.toml", "pip", ()),
        ({".python-version": "myenv\n", "pyproject.toml": b"\xff"}, "pyproject.toml", "pip", ()),
    ],
)  # fmt: skip
def test_files_manager_and_interpreters(
    files: dict[str, str], names: str, manager: str, pythons: tuple[str, ...]
) -> None:
    found = find_dependencies(MemoryTree(files))
    assert found == Dependencies(tuple(names.split()), manager, pythons)
