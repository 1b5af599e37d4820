"""A recorded mail server takes another mail than it took that night, and no other command."""

import base64
import functools
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sandbox.inside.world.spoken import MailServer, answer, is_mail

NIGHT = (
    "< 220 mail.example\r\n", "> ehlo night.example\r\n", "< 250-mail.example\r\n250 SIZE\r\n",
    "> mail FROM:<job@x.example> size=9\r\n", "< 250 sender\r\n",
    "> rcpt TO:<ada@x.example>\r\n", "< 250 taken\r\n", "> data\r\n", "< 354 go on\r\n",
    "> Subject: x\r\n\r\nrows\r\n.\r\n", "< 250 queued\r\n", "> quit\r\n", "< 221 bye\r\n",
)  # fmt: skip
LOGIN = (
    *NIGHT[:3], "> AUTH LOGIN\r\n", "< 334 VXNlcg==\r\n", "> YWRh\r\n", "< 334 UGFzcw==\r\n",
    "> <REDACTED:secret:1>\r\n", "< 235 welcome\r\n", *NIGHT[-2:],
)  # fmt: skip


def turns(lines: tuple[str, ...]) -> Any:
    return [
        {"is_ours": line[0] == ">", "data": base64.urlsafe_b64encode(line[2:].encode()).decode()}
        for line in lines
    ]


class Night:
    """A server in a thread, and what came of it."""

    def __init__(self) -> None:
        self.words: list[bytes] = []
        self.miss = ""


@contextmanager
def client(lines: tuple[str, ...]) -> Iterator[tuple[smtplib.SMTP, Night]]:
    night = Night()
    server = MailServer(turns(lines), night.words.append, lambda plain: (plain, []))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                night.miss = server.serve(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        link = smtplib.SMTP(*listener.getsockname(), local_hostname="box", timeout=20)
        try:
            yield link, night
        finally:
            link.close()
            thread.join(20)


def test_other_mails_to_others_are_taken_and_told() -> None:
    with client(NIGHT) as (link, night):
        for name in ("bob", "eve"):
            to = [f"{name}@x.example", "ada@x.example"]
            assert link.sendmail("job@x.example", to, f"Subject: y\n\n{name}\n.dot") == {}
        assert link.quit()[0] == 221
    assert night.miss == ""
    mails = [words for words in night.words if words.endswith(b"\r\n.\r\n")]
    assert [b"bob" in mails[0], b"eve" in mails[1], len(mails)] == [True, True, 2]


def test_a_command_that_nobody_gave_is_told_and_not_answered() -> None:
    with client(NIGHT) as (link, night), pytest.raises(smtplib.SMTPServerDisconnected):
        link.docmd("VRFY", "ada")
    assert night.miss == "VRFY ada"


def test_a_login_is_answered_step_by_step_whatever_its_secrets_are() -> None:
    with client(LOGIN) as (link, night):
        link.ehlo()
        link.putcmd("AUTH", "LOGIN")
        assert [link.getreply()[0], link.docmd("Ym9i")[0], link.docmd("eHh4")[0]] == [334, 334, 235]
        link.quit()
    assert night.miss == ""


@pytest.mark.parametrize(
    ("lines", "is_one"),
    [
        (NIGHT, True),
        (("< 220 x\r\n", "> USER ada\r\n"), False),
        (("< hi\r\n",), False),
        ((), False),
    ],
)
def test_a_mail_server_is_known_by_how_it_was_greeted(lines: tuple[str, ...], is_one: bool) -> None:
    assert is_mail(turns(lines)) is is_one


def talk(
    lines: tuple[str, ...],
    words: list[bytes],
    *,
    is_ended: bool = False,
    others: tuple[tuple[str, ...], ...] = (),
) -> tuple[bytes, str]:
    """What a client hears that says these words one after the other, and what was missed; with
    `borrowed` where another night helped."""
    ours, theirs = socket.socketpair()
    misses: list[str] = []
    borrowed: list[str] = []
    said: list[bytes] = []
    peer: Any = {"turns": turns(lines), "is_ended": is_ended, "is_spare": False}
    every = [peer, *({**peer, "turns": turns(each), "is_spare": True} for each in others)]

    def serve() -> None:
        def secure(plain: socket.socket) -> tuple[socket.socket, list[Any]]:
            return plain, []

        with theirs:
            tell = said.append
            borrow = functools.partial(borrowed.append, "borrowed")
            misses.append(answer(peer, every, theirs, tell, secure, borrow=borrow))

    thread = threading.Thread(target=serve)
    thread.start()
    with ours:
        ours.settimeout(20)
        heard = b""
        if lines[0][0] == "<":
            heard += ours.recv(4096)
        for word in words:
            ours.sendall(word)
            heard += ours.recv(4096)
        if not is_ended:
            ours.shutdown(socket.SHUT_WR)
        while data := ours.recv(4096):
            heard += data
    thread.join(20)
    return heard, " ".join(dict.fromkeys([*borrowed, misses[0]])).strip()


IMAP = (
    "< * OK ready\r\n", "> EIOE0 SELECT a\r\n", "< * 1 EXISTS\r\nEIOE0 OK done\r\n",
    "> EIOE1 NOOP\r\n", "< EIOE1 OK\r\n",
)  # fmt: skip
MYSQL = (
    "< d\0\0\0\n5.5 salt", "> \x0c\0\0\1pid 4709", "< \7\0\0\2\0\0\0",
    "> \x09\0\0\0\3SELECT 1", "< rows",
)  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "words", "heard", "miss"),
    [
        (IMAP, [b"MKEN0 SELECT a\r\n", b"MKEN1 NOOP\r\n"], b"MKEN1 OK\r\n", ""),
        (IMAP, [b"MKEN0 SELECT b\r\n"], b"ready\r\n", "SELECT b"),
        (MYSQL, [b"\x0c\0\0\1pid 9999", b"\x09\0\0\0\3SELECT 1"], b"rows", ""),
        (("< id", "> A1 GET", "< x"), [b"A2 GET"], b"id", "A2 GET"),
    ],
)
def test_what_is_made_up_anew_in_each_run_is_no_difference(
    lines: tuple[str, ...], words: list[bytes], heard: bytes, miss: str
) -> None:
    end, problem = talk(lines, words)
    assert (end.endswith(heard), problem.endswith(miss), bool(problem)) == (True, True, bool(miss))


def test_a_peer_that_ended_the_connection_ends_it_again() -> None:
    assert talk(("< a row\r\n",), [], is_ended=True) == (b"a row\r\n", "")


FTP = ("< 220 ready\r\n", "> RETR a\r\n", "< 226 done\r\n")
FULL = (*FTP, "> STOR b\r\n", "< 150 go\r\n226 done\r\n", "> QUIT\r\n", "< 221 bye\r\n")


@pytest.mark.parametrize(
    ("words", "others", "heard", "problem"),
    [
        ([b"RETR a\r\n", b"STOR b\r\n", b"QUIT\r\n"], (FULL,), b"221 bye\r\n", "borrowed"),
        ([b"RETR a\r\n", b"QUIT\r\n"], (FTP, FULL), b"221 bye\r\n", "borrowed"),
        ([b"QUIT\r\n"], (FULL,), b"221 bye\r\n", "borrowed"),
        ([b"RETR a\r\n", b"RETR a\r\n"], (), b"226 done\r\n226 done\r\n", ""),
        ([b"RETR a\r\n", b"DELE a\r\n"], (FULL,), b"226 done\r\n", "DELE a"),
        ([b"PASS x\r\n"], (("> PASS <REDACTED:secret:1>\r\n", "< in"),), b"ready\r\n", "PASS x"),
    ],
)
def test_where_the_night_ends_others_go_on(
    words: list[bytes], others: tuple[tuple[str, ...], ...], heard: bytes, problem: str
) -> None:
    end, said = talk(FTP, words, others=others)
    assert (end.endswith(heard), said) == (True, problem)


def test_the_tags_of_another_nights_answers_are_this_runs_own() -> None:
    full = (*IMAP[:3], "> XXXX1 LOGOUT\r\n", "< * BYE\r\nXXXX1 OK out\r\n")
    words = [b"MKEN0 SELECT a\r\n", b"MKEN1 LOGOUT\r\n"]
    assert talk(IMAP[:3], words, others=(full,))[0].endswith(b"* BYE\r\nMKEN1 OK out\r\n")


def test_who_never_says_a_word_takes_whatever_comes() -> None:
    ours, theirs = socket.socketpair()
    peer: Any = {"turns": turns(("> rows",)), "is_ended": False, "is_spare": False}
    said: list[bytes] = []
    with ours, theirs:
        ours.sendall(b"other rows, and more of them")
        ours.shutdown(socket.SHUT_WR)
        miss = answer(peer, [peer], theirs, said.append, lambda plain: (plain, []), borrow=list)
    assert (b"".join(said), miss) == (b"other rows, and more of them", "")
