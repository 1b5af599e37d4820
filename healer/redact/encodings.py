"""Words of a text that are another text in disguise: percent signs, base64.

Belongs here: finding and decoding them. Does not belong here: whether what they say is a secret
(`redactor`).
"""

import base64
import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

_PERCENT = re.compile(r"(?:[\w.~*+-]|%[0-9A-Fa-f]{2}){4,8000}")
_TELLING = re.compile(r"%(?:22|27|3[ADad]|7[Bb]|0[ADad])")
"""Quotes, colon, equals sign, brace or line end: what stands between a name and its value."""
_BASE64 = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{24,8000}={0,2}(?![\w=])")
_CLASSES = (str.isupper, str.islower)


def decode_words(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each encoded word begins and ends, and what it says. Words of more than 8,000
    characters, and what is no printable text of UTF-8, are left out."""
    for match in _PERCENT.finditer(text) if "%" in text else ():
        if _TELLING.search(match[0]):
            yield *match.span(), unquote_plus(match[0])
    for match in _BASE64.finditer(text):
        plain = decode_base64(match[0])
        if plain:
            yield *match.span(), plain


def decode_base64(word: str) -> str:
    """The text that a word is in base64; empty where it is none."""
    if not all(any(map(is_class, word)) for is_class in _CLASSES):
        return ""  # a name or a digest
    body = word.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
        plain = data.decode("utf-8")
    except ValueError:
        return ""
    return plain if plain.replace("\n", "").replace("\t", "").isprintable() else ""
