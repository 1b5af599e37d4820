"""The certificates of one run satisfy Python's own TLS, strictly, for their names and no others."""

import contextlib
import ssl
from pathlib import Path

import pytest

from sandbox.inside.world.certificate import make


def shake_hands(pair: Path, authority: str, name: str) -> None:
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(pair)
    context = ssl.create_default_context(cadata=authority)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    ends = [ssl.MemoryBIO() for _ in range(4)]
    client = context.wrap_bio(ends[0], ends[1], server_hostname=name)
    server = server_context.wrap_bio(ends[2], ends[3], server_side=True)
    for _ in range(4):
        for side, out, into in ((client, ends[1], ends[2]), (server, ends[3], ends[0])):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
            into.write(out.read())
    assert client.version()


@pytest.mark.parametrize("name", ["api.example", "127.0.0.1", "bücher.example"])
def test_a_client_trusts_the_peers(tmp_path: Path, name: str) -> None:
    pair, authority = make(["api.example", "127.0.0.1", "bücher.example"])
    (tmp_path / "pair.pem").write_text(pair)
    shake_hands(tmp_path / "pair.pem", authority, name)


def test_a_name_that_is_not_on_it_is_refused(tmp_path: Path) -> None:
    pair, authority = make(["api.example"])
    (tmp_path / "pair.pem").write_text(pair)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(tmp_path / "pair.pem", authority, "other.example")


def test_each_run_has_its_own() -> None:
    assert make(["a"])[1] != make(["a"])[1]
