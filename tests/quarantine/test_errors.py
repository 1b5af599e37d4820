"""The family of errors is one, and its sentences end in what to do or what there is."""

import pytest

from quarantine import errors
from quarantine.errors import RepositoryError, UnsafePath, nearest


def test_every_error_of_the_module_is_of_the_family() -> None:
    members = [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and each.__module__ == errors.__name__
    ]
    assert len(members) >= 12
    assert all(issubclass(each, RepositoryError) for each in members)


def test_an_unsafe_path_is_shown_so_that_nothing_in_it_is_taken_for_text() -> None:
    error = UnsafePath("a\nb", "it is a folder")
    assert str(error) == "'a\\nb' cannot be changed by a repair: it is a folder."
    assert (error.path, error.why) == ("a\nb", "it is a folder")


@pytest.mark.parametrize(
    ("name", "candidates", "end"),
    [
        ("mian", ["main", "topic"], "did you mean 'main'?"),
        ("topik", ["topic", "topics", "main"], "did you mean 'topic' or 'topics'?"),
        ("xyz", ["main", "topic"], "there is 'main', 'topic'."),
        ("xyz", [], "there is none."),
        ("xyz", ["b", "a", "a"], "there is 'a', 'b'."),
        (
            "xyz",
            [f"n{n}" for n in range(9)],
            "there is 'n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7' …",
        ),
        (
            "xyz",
            [f"n{n}" for n in range(8)],
            "there is 'n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'.",
        ),
    ],
)
def test_a_sentence_ends_in_what_was_meant_or_what_there_is(
    name: str, candidates: list[str], end: str
) -> None:
    assert nearest(name, candidates) == end
