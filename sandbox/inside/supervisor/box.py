"""One job's tree and clock: every step has a fresh copy of the tree and a user of its own.

Belongs here: what comes before and after any step. Does not belong here: processes (`child`), and
what a step does (`syntax`, `lint`, `command`, `pytest_checks`, `screening`).
"""

from __future__ import annotations

import functools
import os
import time
from typing import TYPE_CHECKING

from .. import tree
from . import child, leftovers
from .outcome import OUTPUT_BYTES, Outcome
from .relay import Relay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BARE_BYTES = 4 << 20
_CLEAN_S = 20.0


class UncleanError(Exception):
    """A step left something that could not be removed; no later step would be fresh."""


class Box:
    """The tree as it came over the wire, and how long is left for all steps together."""

    def __init__(self, entries: list[tree.Entry], deadline: float) -> None:
        """`deadline` is on the monotonic clock."""
        self.deadline = deadline
        self._entries = entries
        self._contents: dict[str, bytes | memoryview] = {}
        self._steps = 0
        self._is_dirty = False

    def read(self, path: str) -> bytes | None:
        """A file's bytes as they came over the wire, whatever is on disk by now."""
        if not self._contents:
            self._contents = {entry.path: entry.content for entry in self._entries}
        content = self._contents.get(path)
        return None if content is None else bytes(content)

    def list_contents(self, files: Mapping[str, bytes]) -> dict[str, bytes | memoryview]:
        """What a step with these files finds in its tree, by whole path."""
        contents = {f"{tree.ROOT}/{entry.path}": entry.content for entry in self._entries}
        contents.update({f"{tree.ROOT}/{path}": content for path, content in files.items()})
        return contents

    def run(
        self,
        body: Callable[[], int],
        *,
        files: Mapping[str, bytes] | None = None,
        stdin: bytes = b"",
        channel_bytes: int = OUTPUT_BYTES,
        stdout_bytes: int = OUTPUT_BYTES,
        shares_channel: bool = False,
        linger_s: float = 0.0,
        relay: Relay | None = None,
    ) -> Outcome:
        """Runs one step in a fresh tree with `files` laid over it. See `child.run`."""
        if self._is_dirty:
            self._clean()
        overlay = [tree.Entry(path, False, data) for path, data in (files or {}).items()]
        self._steps += 1
        self._is_dirty = True
        return child.run(
            body,
            prepare=functools.partial(_write_tree, self._entries, overlay),
            uid=child.FIRST_UID + self._steps,
            deadline=self.deadline,
            stdin=stdin,
            channel_bytes=channel_bytes,
            stdout_bytes=stdout_bytes,
            shares_channel=shares_channel,
            linger_s=linger_s,
            relay=relay,
        )

    def run_after(self, body: Callable[[], int], channel_bytes: int) -> Outcome:
        """Runs trusted code at the rights of the step that was run last, where it left things."""
        return child.run(
            body,
            prepare=_do_nothing,
            uid=child.FIRST_UID + self._steps,
            deadline=time.monotonic() + _CLEAN_S,
            channel_bytes=channel_bytes,
        )

    def run_bare(self, body: Callable[[], int]) -> Outcome:
        """Runs trusted code that needs no tree on disk and leaves nothing there."""
        self._steps += 1
        return child.run(
            body,
            prepare=_do_nothing,
            uid=child.FIRST_UID + self._steps,
            deadline=self.deadline,
            channel_bytes=_BARE_BYTES,
        )

    def _clean(self) -> None:
        child.run(
            leftovers.remove_all,
            prepare=_do_nothing,
            uid=child.FIRST_UID + self._steps,
            deadline=time.monotonic() + _CLEAN_S,
        )
        if not leftovers.is_clean():
            raise UncleanError("a step left files that cannot be removed")
        self._is_dirty = False


def _do_nothing() -> None:
    pass


def _write_tree(entries: list[tree.Entry], overlay: list[tree.Entry]) -> None:
    tree.write(entries)
    tree.overlay(overlay)
    os.mkdir(child.ENVIRONMENT["HOME"], 0o700)
    os.makedirs(child.ENVIRONMENT["TMPDIR"], 0o700, exist_ok=True)
    os.chdir(tree.ROOT)
