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


def answer(peer: WorldPeer, connection: socket.socket, tell: Tell, secure: Secure) -> str:
    """Speaks until the job leaves, or until the peer did; what was said that has no answer, or
    nothing."""
    turns = peer["turns"]
    if is_mail(turns):
        return MailServer(turns, tell, secure).serve(connection)
    tags: dict[bytes, bytes] = {}
    first = urlsafe_b64decode(turns[0]["data"]) if turns and not turns[0]["is_ours"] else b""
    is_login = first[3:5] == _MYSQL
    is_imap = first.startswith(_IMAP)
    for turn in turns:
        data = urlsafe_b64decode(turn["data"])
        if not turn["is_ours"]:
            connection.sendall(_put_tags(data, tags))
            continue
        words = _hear(connection, len(data))
        if not words:
            return ""
        tell(words)
        if is_imap:
            tags[data.partition(b" ")[0]] = words.partition(b" ")[0]
            data, words = data.partition(b" ")[2], words.partition(b" ")[2]
        if not is_login and not is_alike(data, words):
            return _show(words)
        is_login = False  # it names the process, and proves a password that is not on the tape
    if not peer["is_ended"]:
        _hear(connection, 1)
    return ""


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
