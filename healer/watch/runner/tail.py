"""The last bytes of a stream."""

TAIL_BYTES = 64 * 1024


class Tail:
    """Keeps the last 64 KiB of what passes by."""

    def __init__(self, limit: int = TAIL_BYTES) -> None:
        self._limit = limit
        self._data = bytearray()
        self._cut = False

    def add(self, data: bytes) -> None:
        """Takes the next piece."""
        self._data += data
        if len(self._data) > 4 * self._limit:
            self._trim()

    def bytes(self) -> bytes:
        """The tail, from the beginning of a line on where it had to be cut.

        A tail that is one single line keeps its end.
        """
        self._trim()
        data = bytes(self._data)
        newline = data.find(b"\n", 0, -1) if self._cut else -1
        return data[newline + 1 :]

    def text(self) -> str:
        return self.bytes().decode("utf-8", "replace")

    def _trim(self) -> None:
        if len(self._data) > self._limit:
            del self._data[: -self._limit]
            self._cut = True
