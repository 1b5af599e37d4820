"""A task needs only its tree, its plan and its files; a result of nothing claims nothing."""

import pytest

from healer.draft.search.search_facts import SearchResult, SearchTask
from sandbox.job import ScreenPlan


def test_without_clues_nothing_is_known_of_the_fault() -> None:
    task = SearchTask(b"", ScreenPlan(), {})
    assert (task.trace, task.changed, dict(task.finished)) == (None, frozenset(), {})


def test_a_task_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        SearchTask(b"", ScreenPlan(), {}).tree = b"other"  # type: ignore[misc]  # that is the test


def test_a_search_that_did_nothing_is_not_complete_and_no_fault() -> None:
    result = SearchResult()
    assert (result.complete, result.untested, result.fault, result.survivors) == (
        False, False, None, []
    )  # fmt: skip
