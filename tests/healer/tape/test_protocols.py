"""What a job said to its peers is read as mails and statements, whatever the bytes are."""

import random
import struct

import pytest

from healer.tape.protocols import is_known, is_writing, read_mails, read_statements

MAIL = (
    b"ehlo night\r\n",
    b"mail FROM:<job@x.example> size=60\r\n",
    b"rcpt TO:<ada@x.example>\r\n",
    b"rcpt TO:<bob@x.example>\r\n",
    b"data\r\n",
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"two rows\r\n..and a dot\r\n.\r\n",
    b"quit\r\n",
)
HANDSHAKE = b"\x3a\x00\x00\x01" + b"\x85" * 58
STARTUP = b"\x00\x00\x00\x0e\x00\x03\x00\x00user\x00\x00"


def mysql(sql: bytes) -> bytes:
    return (len(sql) + 1).to_bytes(3, "little") + b"\x00\x03" + sql


def postgres(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


def bound(*values: bytes | None) -> bytes:
    data = b"\0s1\0" + struct.pack("!hh", 0, len(values))
    for value in values:
        data += struct.pack("!i", -1 if value is None else len(value)) + (value or b"")
    return data + struct.pack("!h", 0)


def test_a_mail_has_its_envelope_subject_and_text() -> None:
    (mail,) = read_mails(MAIL)
    assert (mail.sender, mail.recipients) == ("job@x.example", ("ada@x.example", "bob@x.example"))
    assert (mail.subject, mail.body) == ("Grüße", "two rows\n.and a dot")


def test_each_mail_of_a_conversation_is_its_own() -> None:
    assert [mail.sender for mail in read_mails((*MAIL[:-1], *MAIL[1:]))] == ["job@x.example"] * 2


def test_an_attachment_is_part_of_the_body_with_its_name() -> None:
    text = (
        b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nsee there\r\n--B\r\n"
        b'Content-Type: text/csv\r\nContent-Disposition: attachment; filename="r.csv"\r\n\r\n'
        b"a,b\r\n--B--\r\n.\r\n"
    )
    (mail,) = read_mails((b"EHLO x\r\n", b"DATA\r\n", text))
    assert mail.body == "see there\n[r.csv]\na,b"


@pytest.mark.parametrize(
    ("turns", "statements"),
    [
        pytest.param(
            (b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n*3\r\n$3\r\nset\r\n$1\r\na\r\n$2\r\n\r\n\r\n",),
            [("SET", ("a", "\r\n"))],
            id="redis",
        ),
        pytest.param(
            (HANDSHAKE, mysql(b"SELECT 1"), mysql(b"INSERT INTO t VALUES (1)")),
            [("INSERT INTO t VALUES (1)", ())],
            id="mysql",
        ),
        pytest.param(
            (STARTUP, postgres(b"Q", b"select 1\0"), postgres(b"Q", b"DELETE FROM t\0")),
            [("DELETE FROM t", ())],
            id="postgresql",
        ),
        pytest.param(
            (
                b"\x00\x00\x00\x08\x04\xd2\x16/",
                STARTUP,
                postgres(b"P", b"s1\0update t set a = $1, b = $2\0\0\0")
                + postgres(b"B", bound(b"7", None)),
                postgres(b"B", bound(b"8", b"x")),
            ),
            [
                ("update t set a = $1, b = $2", ("7", "NULL")),
                ("update t set a = $1, b = $2", ("8", "x")),
            ],
            id="postgresql with parameters",
        ),
        pytest.param(
            (b"USER ada\r\n", b"CWD out\r\n", b"STOR a.csv\r\n"), [("STOR a.csv", ())], id="ftp"
        ),
    ],
)
def test_statements_that_write_are_told_with_their_parameters(
    turns: tuple[bytes, ...], statements: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert is_known(turns)
    read = list(read_statements("db:1", turns))
    assert [(each.statement, each.parameters) for each in read] == statements
    assert {each.database for each in read} == {"db:1"}


@pytest.mark.parametrize(
    ("statement", "writes"),
    [
        ("insert into t values (1)", True),
        ("  /* nightly */ UPDATE t SET a = 1", True),
        ("-- all\nDELETE FROM t", True),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", True),
        ("WITH x AS (SELECT 1) SELECT * FROM x", False),
        ("SELECT updated FROM t", False),
        ("SET NAMES utf8", False),
        ("COMMIT", False),
        ("", False),
    ],
)
def test_a_statement_writes_by_its_first_word(statement: str, writes: bool) -> None:
    assert is_writing(statement) is writes


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x02", b"hello", b"\0" * 40, b"SSH-2.0-x\r\n"])
def test_other_protocols_are_not_known(data: bytes) -> None:
    assert not is_known((data,))
    assert is_known(())


def test_any_bytes_give_facts_or_none() -> None:
    chance = random.Random(7)
    starts = [*MAIL[:1], b"*3\r\n$3\r\n", HANDSHAKE, STARTUP, b"USER x\r\n"]
    for number in range(300):
        noise = chance.randbytes(60)
        turns = (starts[number % len(starts)], noise, b"data\r\n" + noise + b"\r\n.\r\n")
        list(read_mails(turns))
        list(read_statements("x", turns))
        list(read_statements("x", (starts[number % len(starts)] + noise,)))
