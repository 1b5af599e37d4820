"""A comment that silences a check is shown to a person; one that explains something is not."""

import pytest

from quarantine.policy.rules.comments import suppressions
from tests.quarantine.policy.examples import is_refused, whats

SILENCING = {
    "# noqa": "noqa",
    "# noqa: E501": "noqa",
    "# NOQA": "noqa",
    "# type: ignore": "type: ignore",
    "# type:ignore[arg-type]": "type:ignore",
    "# nosec": "nosec",
    "# nosemgrep": "nosemgrep",
    "# pragma: no cover": "pragma: no cover",
    "# pragma: no branch": "pragma: no branch",
    "# pylint: disable=all": "pylint:",
    "# pyright: ignore": "pyright:",
    "# mypy: ignore-errors": "mypy:",
    "# pyre-fixme": "pyre-",
    "# flake8: noqa": "flake8:",
    "# ruff: noqa": "ruff:",
    "# fmt: off": "fmt: off",
    "# fmt: skip": "fmt: skip",
    "# isort: skip": "isort:",
    "# yapf: disable": "yapf:",
    "# pytype: disable": "pytype:",
    "# noinspection PyBroadException": "noinspection",
    "# coverage: ignore": "coverage:",
    "# bandit: skip": "bandit:",
    "# healer: ignore": "healer:",
}
HARMLESS = [
    "# no quality is lost here",
    "# a pragma of sqlite",
    "# formatted: off the record",
    "# mypy found this",
    "# see ruff's documentation",
    "# fmt: on",
    "# TODO: remove",
]


@pytest.mark.parametrize("comment", SILENCING)
def test_a_comment_that_silences_a_check_is_named(comment: str) -> None:
    assert SILENCING[comment] in whats(suppressions, f"+ x = 1  {comment}")


@pytest.mark.parametrize("comment", HARMLESS)
def test_other_comments_are_not(comment: str) -> None:
    assert not is_refused(suppressions, f"+ x = 1  {comment}")


@pytest.mark.parametrize("comment", ["# the type: ignored rows are dropped", "# nosecond"])
def test_where_a_word_begins_like_one_a_person_looks(comment: str) -> None:
    assert is_refused(suppressions, f"+ x = 1  {comment}")


def test_the_same_words_in_a_string_silence_nothing() -> None:
    assert not is_refused(suppressions, "+ x = '# noqa'")


def test_one_that_moves_to_another_line_is_not_new() -> None:
    assert not is_refused(suppressions, "- x = 1  # noqa\n+ y = 2\n+ x = 1  # noqa")


def test_one_more_of_the_same_is_new() -> None:
    assert is_refused(suppressions, "  x = 1  # noqa\n+ y = 2  # noqa")


def test_one_that_is_taken_away_is_welcome() -> None:
    assert not is_refused(suppressions, "- x = 1  # noqa\n+ x = 1")


def test_a_text_that_ends_in_the_middle_is_looked_at_as_far_as_it_goes() -> None:
    assert is_refused(suppressions, "+ x = 1  # noqa\n+ y = (")
