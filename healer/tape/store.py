"""Where tapes lie: one file for each, for its owner alone, until its incident is over.

Belongs here: writing, reading and removing them. Does not belong here: what is on them (`facts`).

    tapes/ID.tape           of a failure, by its record's id
    good/SCRIPT/NAME.tape   of a good night, beside its record
"""

import zlib
from collections.abc import Callable, Container
from contextlib import suppress
from pathlib import Path

from healer.support.atomic_file import write_atomically
from healer.tape.facts import Tape, from_json, to_json

FOLDER, END = "tapes", ".tape"
KEPT = 200
"""Tapes of failures that nobody waits for; the oldest give way."""
_NO_TAPE = (ValueError, TypeError, KeyError, AttributeError, RecursionError, zlib.error)
MAX_BYTES = 512 << 20
"""Of one tape when it is read; what is larger is none of ours."""


def tape_path(state_dir: Path, record_id: str) -> Path:
    """Where the tape of a failure is, or would be."""
    return state_dir / FOLDER / f"{record_id}{END}"


def write_tape(path: Path, tape: Tape) -> None:
    """Writes it whole or not at all; raises OSError where the disk refuses."""
    write_atomically(path, _pack(tape))


def keep_tape(
    state_dir: Path, record_id: str, tape: Tape, open_ids: Callable[[], Container[str]] = frozenset
) -> None:
    """Keeps the tape of a failure. `open_ids` gives, where some have to go, the records whose tapes
    stay however old they are."""
    keep_packed(state_dir, record_id, _pack(tape), open_ids)


def keep_packed(
    state_dir: Path, record_id: str, data: bytes, open_ids: Callable[[], Container[str]] = frozenset
) -> None:
    """The same for a tape as it lies on disk, here or on another machine."""
    path = tape_path(state_dir, record_id)
    write_atomically(path, data)
    paths = sorted(path.parent.glob(f"*{END}"))
    if len(paths) > KEPT:
        ids = open_ids()
        for oldest in [each for each in paths if each.stem not in ids][:-KEPT]:
            oldest.unlink(missing_ok=True)


def read_tape(path: Path) -> Tape | None:
    """The tape; None where there is none, or none that can be read."""
    with suppress(OSError, *_NO_TAPE):
        return from_json(zlib.decompressobj().decompress(path.read_bytes(), MAX_BYTES))
    return None


def _pack(tape: Tape) -> bytes:
    return zlib.compress(to_json(tape).encode("ascii"), 1)
