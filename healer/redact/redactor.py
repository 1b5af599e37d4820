"""One object that takes secrets out of text, and the placeholder it leaves.

Belongs here: known values, the joining of all findings, the numbering. Does not belong here: what
a secret looks like (`shapes`) or is called (`names`).
"""

import base64
import hashlib
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote, quote_plus, unquote, urlsplit

from healer.redact.encodings import decode_words
from healer.redact.names import (
    find_by_name,
    find_by_name_in_code,
    is_of_language,
    is_secret_value,
    kind_of_name,
)
from healer.redact.shapes import Span, find_by_shape

_PLACEHOLDER = re.compile(r"<REDACTED:[a-z0-9-]+:\d+>")
_MANGLED_PLACEHOLDER = re.compile(r"REDACTED\s*:\s*[\w-]+\s*:\s*\d+", re.IGNORECASE)
_SHORTEST_KNOWN = 4
_SHORTEST_ANYWHERE = 8
"""Known values from 4 to 7 characters count only as whole words; shorter ones not at all."""
_SHORTEST_LINE = 16
_FOLDERS = ("PWD", "OLDPWD")
"""The shell's working folders, whose names look like passwords."""
_ORDINARY = frozenset({"true", "false", "none", "null", "test", "root", "admin", "localhost"})


def contains_placeholder(text: str) -> bool:
    """True where `text` holds a placeholder, also one that a model has mangled."""
    return _MANGLED_PLACEHOLDER.search(text) is not None


class Redactor:
    """Replaces secrets by `<REDACTED:kind:number>`; one secret keeps one placeholder.

    Numbers follow the order of first appearance, so they are the same for the same sequence of
    texts; `fresh()` starts again at 1. Safe for use from several threads. Secrets are not kept,
    only their digests, except for the known values given here.
    """

    def __init__(
        self, secrets: Iterable[str] = (), names: Iterable[str] = (), keeps: Iterable[str] = ()
    ) -> None:
        """`secrets` are taken out wherever they stand; values named by `names` are secrets too.
        What has the shape of a kind in `keeps` stays."""
        self._keeps, self._spared = frozenset(keeps), frozenset[str]()
        self._secrets = frozenset(secrets)
        self._names = frozenset(name.lower() for name in names)
        self._known = _pattern_of(self._secrets)
        self._numbers: dict[bytes, str] = {}
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str], secrets: Iterable[str] = (), names: Iterable[str] = ()
    ) -> "Redactor":
        """A redactor that knows every secret which this environment holds.

        A variable's value counts when its name says so, or as the password inside a URL.
        """
        extra = frozenset(name.lower() for name in names)
        values = set(secrets)
        for name, value in environment.items():
            kind = "" if name in _FOLDERS else kind_of_name(name, extra)
            if kind and is_secret_value(value, kind):
                values.add(value)
            values.update(_passwords_of_url(value))
        return cls(values, extra)

    def fresh(self) -> "Redactor":
        """The same knowledge with numbers starting at 1, for one prompt or one mail."""
        return Redactor(self._secrets, self._names)

    def spare(self, names: str) -> "Redactor":
        """The same, with the same numbers, but for mail addresses among `names`: who decided is
        named in healer's own words."""
        other = Redactor(self._secrets, self._names, self._keeps)
        other._numbers, other._counts, other._lock = self._numbers, self._counts, self._lock
        other._spared = frozenset(names.split())
        return other

    def for_tape(self) -> "Redactor":
        """The same knowledge for what stays on this machine: mail addresses and home folders are
        data there, which jobs take apart, and no secrets."""
        return Redactor(self._secrets, self._names, ("email", "home"))

    def text(self, text: str) -> str:
        """`text` (a log, a message, a dump) without its secrets."""
        return self._replace(text, [*self._find_in_text(text), *self._find_in_encoded(text)])

    def source(self, text: str) -> str:
        """Source code without its secrets: names count only where a literal is bound to them."""
        spans = [
            *self._find_by_value(text),
            *self._find_by_shape(text),
            *find_by_name_in_code(text, self._names),
            *self._find_in_encoded(text),
        ]
        return self._replace(text, spans)

    def mapping(self, values: Mapping[str, str]) -> dict[str, str]:
        """Values under a secret's name are replaced whole, the others as text."""
        return {name: self._redact_value(name, value) for name, value in values.items()}

    def argv(self, words: Sequence[str]) -> tuple[str, ...]:
        """A command line; the word after `--password` and its like is a secret."""
        answer: list[str] = []
        kind = ""
        for word in words:
            secret = kind and not word.startswith("-") and is_secret_value(word, kind)
            answer.append(self._placeholder(word, kind) if secret else self.text(word))
            is_flag = word.startswith("-") and "=" not in word
            kind = kind_of_name(word.lstrip("-"), self._names) if is_flag else ""
        return tuple(answer)

    def _redact_value(self, name: str, value: str) -> str:
        kind = kind_of_name(name, self._names)
        inner = value.strip("'\"")
        is_secret = kind and is_secret_value(inner, kind)
        if not is_secret or _PLACEHOLDER.fullmatch(inner) or is_of_language(name, inner, kind):
            return self.text(value)
        return self._placeholder(inner, kind)

    def _find_in_text(self, text: str) -> Iterator[Span]:
        yield from self._find_by_value(text)
        yield from self._find_by_shape(text)
        yield from find_by_name(text, self._names)

    def _find_in_encoded(self, text: str) -> Iterator[Span]:
        """Words that hold a secret once they are decoded; they go whole."""
        for start, end, plain in decode_words(text):
            secret = next(self._find_in_text(plain), None)
            if secret is not None:
                yield Span(start, end, secret.kind)

    def _find_by_value(self, text: str) -> Iterator[Span]:
        if self._known is not None:
            yield from (Span(*match.span(), "secret") for match in self._known.finditer(text))

    def _find_by_shape(self, text: str) -> Iterator[Span]:
        for span in find_by_shape(text):
            is_name = span.kind == "email" and text[span.start : span.end] in self._spared
            if span.kind not in self._keeps and not is_name:
                yield span

    def _replace(self, text: str, spans: list[Span]) -> str:
        pieces: list[str] = []
        position = 0
        for start, end, kind in _outside_placeholders(text, _join(spans)):
            pieces += [text[position:start], self._placeholder(text[start:end], kind)]
            position = end
        return "".join([*pieces, text[position:]])

    def _placeholder(self, secret: str, kind: str) -> str:
        digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            if digest not in self._numbers:
                self._counts[kind] = self._counts.get(kind, 0) + 1
                self._numbers[digest] = f"<REDACTED:{kind}:{self._counts[kind]}>"
            return self._numbers[digest]


def _join(spans: list[Span]) -> Iterator[Span]:
    """Overlapping spans become one; the one that starts first (then the longest) gives the kind."""
    current: Span | None = None
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if current is None or span.start >= current.end:
            if current is not None:
                yield current
            current = span
        elif span.end > current.end:
            current = current._replace(end=span.end)
    if current is not None:
        yield current


def _outside_placeholders(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Leaves placeholders of an earlier pass alone; takes out what else the spans hold."""
    for span in spans:
        start = span.start
        for placeholder in _PLACEHOLDER.finditer(text, span.start, span.end):
            yield from _worth_hiding(text, span._replace(start=start, end=placeholder.start()))
            start = placeholder.end()
        if start == span.start:
            yield span
        else:
            yield from _worth_hiding(text, span._replace(start=start))


def _worth_hiding(text: str, span: Span) -> Iterator[Span]:
    if sum(character.isalnum() for character in text[span.start : span.end]) >= _SHORTEST_KNOWN:
        yield span


def _pattern_of(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for every known value, as itself and as it is usually written."""
    forms = {form for secret in secrets for form in _forms(secret)}
    if not forms:
        return None
    return re.compile("|".join(_escape(form) for form in sorted(forms, key=len, reverse=True)))


def _forms(secret: str) -> Iterator[str]:
    value = secret.strip()
    if len(value) < _SHORTEST_KNOWN or value.lower() in _ORDINARY:
        return
    plain = value.encode("utf-8", "surrogatepass")
    yield value
    yield repr(value)[1:-1]
    yield quote(value, safe="", errors="replace")
    yield quote_plus(value, errors="replace")
    if len(value) >= _SHORTEST_ANYWHERE:
        yield base64.b64encode(plain).decode().rstrip("=")
        yield base64.urlsafe_b64encode(plain).decode().rstrip("=")
        yield plain.hex()
    for line in value.splitlines():
        if len(line.strip()) >= _SHORTEST_LINE:
            yield line.strip()


def _escape(form: str) -> str:
    pattern = re.escape(form)
    return pattern if len(form) >= _SHORTEST_ANYWHERE else rf"(?<!\w){pattern}(?!\w)"


def _passwords_of_url(value: str) -> Iterator[str]:
    if "://" not in value or "@" not in value:
        return
    try:
        password = urlsplit(value).password
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)
