"""The tapes of a few runs that ended well: which are kept, where, and reading them back.

Belongs here: whether one more is worth its time, which give way, and when they expire. Does not
belong here: how a tape is written (`store`). `healer run` loads this after each run, so what only a
run that is kept needs is imported where it is used.

    good/SCRIPT/MOMENT-COMMAND-SHAPE.tape   all in hexadecimal digits, so that names sort by age
"""

import os
import time
from pathlib import Path
from zlib import crc32

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from healer.tape.facts import Tape

KEPT = 5
"""Tapes of a script, where `[capture] good_nights` says nothing else."""
MAX_BYTES = 64 << 20
"""Of all good nights of one script on disk."""
EXPIRY_S = 90 * 86_400.0
DUE_S = 20 * 3_600.0
"""A command whose newest tape is younger is not recorded again: one for each night is enough."""
PAUSE_S = 60.0
"""Nor is any command of a script that often, once there are as many tapes as are kept."""


def find_folder(state_dir: Path, script: str) -> Path:
    """Where the good nights of a script lie."""
    return state_dir / "good" / script.replace("/", "%")


def is_due(state_dir: Path, script: str, argv: "Sequence[str]", most: int = KEPT) -> bool:
    """Whether a run that just ended well is worth a tape. Costs the listing of one folder."""
    if most <= 0 or not script:
        return False
    names = _list_names(find_folder(state_dir, script))
    if len(names) < most:
        return True
    command = _hash_command(argv)
    now = time.time()
    ages = [now - _read_moment(name) for name in names]
    same = [age for age, name in zip(ages, names, strict=True) if name.split("-")[1:2] == [command]]
    return min(ages) > PAUSE_S and min(same, default=DUE_S) >= DUE_S


def keep_good_night(state_dir: Path, tape: "Tape", most: int = KEPT) -> None:
    """Keeps the tape; of those too many, too large or too old, those give way of whose kind there
    are most, the oldest first. Raises OSError where the disk refuses."""
    from healer.tape.store import END, write_tape

    folder = find_folder(state_dir, tape.script)
    moment = f"{int(tape.started_at * 1000):012x}"
    write_tape(folder / f"{moment}-{_hash_command(tape.argv)}-{_hash_shape(tape)}{END}", tape)
    for name in list(_choose_surplus(folder, most)):
        (folder / name).unlink(missing_ok=True)


def read_good_nights(state_dir: Path, script: str) -> "tuple[Tape, ...]":
    """The good nights of a script, newest first; a file that is no tape is left out."""
    from healer.tape.store import read_tape

    folder = find_folder(state_dir, script)
    tapes = (read_tape(folder / name) for name in reversed(_list_names(folder)))
    return tuple(tape for tape in tapes if tape is not None)


def _list_names(folder: Path) -> list[str]:
    """Oldest first; what has expired is no more."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".tape"))
    except OSError:
        return []
    return [name for name in names if time.time() - _read_moment(name) < EXPIRY_S]


def _read_moment(name: str) -> float:
    try:
        return int(name.partition("-")[0], 16) / 1000
    except ValueError:
        return 0.0


def _choose_surplus(folder: Path, most: int) -> "Iterator[str]":
    """Names of what is to be removed."""
    names = _list_names(folder)
    yield from (each.name for each in folder.glob("*.tape") if each.name not in names)
    sizes = {name: (folder / name).stat().st_size for name in names}
    while len(names) > 1 and (len(names) > most or sum(map(sizes.__getitem__, names)) > MAX_BYTES):
        kinds = [name.rpartition("-")[2] for name in names]
        name = max(
            names, key=lambda each: kinds.count(each.rpartition("-")[2])
        )  # the first: oldest
        names.remove(name)
        yield name


def _hash_command(argv: "Sequence[str]") -> str:
    return f"{crc32(repr(tuple(argv)).encode('utf-8', 'replace')):08x}"


def _hash_shape(tape: "Tape") -> str:
    """What the run asked and did, but for values: runs that differ here tell more than those that
    do not."""
    requests = sorted(
        {
            (connection.host, each.method, each.target.partition("?")[0], each.status)
            for connection in tape.connections
            for each in connection.exchanges
        }
    )
    files = sorted(file.path for file in tape.files)
    results = sorted((file.path, file.size < 0, file.size == 0) for file in tape.written)
    shape = (requests, files, sorted(tape.absent), results, sorted(tape.programs))
    return f"{crc32(repr(shape).encode('utf-8', 'replace')):08x}"
