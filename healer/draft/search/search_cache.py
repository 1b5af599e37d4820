"""What was searched already: a later round of a repair asks for the same search once more.

Belongs here: keeping the last searches in memory. After a restart a search is simply made again.
Does not belong here: what is done with a result (`drafter`).
"""

import hashlib

from healer.draft.search.search_facts import SearchResult
from sandbox.job import ScreenPlan

MOST_KEPT = 8
"""A search holds its survivors' texts: at most a few hundred, of the size of one file."""


class SearchCache:
    """The last searches that came to an end, by tree and plan."""

    def __init__(self) -> None:
        self._results: dict[str, SearchResult] = {}

    @staticmethod
    def key_of(tree: bytes, plan: ScreenPlan, base: str) -> str:
        """`base`: the commit, since its history gives variants too."""
        parts = (tree, plan.model_dump_json().encode(), base.encode())
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def get(self, key: str) -> SearchResult | None:
        return self._results.get(key)

    def keep(self, key: str, result: SearchResult) -> None:
        """One that a fault of the sandbox ended is not kept."""
        if result.fault is None:
            self._results[key] = result
            for oldest in list(self._results)[:-MOST_KEPT]:
                self._results.pop(oldest, None)
