"""The nearest right name, for the "did you mean" of an error.

Belongs here: which name is near enough to be worth a guess. Does not belong here: the sentence
around it, which names the setting and the next step (the caller's).
"""

import difflib
from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that `name` may be a typo of; None where nothing is near enough."""
    close = difflib.get_close_matches(name, list(names), n=1)
    return close[0] if close else None
