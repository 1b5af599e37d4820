"""What a job said to its peers in protocols other than HTTP: mails, and statements that write.

Belongs here: SMTP, FTP, Redis, MySQL and PostgreSQL, as far as the job's own half says what it
changed. Does not belong here: answers, and connections (`talks`). Any bytes give facts, or none.
"""

import re
import struct
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from healer.facts.effects import MailEffect, StatementEffect

_SMTP = re.compile(rb"(?i)(EHLO|HELO|LHLO)\b")
_ADDRESS = re.compile(rb"(?i)(MAIL FROM|RCPT TO):\s*<([^>]*)>")
_FTP = re.compile(rb"(?i)USER [^\r\n]*\r\n")
_FTP_WRITES = re.compile(r"(?i)(STOR|STOU|APPE|DELE|RNFR|RNTO|MKD|RMD|SITE)\b")
_REDIS = re.compile(rb"\*\d+\r\n\$\d+\r\n")
_REDIS_READS = frozenset(
    {"AUTH", "CLIENT", "COMMAND", "CONFIG", "DBSIZE", "ECHO", "EXISTS", "EXEC", "GET",
     "GETRANGE", "HELLO", "HEXISTS", "HGET", "HGETALL", "HKEYS", "HLEN", "HMGET", "HSCAN",
     "HVALS", "INFO", "KEYS", "LINDEX", "LLEN", "LRANGE", "MGET", "MULTI", "PING", "PTTL",
     "QUIT", "SCAN", "SCARD", "SELECT", "SISMEMBER", "SMEMBERS", "SSCAN", "STRLEN",
     "SUBSCRIBE", "TTL", "TYPE", "XLEN", "XRANGE", "XREAD", "ZCARD", "ZCOUNT", "ZRANGE",
     "ZRANK", "ZSCAN", "ZSCORE"}
)  # fmt: skip
_SQL_WRITES = re.compile(
    r"(?is)\s*(?:/\*.*?\*/\s*|--[^\n]*\n\s*)*"
    r"(?:insert|update|delete|replace|merge|upsert|create|drop|alter|truncate|copy|call|exec|grant"
    r"|with\b.*\b(?:insert|update|delete|merge)\b)\b"
)
_STARTUP_PG = (b"\x00\x03\x00\x00", b"\x04\xd2\x16/")
"""Protocol 3.0, and the request for TLS, after the length."""
_LONGEST = 16 << 20


def is_known(turns: Sequence[bytes]) -> bool:
    """Whether the protocol of a conversation is one of these, or nothing was said."""
    first = turns[0] if turns else b""
    return not first or any(
        (_SMTP.match(first), _FTP.match(first), _REDIS.match(first), _is_sql(first))
    )


def is_writing(statement: str) -> bool:
    """Whether an SQL statement may change something, by its first word."""
    return _SQL_WRITES.match(statement) is not None


def read_mails(turns: Sequence[bytes]) -> Iterator[MailEffect]:
    """The mails of one SMTP conversation, from what the job said."""
    if not turns or not _SMTP.match(turns[0]):
        return
    sender, recipients, text = "", list[str](), list[bytes]()
    is_text = False
    for line in b"".join(turns).split(b"\r\n"):
        if is_text and line == b".":
            yield _make_mail(sender, recipients, b"\r\n".join(text))
            sender, recipients, text, is_text = "", [], [], False
        elif is_text:
            text.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        elif line.upper() == b"DATA":
            is_text = True
        elif match := _ADDRESS.match(line):
            address = match[2].decode("utf-8", "replace")
            if match[1].upper() == b"RCPT TO":
                recipients.append(address)
            else:
                sender = address


def _make_mail(sender: str, recipients: Sequence[str], text: bytes) -> MailEffect:
    message = message_from_bytes(text, policy=default)
    try:
        subject, body = str(message["subject"] or ""), "\n".join(_read_parts(message))
    except (ValueError, LookupError, AttributeError, TypeError):  # any bytes may stand in a mail
        subject, body = "", text.decode("utf-8", "replace")
    return MailEffect(sender, tuple(recipients), subject, body.replace("\r\n", "\n"))


def _read_parts(message: EmailMessage) -> Iterator[str]:
    """The text of each part; of an attachment with its name before it."""
    for part in message.walk():
        if part.is_multipart():
            continue
        content = part.get_content()
        text = content.decode("latin-1") if isinstance(content, bytes) else str(content)
        name = part.get_filename()
        yield f"[{name}]\n{text}" if name else text


def read_statements(place: str, turns: Sequence[bytes]) -> Iterator[StatementEffect]:
    """What the job asked a database or a file server to change. `place` is `host:port`."""
    data = b"".join(turns)
    if not data:
        return
    if _FTP.match(data):
        lines = data.decode("utf-8", "replace").split("\r\n")
        yield from (StatementEffect(place, line, ()) for line in lines if _FTP_WRITES.match(line))
    elif _REDIS.match(data):
        for words in _read_redis(data):
            if words[0].upper() not in _REDIS_READS:
                yield StatementEffect(place, words[0].upper(), tuple(words[1:]))
    elif _is_sql(turns[0]):
        read = _read_postgres if _is_postgres(turns[0]) else _read_mysql
        for statement, parameters in read(turns):
            if is_writing(statement):
                yield StatementEffect(place, statement, parameters)


def _read_redis(data: bytes) -> Iterator[list[str]]:
    """Commands as arrays of strings; ends where they are cut or are none."""
    at = 0
    while data[at : at + 1] == b"*":
        end = data.find(b"\r\n", at)
        words: list[str] = []
        count = _number(data[at + 1 : end])
        at = end + 2
        for _ in range(count):
            end = data.find(b"\r\n", at)
            size = _number(data[at + 1 : end]) if data[at : at + 1] == b"$" and end > 0 else -1
            if size < 0 or end + 2 + size > len(data):
                return
            words.append(data[end + 2 : end + 2 + size].decode("utf-8", "replace"))
            at = end + 2 + size + 2
        if not words:
            return
        yield words


def _number(text: bytes) -> int:
    return int(text) if text.isdigit() and len(text) < 9 else -1  # noqa: PLR2004 - what fits memory


def _is_postgres(first: bytes) -> bool:
    return first[4:8] in _STARTUP_PG


def _is_sql(first: bytes) -> bool:
    """The client's first words to PostgreSQL, or its answer to MySQL's greeting (packet 1)."""
    if _is_postgres(first):
        return True
    return len(first) > 36 and first[3] == 1 and first[:3] != b"\x16\x03\x01"  # noqa: PLR2004 - the least of a handshake


def _read_mysql(turns: Sequence[bytes]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """COM_QUERY and COM_STMT_PREPARE: packets of a turn that begins a command (number 0)."""
    for data in turns[1:]:
        at = 0
        while at + 5 <= len(data):
            size = int.from_bytes(data[at : at + 3], "little")
            if data[at + 3] == 0 and data[at + 4] in (0x03, 0x16):
                yield data[at + 5 : at + 4 + size].decode("utf-8", "replace"), ()
            at += 4 + size


def _read_postgres(turns: Sequence[bytes]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Simple queries, and parsed ones with the parameters that are bound to them."""
    data = b"".join(turns)
    at, name, by_name = 0, "", dict[str, str]()
    while _is_postgres(data[at:]):
        at += int.from_bytes(data[at : at + 4], "big")
    while at + 5 <= len(data):
        kind, size = data[at : at + 1], int.from_bytes(data[at + 1 : at + 5], "big")
        body = data[at + 5 : at + 1 + size]
        if size < 4 or size > _LONGEST:  # noqa: PLR2004 - the length counts itself
            return
        parts = body.split(b"\0", 2)
        if kind == b"Q":
            yield body.rstrip(b"\0").decode("utf-8", "replace"), ()
        elif kind == b"P" and len(parts) > 2:  # noqa: PLR2004 - name, statement, types
            by_name[parts[0].decode("latin-1")] = parts[1].decode("utf-8", "replace")
        elif kind == b"B" and len(parts) > 2:  # noqa: PLR2004 - portal, name, parameters
            name = parts[1].decode("latin-1")
            yield by_name.get(name, ""), tuple(_read_parameters(parts[2]))
        at += 1 + size


def _read_parameters(data: bytes) -> Iterator[str]:
    """Of a Bind message, after the names; binary ones as hexadecimal digits."""
    try:
        (formats,) = struct.unpack_from("!h", data)
        codes = struct.unpack_from(f"!{formats}h", data, 2)
        (count,) = struct.unpack_from("!h", data, 2 + 2 * formats)
        at = 4 + 2 * formats
        for number in range(count):
            (size,) = struct.unpack_from("!i", data, at)
            value = data[at + 4 : at + 4 + max(0, size)]
            code = codes[number if formats > 1 else 0] if formats else 0
            text = value.hex() if code else value.decode("utf-8", "replace")
            yield "NULL" if size < 0 else text
            at += 4 + max(0, size)
    except (struct.error, IndexError):
        return
