"""What a project declares is read from every file in which projects declare it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.triage.modules import find_declared_modules, import_names

PYPROJECT = """
[project]
dependencies = ["requests>=2", "PyYAML ; python_version > '3.8'", "tool @ https://x.example/t.whl"]
[project.optional-dependencies]
s3 = ["boto3[crt]~=1.34"]
[dependency-groups]
dev = ["pytest", {include-group = "lint"}]
[tool.poetry.dependencies]
python = "^3.11"
pandas = "^2"
[tool.poetry.group.docs.dependencies]
sphinx = "*"
"""
REQUIREMENTS = """# what we need
-r other.txt
--index-url https://pypi.example/simple
scikit-learn==1.4 --hash=sha256:00
git+https://x.example/a.git
https://x.example/b.whl
./local
ruamel.yaml
Pillow  # pictures
"""


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        (
            "pyproject.toml",
            PYPROJECT,
            {"requests", "yaml", "tool", "boto3", "pytest", "pandas", "sphinx"},
        ),
        ("requirements.txt", REQUIREMENTS, {"sklearn", "ruamel_yaml", "PIL"}),
        ("requirements/prod.txt", "attrs", {"attr", "attrs"}),
        ("deploy/requirements-dev.in", "google-cloud-storage", {"google"}),
        ("setup.cfg", "[options]\ninstall_requires =\n    pyjwt\n", {"jwt"}),
        ("Pipfile", '[packages]\npython-dateutil = "*"\n', {"dateutil"}),
    ],
)
def test_declared_names_are_found(path: str, text: str, names: set[str]) -> None:
    found = find_declared_modules([path], {path: text.encode()}.get)
    assert names <= found
    assert not {"git", "https", "local", "other"} & found


@pytest.mark.parametrize("path", ["docs/a/b/requirements.txt", "notes.txt", "src/setup.cfg"])
def test_other_files_say_nothing(path: str) -> None:
    assert find_declared_modules([path], lambda _: b"requests") == frozenset()


def test_a_project_may_be_imported_as_it_is_written() -> None:
    assert "Flask_Login" in import_names("Flask-Login")
    assert "flask_login" in import_names("Flask-Login")


@given(st.sampled_from(["pyproject.toml", "setup.cfg", "Pipfile", "requirements.txt"]), st.binary())
def test_any_bytes_are_read(path: str, data: bytes) -> None:
    assert isinstance(find_declared_modules([path], lambda _: data), frozenset)
