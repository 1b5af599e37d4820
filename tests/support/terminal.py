"""A terminal in memory: what is written to it is read at once, so that no writer ever waits."""

import os
import pty
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Screen:
    """What appeared, once the terminal is closed."""

    def __init__(self) -> None:
        self._data = b""

    def read_from(self, master: int) -> None:
        while True:
            try:
                self._data += os.read(master, 1 << 16)
            except OSError:  # its other end was closed
                return

    @property
    def text(self) -> str:
        """Without colours and what moves the cursor."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", self._data.decode(errors="replace"))


@contextmanager
def open_terminal() -> Iterator[tuple[TextIO, Screen]]:
    """A stream that is a terminal, and its screen, which is whole after the block."""
    master, slave = pty.openpty()
    screen = Screen()
    reader = threading.Thread(target=screen.read_from, args=(master,))
    reader.start()
    try:
        with os.fdopen(slave, "w") as stream:
            yield stream, screen
    finally:
        reader.join(60)
        os.close(master)
