"""An import that nothing in the repository accounts for is told, and no other."""

import pytest

from quarantine.policy import Example
from quarantine.policy.rules.dependencies import new_dependencies
from tests.quarantine.policy.examples import is_refused, whats


@pytest.mark.parametrize(
    ("line", "top"),
    [
        ("import left_pad", "left_pad"),
        ("import left_pad.deep.down", "left_pad"),
        ("import left_pad as pad", "left_pad"),
        ("from left_pad import pad", "left_pad"),
        ("from left_pad.deep import pad as p", "left_pad"),
    ],
)
def test_an_import_that_nothing_declares_is_told_by_its_first_part(line: str, top: str) -> None:
    assert whats(new_dependencies, f"+ {line}") == [top]


@pytest.mark.parametrize(
    "line",
    ["import os", "import os.path", "from json import loads", "from __future__ import annotations",
     "from . import left_pad", "from .left_pad import pad", "import tomllib", "import _thread"],
)  # fmt: skip
def test_the_standard_library_and_neighbours_need_no_declaration(line: str) -> None:
    assert not is_refused(new_dependencies, f"+ {line}")


DECLARED = {
    "requirements.txt": "left-pad==1.0\n",
    "requirements.in": "left_pad\n",
    "requirements-dev.txt": "LEFT.PAD >= 2\n",
    "dev-requirements.txt": "left-pad[all]\n",
    "requirements/base.txt": "requests\nleft-pad\n",
    "pyproject.toml": '[project]\ndependencies = ["left-pad>=1"]\n',
    "setup.cfg": "[options]\ninstall_requires =\n    left_pad\n",
    "setup.py": 'setup(install_requires=["left-pad"])\n',
    "Pipfile": '[packages]\nleft-pad = "*"\n',
    "environment.yml": "dependencies:\n  - left-pad=1.0\n",
}


@pytest.mark.parametrize("path", DECLARED)
def test_a_declared_distribution_may_be_imported(path: str) -> None:
    example = Example("+ import left_pad", files={path: DECLARED[path]})
    assert not is_refused(new_dependencies, example)


@pytest.mark.parametrize(
    "text", ["left-padding\n", "my-left-pad\n", "leftpad\n", "left\n", "", "# nothing\n"]
)
def test_one_with_a_similar_name_declares_nothing(text: str) -> None:
    example = Example("+ import left_pad", files={"requirements.txt": text})
    assert is_refused(new_dependencies, example)


@pytest.mark.parametrize(
    ("name", "distribution"),
    [("yaml", "PyYAML"), ("PIL", "pillow"), ("bs4", "beautifulsoup4"), ("cv2", "opencv-python"),
     ("dateutil", "python_dateutil"), ("sklearn", "scikit-learn"), ("attr", "attrs"),
     ("git", "GitPython"), ("jwt", "PyJWT"), ("Crypto", "pycryptodome")],
)  # fmt: skip
def test_a_distribution_with_another_name_is_known(name: str, distribution: str) -> None:
    with_it = Example(f"+ import {name}", files={"requirements.txt": distribution + "\n"})
    without = Example(f"+ import {name}", files={"requirements.txt": "requests\n"})
    assert not is_refused(new_dependencies, with_it)
    assert is_refused(new_dependencies, without)


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("rates.py", False),
        ("rates/__init__.py", False),
        ("src/rates.py", False),
        ("lib/rates/__init__.py", False),
        ("scripts/rates.py", False),
        ("other/rates.py", True),
        ("rates.txt", True),
        ("rates/table.py", True),
    ],
)
def test_a_module_of_the_repository_may_be_imported_from_where_python_finds_it(
    path: str, refused: bool
) -> None:
    example = Example("+ import rates", path="scripts/job.py", files={path: "x = 1\n"})
    assert is_refused(new_dependencies, example) == refused


def test_a_package_may_import_itself_under_its_own_name() -> None:
    assert not is_refused(new_dependencies, Example("+ import rates", path="rates/table.py"))
    assert not is_refused(new_dependencies, Example("+ import rates", path="src/rates/table.py"))


def test_what_a_changed_file_imports_already_is_not_new() -> None:
    assert not is_refused(new_dependencies, "  import left_pad\n+ from left_pad import deep")


def test_what_only_another_file_imports_is_told() -> None:
    example = Example("+ import left_pad", files={"other.py": "import left_pad\n"})
    assert is_refused(new_dependencies, example)
