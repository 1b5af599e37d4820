"""A file as text: decoded, changed in some places, and encoded as it was.

Belongs here: encoding (PEP 263 cookie, byte order mark), line endings, the final newline. Does
not belong here: where a change goes (`locate`, `symbols`).
"""

import codecs
import io
import tokenize
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from healer.draft.edits.errors import EditRefused


class Replacement(NamedTuple):
    """Characters `start` to `end` of `TextFile.text` become `text`; all line ends are `\\n`."""

    start: int
    end: int
    text: str


class TextFile:
    """One file's text with `\\n` line ends, and all that is needed to write it back as it was."""

    def __init__(self, path: str, data: bytes) -> None:
        """Raises EditRefused where the bytes are no text or cannot be written back unchanged."""
        self.path = path
        self.encoding = _detect_encoding(path, data)
        try:
            raw = data.decode(self.encoding)
            is_lossless = raw.encode(self.encoding) == data
        except (LookupError, ValueError) as error:
            raise EditRefused(f"{path} is no {self.encoding} text and cannot be edited") from error
        if not is_lossless or "\0" in raw:
            raise EditRefused(f"{path} is a binary file and cannot be edited")
        self._lines = _split_lines(raw)
        self.text = "".join(line + ("\n" if end else "") for line, end in self._lines)
        endings = Counter(end for _, end in self._lines if end)
        self._ending = endings.most_common(1)[0][0] if endings else "\n"
        self._starts = list(accumulate((len(line) + 1 for line, _ in self._lines), initial=0))

    def replace(self, changes: Sequence[Replacement]) -> bytes:
        """The file's bytes with these non-overlapping changes, all else byte for byte the same."""
        pieces: list[str] = []
        position = 0
        for change in sorted(changes):
            pieces.append(self._raw(position, change.start))
            pieces.append(change.text.replace("\n", self._ending_at(change.start)))
            position = change.end
        text = "".join([*pieces, self._raw(position, len(self.text))])
        return self._encode(self._with_final_newline_as_before(text))

    def rewrite(self, text: str) -> bytes:
        """The bytes of a new text for the whole file, in this file's encoding and line ends."""
        return self.replace([Replacement(0, len(self.text), text)])

    def _raw(self, start: int, end: int) -> str:
        """Characters `start` to `end` of `text` with their own line ends."""
        pieces: list[str] = []
        index = bisect_right(self._starts, start) - 1
        while start < end:
            line, ending = self._lines[index]
            column = start - self._starts[index]
            upto = min(end, self._starts[index + 1]) - self._starts[index]
            pieces.append(line[column:upto])
            if upto > len(line):
                pieces.append(ending)
            start = self._starts[index] + upto
            index += 1
        return "".join(pieces)

    def _ending_at(self, position: int) -> str:
        index = min(bisect_right(self._starts, position) - 1, len(self._lines) - 1)
        return self._lines[index][1] or self._ending

    def _with_final_newline_as_before(self, text: str) -> str:
        before, after = self.text.endswith("\n"), text.endswith(("\n", "\r"))
        if not self.text or not text or before == after:
            return text
        return text + self._ending if before else text.rstrip("\r\n")

    def _encode(self, text: str) -> bytes:
        try:
            data = text.encode(self.encoding)
        except UnicodeError as error:
            raise EditRefused(
                f"{self.path} is encoded as {self.encoding}, which cannot hold all characters of "
                f"the new text; write them as escapes"
            ) from error
        if _detect_encoding(self.path, data) != self.encoding:
            raise EditRefused(
                f"the edit changes the encoding that {self.path} declares ({self.encoding}); "
                f"leave its first two lines as they are"
            )
        return data


def encode_new_file(path: str, text: str) -> bytes:
    """The bytes of a file that did not exist: UTF-8, `\\n` line ends, a final newline."""
    whole = text if not text or text.endswith("\n") else text + "\n"
    try:
        return whole.encode()
    except UnicodeError as error:
        raise EditRefused(
            f"the content of {path} is no text: it holds half of a surrogate pair"
        ) from error


def to_unix_ends(text: str) -> str:
    """The text with every line end as `\\n`."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _detect_encoding(path: str, data: bytes) -> str:
    """`utf-8-sig` where there is a byte order mark; for Python also what the cookie says."""
    if not path.endswith((".py", ".pyi", ".pyw")):
        return "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except (SyntaxError, ValueError, LookupError) as error:
        raise EditRefused(f"the encoding that {path} declares is unknown: {error}") from error


def _split_lines(raw: str) -> list[tuple[str, str]]:
    """Lines with their ends; the last has none (it may be empty). Only \\n, \\r\\n, \\r end one."""
    lines: list[tuple[str, str]] = []
    for chunk in raw.split("\n"):
        *earlier, last = chunk.split("\r")
        lines += [(old, "\r") for old in earlier]
        lines.append((last, "\n"))
    lines[-1] = (lines[-1][0], "")
    return _join_ends(lines)


def _join_ends(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """An empty line that `\\n` ends after one that `\\r` ends is that line's `\\r\\n`."""
    result: list[tuple[str, str]] = []
    for line, end in lines:
        if end == "\n" and not line and result and result[-1][1] == "\r":
            result[-1] = (result[-1][0], "\r\n")
        else:
            result.append((line, end))
    return result
