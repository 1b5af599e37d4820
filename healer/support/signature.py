"""Signs short texts with a key that never leaves its place.

Belongs here: the key, its file and the signature. Does not belong here: what is signed, and for how
long it holds (`healer.notify.asks`), and the key that machines share (`healer.notify.fact_tables`).
"""

import hashlib
import hmac
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from healer.support.atomic_file import make_private_folder, open_private

KEY_BYTES = 32
SIGNATURE_CHARS = 32
"""Hexadecimal: 128 bits, more than anybody tries."""


class Key(Protocol):
    """Where a key is kept."""

    def read(self) -> bytes | None:
        """The key; None where there is none yet."""

    def make(self) -> bytes:
        """The key, made where it is missing: the first of two that make it wins. Raises OSError
        where it cannot be kept."""


class Signer:
    """Signs with one key, which is made when first needed."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def sign(self, text: str) -> str:
        """`SIGNATURE_CHARS` hexadecimal digits: the same for the same text. Raises OSError where
        the key cannot be kept."""
        return _digest(self._key.make(), text)

    def is_signed(self, text: str, signature: str) -> bool:
        """Whether `sign` gave this signature; without telling by its time how much is right."""
        key = self._key.read()
        if key is None:
            return False
        is_ours = hmac.compare_digest(
            _digest(key, text).encode(), signature.encode("utf-8", "replace")
        )
        return is_ours and len(key) >= KEY_BYTES


class KeyFile:
    """A key in a file (0600) that it never leaves."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def read(self) -> bytes | None:
        """As the file has it."""
        try:
            return self._key_file.read_bytes()
        except OSError:
            return None

    def make(self) -> bytes:
        """The key, whole: it appears under its name at once."""
        with suppress(FileNotFoundError):
            key = self._key_file.read_bytes()
            if len(key) >= KEY_BYTES:
                return key
            self._key_file.unlink()  # cut off by a full disk: what it signed is not ours any more
        make_private_folder(self._key_file.parent)
        fresh = self._key_file.with_name(f"{self._key_file.name}.new-{os.urandom(8).hex()}")
        try:
            with open(fresh, "xb", opener=open_private) as file:
                file.write(os.urandom(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(fresh, self._key_file)
        finally:
            fresh.unlink(missing_ok=True)
        return self._key_file.read_bytes()


def _digest(key: bytes, text: str) -> str:
    whole = hmac.new(key, text.encode(errors="surrogatepass"), hashlib.sha256)
    return whole.hexdigest()[:SIGNATURE_CHARS]
