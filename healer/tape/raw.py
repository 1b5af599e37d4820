"""The notes of a job's Pythons, read back from the memory that they share.

Belongs here: from bytes to records, whatever a crash left of them. Does not belong here: writing
them (`healer.watch.hook.healer_hook_tape`), and what they mean (`healer.tape.make`).
"""

import ast
import mmap
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MAGIC = b"\xfeT"
_HEAD_BYTES = 23
_STUMBLED = "X"


@dataclass(frozen=True)
class Record:
    """One note."""

    kind: str
    """`P` process, `f` file, `a` absent, `S` secret file, `L` large file, `l` listing, `w` opened
    for writing, `d` folder made, `x` program, `y` what it said, `b` connection to a database, `q` a
    statement, `n` name, `o` connection begun, `C` it stands, `t` TLS on a connection, `m` TLS over
    memory, `s` sent, `r` received, `c` the other side ended, `e` error, `k` no more is kept of a
    direction, `g` a library that cannot be heard, `h` what chance began
    with, `F` full, `X` the recorder stumbled."""
    pid: int
    number: int
    """Of the conversation in that process; 0: none."""
    time_ns: int
    data: bytes

    def fact(self) -> Any:
        """What stands on its first line. Raises ValueError for any other text."""
        line = self.data.partition(b"\n")[0]
        try:
            return ast.literal_eval(line.decode("ascii"))
        except (SyntaxError, RecursionError, MemoryError, TypeError) as error:
            raise ValueError("no fact") from error

    def rest(self) -> bytes:
        """What stands after it."""
        return self.data.partition(b"\n")[2]


def read_records(handle: int) -> Iterator[Record]:
    """The records in a tape's memory, in order. Bytes that are none become a record that the
    recorder stumbled, and so does the mark of a note that could not be written."""
    status = os.fstat(handle)
    size = status.st_size
    if status.st_mode & stat.S_ISVTX:  # `healer_hook_tape.NOT_WHOLE`
        yield Record(_STUMBLED, 0, 0, 0, b"")
    if size == 0:
        return
    with mmap.mmap(handle, size, prot=mmap.PROT_READ) as memory:
        yield from parse_records(memory)


def parse_records(memory: "mmap.mmap | bytes") -> Iterator[Record]:
    """The same from bytes. In place of a record that a kill cut short one says so."""
    position, end = 0, len(memory)
    while position < end:
        head = memory[position : position + _HEAD_BYTES]
        length = int.from_bytes(head[19:23], "big")
        begins = head[:2] == MAGIC and position + _HEAD_BYTES + length <= end
        after = position + _HEAD_BYTES + length
        follows = memory[after : after + 2] if begins else b""
        if len(head) < _HEAD_BYTES or not begins or not MAGIC.startswith(follows):
            yield Record(_STUMBLED, 0, 0, 0, b"")
            position = memory.find(MAGIC, position + 1)
            if position < 0:
                return
            continue
        start = position + _HEAD_BYTES
        yield Record(
            kind=chr(head[2]),
            pid=int.from_bytes(head[3:7], "big"),
            number=int.from_bytes(head[7:11], "big"),
            time_ns=int.from_bytes(head[11:19], "big"),
            data=bytes(memory[start : start + length]),
        )
        position = start + length
