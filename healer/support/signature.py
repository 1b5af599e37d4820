"""Signs short texts with a key that never leaves its file.

Belongs here: the key file and the signature. Does not belong here: what is signed, and for how long
it holds (`healer.notify.asks`).
"""

import hashlib
import hmac
import os
from contextlib import suppress
from pathlib import Path

from healer.support.atomic_file import make_private_folder, open_private

KEY_BYTES = 32
SIGNATURE_CHARS = 32
"""Hexadecimal: 128 bits, more than anybody tries."""


class Signer:
    """Signs with the key in one file, which is made (0600) when first needed."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def sign(self, text: str) -> str:
        """`SIGNATURE_CHARS` hexadecimal digits: the same for the same text. Raises OSError where
        the key cannot be kept."""
        return _digest(self._make_key(), text)

    def is_signed(self, text: str, signature: str) -> bool:
        """Whether `sign` gave this signature; without telling by its time how much is right."""
        try:
            key = self._key_file.read_bytes()
        except OSError:
            return False
        is_ours = hmac.compare_digest(
            _digest(key, text).encode(), signature.encode("utf-8", "replace")
        )
        return is_ours and len(key) >= KEY_BYTES

    def _make_key(self) -> bytes:
        """The key, whole: it appears under its name at once, and the first of two that make it
        wins."""
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
