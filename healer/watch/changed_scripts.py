"""Which watched scripts a move of the target branch has changed. Pure.

Belongs here: two listings in, the scripts to check out. Does not belong here: reading git
(`quarantine`), and the checks (`sandbox`). What healer itself has merged needs no check: it was
checked as exactly that tree.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Listing(NamedTuple):
    """The files of one commit."""

    commit: str
    blobs: Mapping[str, str]
    """{path: blob id}"""


@dataclass(frozen=True)
class ChangedScripts:
    """Scripts whose content is new on the target branch."""

    base: str
    """The commit that was looked at before; empty for the first look."""
    tip: str
    scripts: tuple[str, ...]


def find_changed(
    before: Listing | None, after: Listing, is_watched: Callable[[str], bool]
) -> ChangedScripts:
    """What to check after a look at the target branch.

    The first look finds nothing: what was there before healer is not its news.
    """
    if before is None:
        return ChangedScripts("", after.commit, ())
    if after.commit == before.commit:
        return ChangedScripts(before.commit, after.commit, ())
    scripts = sorted(
        path
        for path, blob in after.blobs.items()
        if before.blobs.get(path) != blob and is_watched(path)
    )
    return ChangedScripts(before.commit, after.commit, tuple(scripts))
