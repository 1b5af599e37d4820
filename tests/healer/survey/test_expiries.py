"""Certificates and tokens say when they end; nothing else is taken for one."""

import base64
import json
from pathlib import Path

import pytest

from healer.survey.expiries import (
    SOON_S,
    Expiry,
    describe_soon,
    find_expiries,
    list_soon,
    read_certificate_end,
    read_token_end,
)
from sandbox.inside.world.certificate import make

NOW = 1_796_000_000.0


def make_token(**claims: object) -> str:
    def pack(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{pack({'alg': 'HS256', 'typ': 'JWT'})}.{pack(claims)}.c2lnbmF0dXJl"


def element(tag: int, *parts: bytes) -> bytes:
    data = b"".join(parts)
    size = len(data)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + data


def certificate(end: bytes, tag: int = 0x17) -> bytes:
    begin = element(0x17, b"200101000000Z")
    body = element(
        0x30,
        element(0xA0, element(2, b"\2")),
        element(2, b"\1"),
        element(0x30),
        element(0x30, b"\0" * 200),
        element(0x30, begin, element(tag, end)),
    )
    return base64.encodebytes(element(0x30, body, element(0x30)))


@pytest.mark.parametrize(
    ("data", "end"),
    [
        (certificate(b"261203120000Z"), 1_796_299_200.0),
        (certificate(b"20261203120000Z", 0x18), 1_796_299_200.0),
        (certificate(b"20261203120000Z", 0x04), None),
        (certificate(b"no moment at all"), None),
        (certificate(b"261203120000Z")[:80], None),
        (b"", None),
        (b"not base64 at all!", None),
    ],
)
def test_a_certificate_says_when_it_ends(data: bytes, end: float | None) -> None:
    assert read_certificate_end(data) == end


@pytest.mark.parametrize(
    ("token", "end"),
    [
        (make_token(exp=1_796_299_200), 1_796_299_200.0),
        (make_token(sub="ada"), None),
        (make_token(exp="soon"), None),
        (make_token(exp=True), None),
        (make_token(exp=1_796_299_200_000), None),
        ("eyJ.%%%.x", None),
    ],
)
def test_a_token_says_when_it_ends(token: str, end: float | None) -> None:
    assert read_token_end(token) == end


def write_pem(path: Path, *certificates: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = [b"-----BEGIN CERTIFICATE-----\n" + each + b"-----END CERTIFICATE-----\n"
              for each in certificates]  # fmt: skip
    path.write_bytes(b"".join(blocks))


def test_what_ends_in_a_folder_is_found_with_its_name_and_nothing_more(tmp_path: Path) -> None:
    write_pem(tmp_path / "certs" / "api.pem", certificate(b"271203120000Z"))
    write_pem(tmp_path / "authorities.pem", *[certificate(b"100101000000Z")] * 9)
    write_pem(tmp_path / ".venv" / "old.pem", certificate(b"100101000000Z"))
    token = make_token(exp=NOW)
    (tmp_path / ".env").write_text(f"REGION=north\nexport API_TOKEN='{token}'\nEMPTY=\n")
    (tmp_path / "notes.txt").write_text(token)
    expiries = find_expiries(tmp_path)
    assert [(each.name, each.day) for each in expiries] == [
        (".env: API_TOKEN", "2026-11-30"),
        ("certs/api.pem", "2027-12-03"),
    ]
    assert token not in repr(expiries)


def test_what_has_ended_or_will_soon_is_told() -> None:
    expiries = tuple(Expiry(name, NOW + after) for name, after in
                     (("past", -1.0), ("near", SOON_S - 1), ("far", SOON_S + 1)))  # fmt: skip
    assert [each.name for each in list_soon(expiries, NOW)] == ["past", "near"]
    assert describe_soon(expiries, NOW) == "past ended on 2026-11-30, near ends on 2026-12-30"


def test_a_certificate_of_the_recorded_world_can_be_read() -> None:
    text = make(["api.example"])[1]
    data = text.partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END")[0]
    end = read_certificate_end(data.encode())
    assert end is not None
    assert end > NOW
