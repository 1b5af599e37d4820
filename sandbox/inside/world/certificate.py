"""A certificate authority for one run: made, used and forgotten with the container.

Belongs here: an elliptic-curve key and X.509 certificates, as far as Python's own TLS looks at
them. Does not belong here: any other use. Nothing outside of one container ever trusts it.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Point = tuple[int, int]


_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
"""The curve P-256: FIPS 186-4, D.1.2.3."""
_EC_KEY = "1.2.840.10045.2.1"
_P256 = "1.2.840.10045.3.1.7"
_ECDSA_SHA256 = "1.2.840.10045.4.3.2"


def make(names: list[str]) -> tuple[str, str]:
    """(the server's certificates with their key, the authority that signed them), as PEM."""
    key = secrets.randbelow(_N - 1) + 1
    public = _multiply(key, _G)
    point = b"\x04" + public[0].to_bytes(32, "big") + public[1].to_bytes(32, "big")
    authority = _certificate(key, point, "healer's loopback", "healer's loopback", [])
    server = _certificate(key, point, "peers", "healer's loopback", names)
    text = _pem("CERTIFICATE", server) + _pem("EC PRIVATE KEY", _private_key(key, point))
    return text, _pem("CERTIFICATE", authority)


def _multiply(factor: int, point: Point) -> Point:
    """By doubling and adding, in Jacobian coordinates: one inversion, in the end."""
    x, y, z = 0, 1, 0
    for bit in bin(factor)[2:]:
        x, y, z = _double(x, y, z)
        if bit == "1":
            x, y, z = _add(x, y, z, point)
    inverse = pow(z, -1, _P)
    return x * inverse**2 % _P, y * inverse**3 % _P


def _double(x: int, y: int, z: int) -> tuple[int, int, int]:
    if not z:
        return x, y, z
    square = y * y % _P
    middle = 4 * x * square % _P
    slope = 3 * (x - z * z) * (x + z * z) % _P
    new_x = (slope * slope - 2 * middle) % _P
    return new_x, (slope * (middle - new_x) - 8 * square * square) % _P, 2 * y * z % _P


def _add(x: int, y: int, z: int, point: Point) -> tuple[int, int, int]:
    if not z:
        return point[0], point[1], 1
    square = z * z % _P
    across = (point[0] * square - x) % _P
    up = (point[1] * square * z - y) % _P
    if not across:
        return _double(x, y, z) if not up else (0, 1, 0)
    across2 = across * across % _P
    across3 = across2 * across % _P
    new_x = (up * up - across3 - 2 * x * across2) % _P
    return new_x, (up * (x * across2 - new_x) - y * across3) % _P, z * across % _P


def _sign(key: int, data: bytes) -> bytes:
    digest = int.from_bytes(hashlib.sha256(data).digest(), "big")
    while True:
        once = secrets.randbelow(_N - 1) + 1
        r = _multiply(once, _G)[0] % _N
        s = pow(once, -1, _N) * (digest + r * key) % _N
        if r and s:
            return _sequence(_integer(r), _integer(s))


def _certificate(key: int, point: bytes, subject: str, issuer: str, names: list[str]) -> bytes:
    identity = hashlib.sha256(point).digest()[:20]  # RFC 7093, method 1
    is_authority = not names
    if is_authority:
        extensions = [
            _extension("2.5.29.19", _sequence(b"\x01\x01\xff"), critical=True),
            _extension("2.5.29.15", b"\x03\x02\x01\x06", critical=True),
        ]
    else:
        alternatives = _sequence(*(_alternative_name(name) for name in names))
        extensions = [
            _extension("2.5.29.19", _sequence(), critical=True),
            _extension("2.5.29.15", b"\x03\x02\x07\x80", critical=True),
            _extension("2.5.29.37", _sequence(_object("1.3.6.1.5.5.7.3.1"))),
            _extension("2.5.29.17", alternatives),
        ]
    extensions += [
        _extension("2.5.29.14", _tag(0x04, identity)),
        _extension("2.5.29.35", _sequence(_tag(0x80, identity))),
    ]
    body = _sequence(
        _tag(0xA0, _integer(2)),
        _integer(secrets.randbits(63) | 1),
        _sequence(_object(_ECDSA_SHA256)),
        _name(issuer),
        _sequence(_tag(0x17, b"200101000000Z"), _tag(0x18, b"20991231235959Z")),
        _name(subject),
        _sequence(_sequence(_object(_EC_KEY), _object(_P256)), _tag(0x03, b"\0" + point)),
        _tag(0xA3, _sequence(*extensions)),
    )
    signature = _tag(0x03, b"\0" + _sign(key, body))
    return _sequence(body, _sequence(_object(_ECDSA_SHA256)), signature)


def _alternative_name(name: str) -> bytes:
    parts = name.split(".")
    if len(parts) == 4 and all(part.isdigit() for part in parts):  # noqa: PLR2004 - an address
        return _tag(0x87, bytes(int(part) & 0xFF for part in parts))
    return _tag(0x82, name.encode("idna"))


def _private_key(key: int, point: bytes) -> bytes:
    return _sequence(
        _integer(1),
        _tag(0x04, key.to_bytes(32, "big")),
        _tag(0xA0, _object(_P256)),
        _tag(0xA1, _tag(0x03, b"\0" + point)),
    )


def _name(text: str) -> bytes:
    pair = _sequence(_object("2.5.4.3"), _tag(0x0C, text.encode()))
    return _sequence(_tag(0x31, pair))


def _extension(number: str, value: bytes, *, critical: bool = False) -> bytes:
    return _sequence(_object(number), b"\x01\x01\xff" if critical else b"", _tag(0x04, value))


def _sequence(*parts: bytes) -> bytes:
    return _tag(0x30, b"".join(parts))


def _integer(value: int) -> bytes:
    return _tag(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _object(text: str) -> bytes:
    first, second, *rest = (int(part) for part in text.split("."))
    data = bytearray([first * 40 + second])
    for number in rest:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        data += bytes(reversed(digits))
    return _tag(0x06, bytes(data))


def _tag(tag: int, data: bytes) -> bytes:
    """DER: tag, length, contents."""
    length = len(data)
    if length < 0x80:  # noqa: PLR2004 - the short form
        return bytes([tag, length]) + data
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + data


def _pem(kind: str, data: bytes) -> str:
    text = base64.b64encode(data).decode()
    lines = (text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {kind}-----\n" + "\n".join(lines) + f"\n-----END {kind}-----\n"
