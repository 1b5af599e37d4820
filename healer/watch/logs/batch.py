"""From the tracebacks that one scan finds to failures: one for each fingerprint, with a count.

Belongs here: making a redacted failure of a block of lines, and counting its like. Does not belong
here: finding blocks in files (`file`), and when failures are kept (`follow`).
"""

import re
import time
from collections.abc import Iterable
from pathlib import Path

from healer.failure import Failure, chain_of
from healer.failure.blocks import Block
from healer.failure.fingerprint import normalise
from healer.failure.lines import EXCEPTION
from healer.redact import Redactor
from healer.watch.record import format_timestamp, new_id
from healer.watch.report import MAX_TEXT, new_log_failure

MAX_KNOWN = 4_096
_STATUS = re.compile(r"\[\w+ -?\d+\]|\b[1-5]\d\d\b")


class BlockReader:
    """Makes failures of blocks; of a storm of one traceback, the first is parsed."""

    def __init__(self, root: Path, redactor: Redactor) -> None:
        """`root` is the repository's: files below it are the user's own."""
        self._root = root
        self._redactor = redactor
        self._fingerprints: dict[tuple[str, ...], str] = {}

    def read(self, block: Block, path: str) -> Failure:
        """The failure that a block of lines of the log `path` tells, without secrets."""
        lines = tuple(self._redactor.text("\n".join(block.lines)).split("\n"))
        chain = chain_of(Block(lines), str(self._root))
        text = f"{path}:\n" + "\n".join(lines)
        return new_log_failure(
            chain, format_timestamp(time.time()), text=text[-MAX_TEXT:], record_id=new_id()
        )

    def known_fingerprint(self, key: tuple[str, ...]) -> str | None:
        """The fingerprint of blocks with this key, if one was read."""
        return self._fingerprints.get(key)

    def remember(self, key: tuple[str, ...], fingerprint: str) -> None:
        """Blocks with this key need not be read again."""
        if len(self._fingerprints) >= MAX_KNOWN:
            self._fingerprints.clear()
        self._fingerprints[key] = fingerprint


class Batch:
    """What one scan finds."""

    def __init__(self, reader: BlockReader) -> None:
        self._reader = reader
        self._first: dict[str, Failure] = {}
        self._counts: dict[str, int] = {}

    def add(self, blocks: Iterable[Block], path: str) -> None:
        """Counts the tracebacks among these blocks; one that the program caught is none."""
        for block in blocks:
            if block.swallowed:
                continue
            key = _key(block)
            fingerprint = self._reader.known_fingerprint(key)
            if fingerprint is None or fingerprint not in self._first:
                failure = self._reader.read(block, path)
                if not failure.chain:
                    continue
                fingerprint = failure.fingerprint
                self._reader.remember(key, fingerprint)
                self._first.setdefault(fingerprint, failure)
            self._counts[fingerprint] = self._counts.get(fingerprint, 0) + 1

    def failures(self) -> list[Failure]:
        """One failure for each fingerprint, in the order in which they came first."""
        return [
            failure.model_copy(update={"count": self._counts[fingerprint]})
            for fingerprint, failure in self._first.items()
        ]


def _key(block: Block) -> tuple[str, ...]:
    """What tells blocks apart before they are parsed: frames, and exceptions without their data.

    Blocks with one key have one fingerprint, so that a storm is parsed once.
    """
    return tuple(
        line if line.startswith("  ") else _exception_key(line)
        for line in block.lines
        if line and (line.startswith(("  ", "T", "D")) or EXCEPTION.match(line))
    )


def _exception_key(line: str) -> str:
    return normalise(line[:200]) + "".join(_STATUS.findall(line[:200]))
