"""Recorded conversations that are not HTTP, spoken again: turn by turn, and mail by its commands.

Belongs here: the server's half. Does not belong here: what was said (these are effects, which the
host looks at), HTTP, and connections (`peers`).
"""

from __future__ import annotations

import contextlib
import re
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING

from .wire import is_alike

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from .messages import WorldPeer, WorldTurn

    Tell = Callable[[bytes], None]
    Secure = Callable[[socket.socket], tuple[socket.socket, list[WorldTurn]]]


_MYSQL = b"\0\x0a"
"""Of its greeting, after the length: packet 0, protocol 10."""
_IMAP = (b"* OK", b"* PREAUTH")
_GREETING = re.compile(rb"(?i)(EHLO|HELO|LHLO)\b")
_LONGEST_LINE = 64 << 10
_IDLE_S = 0.05
"""After so long without a further byte a spoken turn is taken as complete."""
END = b"\r\n.\r\n"


def answer(
    talk: WorldPeer,
    every: list[WorldPeer],
    connection: socket.socket,
    tell: Tell,
    secure: Secure,
    *,
    borrow: Callable[[], None],
) -> str:
    """Speaks until the job leaves, or until the peer did; what was said that has no answer, or
    nothing. Where the talk of that night has none, the others with the same peer (`every`) are
    asked; `borrow` is told where one of another night helped."""
    turns = talk["turns"]
    if is_mail(turns):
        return MailServer(turns, tell, secure).serve(connection)
    conversation = _Conversation(talk, every, tell, borrow)
    return conversation.speak(connection)


class _Conversation:
    """One talk, and how it goes on where the job says what it did not say that night."""

    def __init__(
        self, talk: WorldPeer, every: list[WorldPeer], tell: Tell, borrow: Callable[[], None]
    ) -> None:
        self._talk, self._every = talk, every
        self._tell, self._borrow = tell, borrow
        turns = talk["turns"]
        first = urlsafe_b64decode(turns[0]["data"]) if turns and not turns[0]["is_ours"] else b""
        self._is_login = first[3:5] == _MYSQL
        self._is_imap = first.startswith(_IMAP)
        self._tags: dict[bytes, bytes] = {}
        self._only_listens = all(turn["is_ours"] for turn in turns)
        """As the receiver of a file does: it takes whatever comes."""

    def speak(self, connection: socket.socket) -> str:
        rest = self._talk["turns"]
        while True:
            while rest and not rest[0]["is_ours"]:
                data = urlsafe_b64decode(rest[0]["data"])
                connection.sendall(_put_tags(data, self._tags))
                rest = rest[1:]
            if not rest and self._talk["is_ended"]:
                return ""
            expected = urlsafe_b64decode(rest[0]["data"]) if rest else b""
            words = _hear(connection, len(expected) or _LONGEST_LINE)
            if not words:
                return ""
            self._tell(words)
            is_next = bool(rest) and (self._is_login or self._is_same(expected, words))
            self._is_login = False  # it proves a password that is not on the tape
            if is_next and len(rest) > 1:
                self._note_tag(expected, words)
                rest = rest[1:]
                continue
            follows = self._find(words, rest)
            if follows is None and not self._only_listens and not is_next:
                return _show(words)
            rest = follows or rest[1:]

    def _is_same(self, before: bytes, words: bytes) -> bool:
        if self._is_imap:
            before, words = before.partition(b" ")[2], words.partition(b" ")[2]
        return is_alike(before, words)

    def _note_tag(self, before: bytes, words: bytes) -> None:
        if self._is_imap:
            self._tags[before.partition(b" ")[0]] = words.partition(b" ")[0]

    def _find(self, words: bytes, rest: list[WorldTurn]) -> list[WorldTurn] | None:
        """What followed these words later that night, or on another, or else before."""
        for talk, turns in (
            (self._talk, rest),
            *((each, each["turns"]) for each in self._every if each["is_spare"]),
            (self._talk, self._talk["turns"]),
        ):
            for number, turn in enumerate(turns[:-1]):
                before = urlsafe_b64decode(turn["data"])
                is_asked = turn["is_ours"] and not turns[number + 1]["is_ours"]
                # What was a secret that night is alike to everything.
                if is_asked and b"<REDACTED:" not in before and self._is_same(before, words):
                    self._note_tag(before, words)
                    if talk["is_spare"] and talk is not self._talk:
                        self._borrow()
                    return turns[number + 1 :]
        return None


def _put_tags(data: bytes, tags: dict[bytes, bytes]) -> bytes:
    """IMAP: an answer bears the tag of its command, which is made up anew in each run."""
    lines = data.split(b"\r\n") if tags else [data]
    for number, line in enumerate(lines):
        tag, space, rest = line.partition(b" ")
        lines[number] = tags.get(tag, tag) + space + rest
    return b"\r\n".join(lines)


def is_mail(turns: list[WorldTurn]) -> bool:
    """Whether the job greeted as a mail client does."""
    first = next((turn for turn in turns if turn["is_ours"]), None)
    return first is not None and _GREETING.match(urlsafe_b64decode(first["data"])) is not None


class MailServer:
    """One conversation. A fix may well write another mail, to others, or several: each command is
    answered as the same command was that night, and one that nobody gave is told."""

    def __init__(
        self,
        turns: list[WorldTurn],
        tell: Tell,
        secure: Secure,
    ) -> None:
        """`tell` is given each thing that the job says; `secure` begins TLS, and gives what was
        said in it."""
        self._tell, self._secure = tell, secure
        self._replies: dict[bytes, list[bytes]] = {}
        self._greeting = b""
        self._learn(turns)

    def _learn(self, turns: list[WorldTurn]) -> None:
        command, reply = b"", b""
        for turn in turns:
            data = urlsafe_b64decode(turn["data"])
            if turn["is_ours"]:
                command = _name_command(data, reply)
            elif command:
                self._replies.setdefault(command, []).append(data)
                reply = data
            else:
                self._greeting += data

    def serve(self, connection: socket.socket) -> str:
        """Until the job leaves; what it said that has no answer, or nothing."""
        connection.sendall(self._greeting)
        reply = b""
        while words := _read_until(connection, END if reply.startswith(b"354") else b"\r\n"):
            self._tell(words)
            command = _name_command(words, reply)
            replies = self._replies.get(command)
            if not replies:
                return _show(words)
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
            connection.sendall(reply)
            if command == b"STARTTLS" and reply.startswith(b"220"):
                connection, turns = self._secure(connection)
                self._replies.clear()
                self._learn(turns)
        return ""


def _name_command(words: bytes, reply: bytes) -> bytes:
    """Its verb; after a reply that asks for more, what was asked for."""
    if reply.startswith((b"334", b"354")):
        return reply[:3]
    return words.split(None, 1)[0].upper() if words.strip() else b""


def _read_until(connection: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        piece = connection.recv(1 << 16)
        if not piece or (end == b"\r\n" and len(data) > _LONGEST_LINE):
            return b""
        data += piece
    return data


def _hear(connection: socket.socket, size: int) -> bytes:
    """What the job says next: so many bytes, or until it waits for an answer."""
    data = connection.recv(1 << 16)
    connection.settimeout(_IDLE_S)
    with contextlib.suppress(TimeoutError):
        while data and len(data) < size and (more := connection.recv(1 << 16)):
            data += more
    connection.settimeout(None)
    return data


def _show(data: bytes) -> str:
    return data[:60].decode("utf-8", "replace").replace("\r\n", " ").strip()
