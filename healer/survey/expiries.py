"""Certificates and tokens in a working folder, and when they end: jobs that use them fail then.

Belongs here: finding them, by what they are and not by their names. Does not belong here: whom it
concerns (`healer.app.doctor`, the weekly letter). Only names and moments leave this module.
"""

import base64
import binascii
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

SOON_S = 30 * 86_400.0
"""What ends within it is told."""
MOST_FILES = 5_000
LARGEST_FILE = 64 << 10
MOST_CERTIFICATES = 4
"""Of one file: what holds more is a collection of authorities, of which some have always ended."""
LATEST = 1e11
"""Seconds since the epoch; what is more counts milliseconds, which no token should."""
_SKIP = frozenset((".git", ".venv", "venv", "node_modules", "__pycache__", "site-packages"))
_CERTIFICATES = (".pem", ".crt", ".cer", ".cert")
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----")
_SETTING = re.compile(
    r"""^\s*(?:export\s+)?(\w+)\s*=\s*["']?(eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*)""", re.M
)
_SEQUENCE, _UTC_TIME, _LONG_TIME, _VERSION = 0x30, 0x17, 0x18, 0xA0
_BEFORE_VALIDITY = 3
"""Serial number, algorithm and issuer."""


class Expiry(NamedTuple):
    """What ends when."""

    name: str
    """`certs/api.pem`, or `.env: API_TOKEN`."""
    at: float
    """Seconds since the epoch."""

    @property
    def day(self) -> str:
        """Of UTC, as `2026-12-03`."""
        return datetime.fromtimestamp(self.at, UTC).date().isoformat()


def find_expiries(root: Path) -> tuple[Expiry, ...]:
    """All below the folder, the next to end first. Links are not followed."""
    expiries: list[Expiry] = []
    for count, path in enumerate(_list_files(root)):
        if count >= MOST_FILES:
            break
        expiries += _read(path, path.relative_to(root).as_posix())
    return tuple(sorted(expiries, key=lambda each: each.at))


def list_soon(expiries: tuple[Expiry, ...], now: float) -> tuple[Expiry, ...]:
    """Those that have ended, or end within 30 days."""
    return tuple(each for each in expiries if each.at <= now + SOON_S)


def describe_soon(expiries: tuple[Expiry, ...], now: float) -> str:
    """`.env: API_TOKEN ended on 2026-11-28, certs/api.pem ends on 2026-12-03`; empty for none."""
    return ", ".join(
        f"{each.name} {'ended' if each.at <= now else 'ends'} on {each.day}"
        for each in list_soon(expiries, now)
    )


def _list_files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _SKIP)
        yield from (Path(folder, name) for name in sorted(names))


def _read(path: Path, name: str) -> Iterator[Expiry]:
    is_settings = path.name == ".env" or path.name.startswith(".env.")
    if not is_settings and path.suffix not in _CERTIFICATES:
        return
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_FILE:
            return
        data = path.read_bytes()
    except OSError:
        return
    if is_settings:
        for match in _SETTING.finditer(data.decode("utf-8", "replace")):
            moment = read_token_end(match[2])
            if moment is not None:
                yield Expiry(f"{name}: {match[1]}", moment)
        return
    moments = [read_certificate_end(match[1]) for match in _PEM.finditer(data)]
    ends = [moment for moment in moments if moment is not None]
    if ends and len(moments) <= MOST_CERTIFICATES:
        yield Expiry(name, min(ends))


def read_token_end(token: str) -> float | None:
    """`exp` of a JSON web token; None where it has none."""
    payload = token.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, binascii.Error):
        return None
    moment: object = claims.get("exp") if isinstance(claims, dict) else None
    if not isinstance(moment, int | float) or isinstance(moment, bool):
        return None
    return float(moment) if 0 < moment < LATEST else None


def read_certificate_end(text: bytes) -> float | None:
    """The end of a certificate's validity (RFC 5280, 4.1), from its base64; else None."""
    try:
        data = base64.b64decode(text)
        certificate, _ = _take(data, _SEQUENCE)
        body, _ = _take(certificate, _SEQUENCE)
        if body[:1] == bytes([_VERSION]):
            _, body = _take(body)
        for _ in range(_BEFORE_VALIDITY):
            _, body = _take(body)
        validity, _ = _take(body, _SEQUENCE)
        _, rest = _take(validity)
        moment, _ = _take(rest)
        form = "%y%m%d%H%M%SZ" if rest[0] == _UTC_TIME else "%Y%m%d%H%M%SZ"
        if rest[0] not in (_UTC_TIME, _LONG_TIME):
            return None
        return datetime.strptime(moment.decode("ascii"), form).replace(tzinfo=UTC).timestamp()
    except (ValueError, IndexError, OverflowError):
        return None


def _take(data: bytes, tag: int | None = None) -> tuple[bytes, bytes]:
    """(content, what follows) of the first element. Raises IndexError or ValueError."""
    if tag is not None and data[0] != tag:
        raise ValueError(f"tag {data[0]}, not {tag}")
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    if start + length > len(data):
        raise ValueError("it is cut off")
    return data[start : start + length], data[start + length :]
