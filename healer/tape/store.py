"""Where tapes lie: one file for each, for its owner alone, until its incident is over.

Belongs here: writing, reading and removing them. Does not belong here: what is on them (`facts`).

    tapes/ID.tape           of a failure, by its record's id
    good/SCRIPT/NAME.tape   of a good night, beside its record
"""

import zlib
from contextlib import suppress
from pathlib import Path

from healer.support.atomic_file import write_atomically
from healer.tape.facts import Tape, from_json, to_json

FOLDER, END = "tapes", ".tape"
KEPT = 200
"""Tapes of failures; the oldest give way."""
_NO_TAPE = (ValueError, TypeError, KeyError, AttributeError, RecursionError, zlib.error)
MAX_BYTES = 512 << 20
"""Of one tape when it is read; what is larger is none of ours."""


def tape_path(state_dir: Path, record_id: str) -> Path:
    """Where the tape of a failure is, or would be."""
    return state_dir / FOLDER / f"{record_id}{END}"


def write_tape(path: Path, tape: Tape) -> None:
    """Writes it whole or not at all; raises OSError where the disk refuses."""
    write_atomically(path, _pack(tape))


def keep_tape(state_dir: Path, record_id: str, tape: Tape) -> None:
    """Keeps the tape of a failure."""
    keep_packed(state_dir, record_id, _pack(tape))


def keep_packed(state_dir: Path, record_id: str, data: bytes) -> None:
    """The same for a tape as it lies on disk, here or on another machine."""
    path = tape_path(state_dir, record_id)
    write_atomically(path, data)
    names = sorted(path.parent.glob(f"*{END}"))
    for oldest in names[:-KEPT]:
        oldest.unlink(missing_ok=True)


def read_tape(path: Path) -> Tape | None:
    """The tape; None where there is none, or none that can be read."""
    with suppress(OSError, *_NO_TAPE):
        return from_json(zlib.decompressobj().decompress(path.read_bytes(), MAX_BYTES))
    return None


def _pack(tape: Tape) -> bytes:
    return zlib.compress(to_json(tape).encode("ascii"), 1)
