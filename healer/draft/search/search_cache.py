"""What was searched already: a later round of a repair asks for the same search once more.

Belongs here: keeping the last searches in memory. After a restart a search is simply made again.
"""

import hashlib

from healer.draft.search.engine import Search
from sandbox.job import ScreenPlan

MOST_KEPT = 8
"""A search holds its survivors' texts: at most a few hundred, of the size of one file."""


class Searches:
    """The last searches that came to an end, by tree and plan."""

    def __init__(self) -> None:
        self._known: dict[str, Search] = {}

    @staticmethod
    def key(tree: bytes, plan: ScreenPlan, base: str) -> str:
        """`base`: the commit, since its history gives candidates too."""
        return hashlib.sha256(
            b"\0".join((tree, plan.model_dump_json().encode(), base.encode()))
        ).hexdigest()

    def get(self, key: str) -> Search | None:
        return self._known.get(key)

    def keep(self, key: str, search: Search) -> None:
        """One that a fault of the sandbox ended is not kept."""
        if search.fault is None:
            self._known[key] = search
            for oldest in list(self._known)[:-MOST_KEPT]:
                self._known.pop(oldest, None)
