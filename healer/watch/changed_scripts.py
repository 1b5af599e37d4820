"""Which watched scripts a move of the target branch has changed. Pure.

Belongs here: two listings in, the scripts to check out. Does not belong here: reading git
(`quarantine`), and the checks (`sandbox`). What healer itself has merged needs no check: it was
checked as exactly that tree.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Changed:
    """Scripts whose content is new on the target branch."""

    base: str
    """The commit that was looked at before; empty for the first look."""
    tip: str
    scripts: tuple[str, ...]


def changed(
    before: tuple[str, Mapping[str, str]] | None,
    after: tuple[str, Mapping[str, str]],
    is_watched: Callable[[str], bool],
) -> Changed:
    """What to check after a look at the target branch.

    Each look is (commit, {path: blob id}). The first look finds nothing: what was there before
    healer is not its news.
    """
    tip, files = after
    if before is None:
        return Changed("", tip, ())
    base, known = before
    if tip == base:
        return Changed(base, tip, ())
    scripts = sorted(
        path for path, blob in files.items() if known.get(path) != blob and is_watched(path)
    )
    return Changed(base, tip, tuple(scripts))
