"""Where a repository declares its packages and its interpreter.

Belongs here: names of files and what they say of the manager and of Python's version. Does not
belong here: installing anything (`sandbox`).
"""

import re

from healer.support.tree_text import read_text
from healer.survey.facts import Dependencies
from quarantine.project_tests import Listed
from quarantine.pytest_settings import toml_value

_MANAGERS = (
    ("uv.lock", "uv"), ("poetry.lock", "poetry"), ("pdm.lock", "pdm"), ("Pipfile.lock", "pipenv"),
    ("Pipfile", "pipenv"), ("environment.yml", "conda"), ("environment.yaml", "conda"),
)  # fmt: skip
"""A lock file tells its manager surely; the first that is there."""
_REQUIREMENTS = re.compile(
    r"^(requirements/)?[\w.-]*requirements[\w.-]*\.(txt|in)$|^requirements/[\w.-]+\.(txt|in)$"
)
_PACKAGE_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
_VERSION = re.compile(r"[<>=!~^\d][\w.*,<>=!~^ ]*$")


def find_dependencies(tree: Listed) -> Dependencies:
    """Of the root's files alone: what lies deeper belongs to something else."""
    paths = frozenset(tree.paths())
    locks = [name for name, _ in _MANAGERS if name in paths]
    requirements = sorted(path for path in paths if _REQUIREMENTS.match(path))
    files = (*locks, *requirements, *(name for name in _PACKAGE_FILES if name in paths))
    manager = next((manager for name, manager in _MANAGERS if name in paths), "")
    return Dependencies(
        files=files,
        manager=manager or ("pip" if files else ""),
        pythons=tuple(_find_pythons(tree)),
    )


def _find_pythons(tree: Listed) -> list[str]:
    texts: list[tuple[object, str]] = []
    project = tree.read("pyproject.toml")
    for key in ("project.requires-python", "tool.poetry.dependencies.python"):
        texts.append((toml_value(project, key), "pyproject.toml"))
    setup = read_text(tree, "setup.cfg") + read_text(tree, "setup.py")
    match = re.search(r"""python_requires\s*=\s*["']?([^"'\n]+)""", setup)
    texts.append(
        (match and match[1].strip(), "setup.cfg" if "setup.cfg" in tree.paths() else "setup.py")
    )
    texts.append((read_text(tree, ".python-version").partition("\n")[0].strip(), ".python-version"))
    texts.append((read_text(tree, "runtime.txt").strip().removeprefix("python-"), "runtime.txt"))
    return [f"{text} ({place})" for text, place in texts
            if isinstance(text, str) and _VERSION.match(text)]  # fmt: skip
