"""Which plugin is missing is told from pytest's own error, and from no other text."""

import pytest

from healer.judge.missing_plugins import explain_missing_plugin

USAGE = "ERROR: usage: python -m pytest [options] [file_or_dir]\n"


@pytest.mark.parametrize(
    ("stderr", "sentence"),
    [
        (
            f"{USAGE}__main__.py: error: unrecognized arguments: --reuse-db -x\n",
            "the image lacks pytest-django that has the option --reuse-db",
        ),
        (
            f"{USAGE}__main__.py: error: unrecognized arguments: --timeout=30\n",
            "the image lacks pytest-timeout that has the option --timeout=30",
        ),
        (
            f"{USAGE}__main__.py: error: unrecognized arguments: --our-own\n",
            "the image lacks the pytest plugin that has the option --our-own",
        ),
        (
            "ERROR: Missing required plugins: pytest-mock>=3, pytest-x\n",
            "the image lacks pytest-mock>=3, pytest-x, which the project requires",
        ),
        ("ImportError while loading conftest '/job/tree/conftest.py'.\n", ""),
        ("", ""),
    ],
)
def test_the_plugin_of_an_option_that_pytest_does_not_know_is_named(
    stderr: str, sentence: str
) -> None:
    assert explain_missing_plugin(stderr) == sentence
