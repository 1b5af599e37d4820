"""A search is made once for a tree, a plan and a commit; a broken one does not count."""

import pytest

from healer.draft.search.search_cache import MOST_KEPT, SearchCache
from healer.draft.search.search_facts import SearchResult
from sandbox import Fault, FaultKind
from sandbox.job import ScreenPlan

PLAN = ScreenPlan(failing=("t",))


def test_what_is_kept_is_found_again() -> None:
    cache, result = SearchCache(), SearchResult(tried=3)
    key = cache.key_of(b"tree", PLAN, "base")
    assert cache.get(key) is None
    cache.keep(key, result)
    assert cache.get(key) is result


@pytest.mark.parametrize(
    "other", [(b"other", PLAN, "base"), (b"tree", ScreenPlan(), "base"), (b"tree", PLAN, "other")]
)
def test_another_tree_plan_or_commit_is_another_search(
    other: tuple[bytes, ScreenPlan, str],
) -> None:
    assert SearchCache.key_of(b"tree", PLAN, "base") != SearchCache.key_of(*other)


def test_a_search_that_the_sandbox_could_not_run_is_made_again() -> None:
    cache = SearchCache()
    fault = Fault(kind=FaultKind.ENGINE, message="away")
    cache.keep("k", SearchResult(fault=fault))
    assert cache.get("k") is None


def test_the_oldest_is_forgotten_first() -> None:
    cache = SearchCache()
    for number in range(MOST_KEPT + 2):
        cache.keep(str(number), SearchResult())
    assert [cache.get(str(n)) is not None for n in range(4)] == [False, False, True, True]
