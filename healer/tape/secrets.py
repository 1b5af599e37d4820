"""Takes secrets out of what a job said and was told, before any of it is on disk.

Belongs here: where HTTP and other protocols carry secrets. Does not belong here: which names and
shapes mean a secret (`healer.redact`).
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from healer.redact import Redactor
from healer.redact.names import is_secret_value, kind_of_name
from healer.tape.facts import Connection, Exchange, ProgramRun, Turn
from healer.tape.http import Headers, find_header, is_opaque
from healer.tape.packed import MOST_BYTES, TooMuchError, list_texts
from healer.tape.postgres import clean_messages, is_postgres

_SHORTEST = 6
"""Shorter values are not looked for elsewhere: they would garble everything."""
_QUERY_NAMES = frozenset(
    {"key", "sig", "signature", "appid", "app_id", "code", "hash", "hmac", "state", "ticket", "t"}
)
"""Secrets in a query, beside what a name says anywhere."""
_SESSIONS = frozenset({"sessionid", "session_id", "session-id", "session", "phpsessid"})
_SCHEME = re.compile(r"(?i)^(bearer|basic|token|digest|negotiate|apikey|key|aws4-hmac-sha256)\s+")
_COMMANDS = re.compile(
    rb"(?im)^(?:PASS|AUTH(?: (?:PLAIN|LOGIN|XOAUTH2))?|LOGIN|a?\d+ LOGIN) +([^\r\n]+)"
    rb"|\*[23]\r\n\$4\r\nAUTH\r\n\$\d+\r\n([^\r\n]+)(?:\r\n\$\d+\r\n([^\r\n]+))?"
)
_BASE64_LINE = re.compile(rb"(?m)^([A-Za-z0-9+/]{8,}={0,2})\r?$")
_QUIET_HEADERS = frozenset({"www-authenticate", "proxy-authenticate", "etag", "set-cookie"})
REDACTED = re.compile(r"<REDACTED:[a-z0-9-]+:\d+>")


def collect_secrets(connections: Iterable[Connection]) -> set[str]:
    """Values that are secrets where they stand, and so wherever else they are said."""
    secrets: set[str] = set()
    for connection in connections:
        for exchange in connection.exchanges:
            secrets.update(_secrets_of_exchange(exchange))
        for turn in connection.turns:
            if turn.is_ours:
                secrets.update(_secrets_of_turn(turn.data))
    return {secret for secret in secrets if len(secret) >= _SHORTEST}


def _secrets_of_exchange(exchange: Exchange) -> Iterator[str]:
    for headers in (exchange.headers, exchange.answer_headers):
        for name, value in headers:
            yield from _secrets_of_header(name.lower(), value)
    for name, value in _query(exchange.target):
        if _is_secret_query(name):
            yield value
    for headers, body in (
        (exchange.headers, exchange.body),
        (exchange.answer_headers, exchange.answer),
    ):
        yield from _secrets_of_body(find_header(headers, "content-type").lower(), body)


def _secrets_of_header(name: str, value: str) -> Iterator[str]:
    if name == "cookie":
        yield from (part.partition("=")[2].strip() for part in value.split(";"))
    elif name == "set-cookie":
        yield value.partition(";")[0].partition("=")[2].strip()
    elif kind_of_name(name) and name not in _QUIET_HEADERS:
        bare = _SCHEME.sub("", value)
        yield bare
        if value.lower().startswith("basic "):
            yield from _split_login(bare)


def _split_login(text: str) -> Iterator[str]:
    try:
        login = base64.b64decode(text, validate=True).decode("utf-8")
    except ValueError:
        return
    yield login.rpartition(":")[2]


def _query(target: str) -> list[tuple[str, str]]:
    return parse_qsl(target.partition("?")[2], keep_blank_values=True)


def _is_secret_query(name: str) -> bool:
    return bool(kind_of_name(name)) or name.lower() in _QUERY_NAMES or name.startswith("X-Amz-")


def _secrets_of_body(kind: str, body: bytes) -> Iterator[str]:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return
    if "json" in kind or text[:1] in ("{", "["):
        try:
            yield from _secrets_of_value("", json.loads(text))
        except (ValueError, RecursionError):
            return
    elif "form-urlencoded" in kind:
        for name, value in parse_qsl(text, keep_blank_values=True):
            if kind_of_name(name):
                yield value


def _secrets_of_value(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _secrets_of_value(str(key), item)
    elif isinstance(value, list):
        for item in value:
            yield from _secrets_of_value(name, item)
    elif isinstance(value, str):
        kind = kind_of_name(name) or ("token" if name.lower() in _SESSIONS else "")
        if kind and is_secret_value(value, kind):
            yield value


def _secrets_of_turn(data: bytes) -> Iterator[str]:
    for match in _COMMANDS.finditer(data):
        for group in match.groups():
            if group:
                text = group.decode("utf-8", "replace").strip()
                yield text
                for word in text.split():
                    yield word
                    yield from _decode_login(word.encode())
    for match in _BASE64_LINE.finditer(data):  # what answers AUTH LOGIN
        secrets = list(_decode_login(match[1]))
        if secrets:
            yield match[1].decode("ascii")
            yield from secrets


def _decode_login(word: bytes) -> Iterator[str]:
    try:
        plain = base64.b64decode(word, validate=True).decode("utf-8")
    except ValueError:
        return
    if plain.replace("\0", "").isprintable():
        yield plain
        yield plain.rpartition("\0")[2]


class Cleaner:
    """A redactor, and what it had to leave out altogether."""

    def __init__(self, redactor: Redactor) -> None:
        self.redactor = redactor
        self.gaps: list[str] = []

    def clean(self, connection: Connection) -> Connection:
        """The same conversation without secrets."""
        place = f"{connection.host}:{connection.port}"
        return replace(
            connection,
            host=self.redactor.text(connection.host),
            exchanges=tuple(self._clean_exchange(each, place) for each in connection.exchanges),
            turns=tuple(self._clean_turns(connection.turns, place)),
        )

    def _clean_turns(self, turns: Sequence[Turn], place: str) -> Iterator[Turn]:
        if not turns or not is_postgres(turns[0].data):
            yield from (self._clean_turn(each, place) for each in turns)
            return
        for turn in turns:
            data = clean_messages(turn.data, is_ours=turn.is_ours, clean=self._clean_value)
            yield replace(turn, data=data)

    def _clean_value(self, data: bytes) -> bytes:
        return self.clean_bytes(data, "a value of a database")

    def _clean_exchange(self, exchange: Exchange, place: str) -> Exchange:
        where = f"{exchange.method} {place}{exchange.target.partition('?')[0]}"
        return replace(
            exchange,
            target=self._clean_target(exchange.target),
            headers=self._clean_headers(exchange.headers),
            body=self.clean_bytes(exchange.body, where, exchange.headers),
            answer_headers=self._clean_headers(exchange.answer_headers),
            answer=self.clean_bytes(exchange.answer, where, exchange.answer_headers),
        )

    def _clean_target(self, target: str) -> str:
        path, question, query = target.partition("?")
        parts = []
        for part in query.split("&"):
            name, equals, value = part.partition("=")
            if value and _is_secret_query(unquote(name)):
                value = self._hide(unquote(value))
            else:
                value = self.redactor.text(value)
            parts.append(f"{name}{equals}{quote(value, safe='<>:%+/,;@!$*()~-._')}")
        return self.redactor.text(path) + question + "&".join(parts)

    def _hide(self, value: str) -> str:
        return self.redactor.mapping({"secret": value})["secret"]

    def _clean_headers(self, headers: Headers) -> Headers:
        return tuple((name, self._clean_header(name.lower(), value)) for name, value in headers)

    def _clean_header(self, name: str, value: str) -> str:
        if name == "cookie":
            return "; ".join(self._clean_cookie(part.strip()) for part in value.split(";"))
        if name == "set-cookie":
            cookie, semicolon, rest = value.partition(";")
            return f"{self._clean_cookie(cookie)}{semicolon}{rest}"
        if kind_of_name(name) and name not in _QUIET_HEADERS:
            scheme = _SCHEME.match(value)
            start = scheme[0] if scheme else ""
            return start + self._hide(value[len(start) :])
        return self.redactor.text(value)

    def _clean_cookie(self, cookie: str) -> str:
        name, equals, value = cookie.partition("=")
        return f"{name}{equals}{self._hide(value)}" if value else cookie

    def clean_bytes(self, data: bytes, where: str, headers: Headers = ()) -> bytes:
        """Text without its secrets; other bytes as they are, or nothing where they hold one."""
        if not data:
            return data
        if is_opaque(headers):
            self.gaps.append(f"the body of {where} is not kept: its compression is not known here")
            return b""
        try:
            return self.redactor.text(data.decode("utf-8")).encode("utf-8")
        except UnicodeDecodeError:
            pass
        try:
            reason = "they seem to hold a secret" if self._holds_secret(data) else ""
        except TooMuchError:
            reason = f"unpacked they are more than {MOST_BYTES >> 20} MB, too much to look through"
        if not reason:
            return data
        self.gaps.append(f"the bytes of {where} are not kept: {reason}")
        return b""

    def _holds_secret(self, data: bytes) -> bool:
        return any(self.redactor.text(text) != text for text in list_texts(data))

    def clean_run(self, run: ProgramRun) -> ProgramRun:
        """The same program without secrets."""
        name = run.argv[0]
        return replace(
            run,
            argv=self.redactor.argv(run.argv),
            stdin=self.clean_bytes(run.stdin, f"the input of {name}"),
            stdout=self.clean_bytes(run.stdout, f"the output of {name}"),
            stderr=self.clean_bytes(run.stderr, f"the errors of {name}"),
        )

    def clean_text(self, data: bytes) -> bytes:
        """Text without its secrets; what is no text with replacement."""
        return self.redactor.text(data.decode("utf-8", "replace")).encode("utf-8")

    def _clean_turn(self, turn: Turn, place: str) -> Turn:
        data = turn.data
        try:
            return replace(turn, data=self.redactor.text(data.decode("utf-8")).encode("utf-8"))
        except UnicodeDecodeError:
            return replace(turn, data=self.clean_bytes(data, place))

    def clean_environment(self, values: Mapping[str, str]) -> dict[str, str]:
        """Variables without secrets: a value that is no plain setting keeps only its shape."""
        harmless = self.redactor.mapping(values)
        return {name: _keep_plain(value) for name, value in harmless.items()}


_PLAIN_VALUE = re.compile(
    r"(?x) -?\d{1,12}(\.\d{1,6})? | [a-z]{1,24} | [A-Z]{1,12} | (/|\./|~/)[^\s=]{0,200}(:/[^\s=]*)*"
    r" | [a-z+]{2,20}://[^\s@]{1,200} | [\w.-]{1,80}\.[a-zA-Z]{2,10}(:\d{1,5})?"
    r" | localhost(:\d{1,5})? | [A-Za-z]{1,12}([_/.-][A-Za-z0-9]{1,12}){1,4} | \d[\d.:-]{1,20} | "
)


def _keep_plain(value: str) -> str:
    """A setting as it is; of anything else the shape: letters, digits, length."""
    if REDACTED.search(value):
        return re.sub(r"[^\s]", "x", REDACTED.sub("x" * 12, value))
    if _PLAIN_VALUE.fullmatch(value):
        return value
    shape = re.sub(r"[A-Z]", "X", re.sub(r"[a-z]", "x", value))
    return re.sub(r"\d", "0", shape)
