"""Which ignores have their reason beside them."""

import pytest

from scripts.checks.ignores import find_unexplained, find_unexplained_settings
from scripts.checks.sources import Source


def unexplained(text: str) -> list[int]:
    return [problem.line for problem in find_unexplained(Source("house/judge.py", text))]


@pytest.mark.parametrize(
    "line",
    [
        "import os  # noqa: F401",
        "import os  # noqa",
        "import os  # noqa: F401, E402",
        "import os  # noqa: F401 -",
        "x = f()  # type: ignore[arg-type]",
        "x = f()  # type: ignore",
        "x = f()  # type: ignore[arg-type]  # noqa: S101",
        "# fmt: off",
        "def f(): ...  # pragma: no cover",
        'text = "a"  # noqa: S105 #',
    ],
)
def test_an_ignore_without_words_is_refused(line: str) -> None:
    assert unexplained(line + "\n") == [1]


@pytest.mark.parametrize(
    "line",
    [
        "import os  # noqa: F401 - the plugin looks for it",
        "import os  # noqa: F401 the plugin looks for it",
        "x = f()  # type: ignore[arg-type]  # the stub is older than the library",
        "# the plugin looks for it\nimport os  # noqa: F401",
        "x = 'a # noqa: F401'",
        "x = 1  # what noqa means",
        "x = 1  # a comment",
    ],
)
def test_a_reason_beside_it_or_above_it_is_enough(line: str) -> None:
    assert unexplained(line + "\n") == []


@pytest.mark.parametrize(
    "above",
    ["x = 1  # about x\n", "import sys  # noqa: F401 - its own reason\n", "\n", "# noqa: F401\n"],
)
def test_a_comment_that_belongs_to_another_line_is_no_reason(above: str) -> None:
    assert 2 in unexplained(f"{above}import os  # noqa: F401\n")


def test_settings_are_read_as_they_stand() -> None:
    assert all(problem.path == "pyproject.toml" for problem in find_unexplained_settings())
