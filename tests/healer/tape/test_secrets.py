"""No secret of a request or an answer stays on the tape, wherever it stood."""

import base64
import bz2
import gzip
import json
import lzma
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from healer.redact import Redactor
from healer.tape.facts import Connection, Turn
from healer.tape.packed import MOST_BYTES
from healer.tape.secrets import Cleaner, collect_secrets
from tests.healer.tape.test_packed import make_tar, make_zip
from tests.support.tapes import connection, exchange

SECRET = "s3cr3t-V4lue-77"
BASIC = base64.b64encode(f"ada:{SECRET}".encode()).decode()
PLAIN = base64.b64encode(f"\0ada\0{SECRET}".encode()).decode()
LOGIN = base64.b64encode(SECRET.encode()).decode()
JSON = (("Content-Type", "application/json"),)
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def ours(data: str) -> Connection:
    return connection(turns=(Turn(True, data.encode()), Turn(False, f"for {SECRET}".encode())))


PLACES = {
    **{
        f"header {name}": connection(exchange(headers=((name, value),)))
        for name, value in [
            ("Authorization", f"Bearer {SECRET}"),
            ("Authorization", f"Basic {BASIC}"),
            ("authorization", f"token {SECRET}"),
            ("Proxy-Authorization", f"Basic {BASIC}"),
            ("Cookie", f"sid={SECRET}; theme=dark"),
            ("Cookie", f"theme=dark; session={SECRET}"),
            ("X-Api-Key", SECRET),
            ("X-Auth-Token", SECRET),
            ("X-Amz-Security-Token", SECRET),
            ("Api-Key", SECRET),
            ("Ocp-Apim-Subscription-Key", SECRET),
            ("X-CSRF-Token", SECRET),
            ("PRIVATE-TOKEN", SECRET),
            ("X-Vault-Token", SECRET),
            ("DD-API-KEY", SECRET),
            ("X-Webhook-Secret", SECRET),
        ]
    },
    **{
        f"answer header {name}": connection(exchange(answer_headers=((name, value),)))
        for name, value in [
            ("Set-Cookie", f"session={SECRET}; Path=/; HttpOnly"),
            ("X-Auth-Token", SECRET),
            ("Authorization", f"Bearer {SECRET}"),
            ("X-Refresh-Token", SECRET),
        ]
    },
    **{
        f"query {name}": connection(exchange(f"/a?x=1&{name}={SECRET}&y=2"))
        for name in [
            "api_key", "apikey", "key", "token", "access_token", "auth", "password",
            "client_secret", "sig", "signature", "appid", "X-Amz-Signature", "code",
            "refresh_token", "secret",
        ]
    },
    **{
        f"json {name}": connection(
            exchange(headers=JSON, body=json.dumps({"a": [{name: SECRET}], "n": 1}).encode())
        )
        for name in ["password", "token", "api_key", "clientSecret", "access_token", "privateKey"]
    },
    **{
        f"answer json {name}": connection(
            exchange(answer_headers=JSON, answer=json.dumps({"d": {name: SECRET}}).encode())
        )
        for name in ["access_token", "refresh_token", "id_token", "secret", "apiKey", "sessionId"]
    },
    **{
        f"form {name}": connection(exchange(headers=FORM, body=f"a=1&{name}={SECRET}".encode()))
        for name in ["password", "client_secret", "refresh_token", "token"]
    },
    "xml": connection(exchange(answer=f"<a><password>{SECRET}</password></a>".encode())),
    "text": connection(exchange(answer=f"password: {SECRET}\nname: x\n".encode())),
    "echo": connection(
        exchange(headers=(("Authorization", f"Bearer {SECRET}"),), answer=f"you: {SECRET}".encode())
    ),
    "answer used later": connection(
        exchange(answer_headers=JSON, answer=json.dumps({"access_token": SECRET}).encode()),
        exchange(f"/b/{SECRET}/c", answer=f"hello {SECRET}".encode()),
    ),
    "bytes": connection(
        exchange(headers=(("X-Api-Key", SECRET),), answer=b"\xff\x00" + SECRET.encode())
    ),
    "redis": ours(f"*2\r\n$4\r\nAUTH\r\n$15\r\n{SECRET}\r\n"),
    "redis with a user": ours(f"*3\r\n$4\r\nAUTH\r\n$3\r\nada\r\n$15\r\n{SECRET}\r\n"),
    "ftp": ours(f"PASS {SECRET}\r\n"),
    "smtp plain": ours(f"AUTH PLAIN {PLAIN}\r\n"),
    "smtp login": ours(f"{LOGIN}\r\n"),
    "imap": ours(f"1 LOGIN ada {SECRET}\r\n"),
    "url": connection(exchange(answer=f"see https://ada:{SECRET}@x.example/".encode())),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_does_not_reach_the_tape(place: str) -> None:
    talk = PLACES[place]
    assert any(form in repr(talk) for form in (SECRET, BASIC, PLAIN, LOGIN))
    cleaned = Cleaner(Redactor(collect_secrets([talk]))).clean(talk)
    for form in (SECRET, BASIC, PLAIN, LOGIN):
        assert form not in repr(cleaned)


def test_there_are_sixty_places() -> None:
    assert len(PLACES) >= 60


def test_what_is_no_secret_stays() -> None:
    rows = json.dumps({"rates": [{"name": "usd", "value": 1.1, "token_count": 5}]}).encode()
    talk = connection(
        exchange("/a?day=2026-11-26&page=2", rows, headers=(("Accept", "*/*"), ("Host", "x")))
    )
    cleaner = Cleaner(Redactor(collect_secrets([talk])))
    assert cleaner.clean(talk) == talk
    assert cleaner.gaps == []


def test_a_body_that_cannot_be_read_is_not_kept_and_said() -> None:
    talk = connection(exchange(answer=b"\x1b\x00", answer_headers=(("Content-Encoding", "br"),)))
    cleaner = Cleaner(Redactor())
    assert cleaner.clean(talk).exchanges[0].answer == b""
    assert "compression" in cleaner.gaps[0]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://api.example/v1", "https://api.example/v1"),
        ("/srv/data", "/srv/data"),
        ("42", "42"),
        ("true", "true"),
        ("C.UTF-8", "C.UTF-8"),
        ("Europe/Vienna", "Europe/Vienna"),
        ("db.example:5432", "db.example:5432"),
        ("aB3-xY9 zz!", "xX0-xX0 xx!"),
        ("hunter2", "xxxxxx0"),
        ("", ""),
    ],
)
def test_of_a_variable_that_is_no_plain_setting_only_the_shape_is_kept(
    value: str, kept: str
) -> None:
    assert Cleaner(Redactor()).clean_environment({"SETTING": value}) == {"SETTING": kept}


def test_a_secret_variable_is_a_placeholder_without_its_text() -> None:
    cleaned = Cleaner(Redactor()).clean_environment({"API_TOKEN": SECRET})
    assert set(cleaned["API_TOKEN"]) == {"x"}


NOISE = random.Random(7).randbytes(4096)
AROUND = f"user: ada\npassword: {SECRET}\n"


def make_database(text: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as database, database:
        database.execute("CREATE TABLE logins (name, note)")
        database.execute("INSERT INTO logins VALUES ('ada', ?)", (text,))
        database.commit()
        return database.serialize()


BINARY: dict[str, Callable[[str], bytes]] = {
    "between noise": lambda text: NOISE + text.encode() + NOISE,
    "latin-1": lambda text: f"für: Müller\n{text}".encode("latin-1"),
    "utf-16": lambda text: f"für\n{text}".encode("utf-16"),
    "utf-16 of the other order": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "a database": make_database,
    "gzip": lambda text: gzip.compress(text.encode()),
    "bzip2": lambda text: bz2.compress(text.encode()),
    "xz": lambda text: lzma.compress(text.encode()),
    "a zip": lambda text: make_zip(b"a,b\n", text.encode()),
    "a tar": lambda text: NOISE + make_tar(text.encode()),
    "a tar in gzip": lambda text: gzip.compress(make_tar(text.encode())),
    "a database in a zip": lambda text: make_zip(make_database(text)),
    "base64 between noise": lambda text: b"\xff\0" + base64.b64encode(text.encode()) + b"\0",
}


@pytest.mark.parametrize("text", [SECRET, f"x = {SECRET};", AROUND], ids=["bare", "code", "named"])
@pytest.mark.parametrize("place", BINARY)
def test_bytes_that_hold_a_secret_are_not_kept(place: str, text: str) -> None:
    known = [] if text == AROUND else [SECRET]
    cleaner = Cleaner(Redactor(known).for_tape())
    assert cleaner.clean_bytes(BINARY[place](text), "/srv/in.bin") == b""
    assert cleaner.gaps == ["the bytes of /srv/in.bin are not kept: they seem to hold a secret"]


@pytest.mark.parametrize("place", BINARY)
def test_bytes_that_hold_none_stay_as_they_are(place: str) -> None:
    cleaner = Cleaner(Redactor([SECRET]).for_tape())
    data = BINARY[place]("name: ada\ntown: Vienna\nmail: ada@x.example\n")
    assert cleaner.clean_bytes(data, "/srv/in.bin") == data
    assert cleaner.gaps == []


def test_bytes_that_are_too_many_to_look_through_are_not_kept() -> None:
    cleaner = Cleaner(Redactor())
    assert cleaner.clean_bytes(gzip.compress(bytes(MOST_BYTES + 1)), "/srv/in.gz") == b""
    assert "more than 16 MB" in cleaner.gaps[0]
