"""Answers that say that there is more than they hold: a next page, or others that follow.

Belongs here: reading that in the header lines and the body of one answer. Does not belong here:
which answer stands beside which on two nights (`reads`), and asking for the others
(`healer.draft.rules.values.pages`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

_LINK = re.compile(r'<(?P<address>[^<>]*)>(?P<rest>(?:"[^"]*"|[^<>"])*)')
_RELATION = re.compile(r"(?i);\s*rel\s*=\s*(?:\"(?P<quoted>[^\"]*)\"|(?P<plain>[^\s;,\"]+))")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_OF_NEXT = frozenset(
    ["next", "has", "is", "page", "cursor", "token", "url", "link", "links", "uri", "href",
     "marker", "offset", "start", "key", "after", "id", "number"]
)  # fmt: skip
_OF_MORE = frozenset({"has", "is", "more", "available", "results", "items", "pages", "rows"})
_OF_LAST = frozenset({"is", "last", "page"})
_COUNTS_OF_PAGES = (("total", "pages"), ("page", "count"), ("num", "pages"), ("last", "page"))
_OF_ENTRIES = frozenset({"count", "results", "items", "records", "rows", "entries", "hits"})
_OF_ONE_PAGE = frozenset({"limit", "offset", "page", "per", "size", "skip"})
_DEEPEST = 3


def find_next_link(headers: Sequence[tuple[str, str]]) -> str:
    """The address that a `Link` header names as the next page (RFC 8288); empty where none does."""
    for name, value in headers:
        for link in _LINK.finditer(value) if name.lower() == "link" else ():
            for relation in _RELATION.finditer(link["rest"]):
                words = (relation["quoted"] or relation["plain"] or "").lower().split()
                if "next" in words:
                    return link["address"].strip()
    return ""


def says_more(text: str) -> bool:
    """Whether a JSON object says of itself, beside its lists, that others follow."""
    with suppress(ValueError, RecursionError):
        document = json.loads(text.removeprefix("\ufeff")) if text.lstrip()[:1] == "{" else None
        return isinstance(document, dict) and _has_more(document)
    return False


def _has_more(document: Mapping[str, object], depth: int = 1) -> bool:
    words = {key: tuple(word.lower() for word in _WORD.findall(key)) for key in document}
    if any(_promises_more(words[key], value) for key, value in document.items()):
        return True
    if _has_more_pages(document, words) or _has_more_entries(document, words):
        return True
    inner = [value for value in document.values() if isinstance(value, dict)]
    return depth < _DEEPEST and any(_has_more(each, depth + 1) for each in inner)


def _promises_more(words: tuple[str, ...], value: object) -> bool:
    """`next`, `nextPageToken`, `has_more`, `last: false`."""
    if "next" in words and _OF_NEXT.issuperset(words):
        return bool(value) and not isinstance(value, list)
    if "more" in words and _OF_MORE.issuperset(words):
        return value is True
    return "last" in words and _OF_LAST.issuperset(words) and value is False


def _has_more_pages(document: Mapping[str, object], words: Mapping[str, tuple[str, ...]]) -> bool:
    """Its number is below that of the last one; without a number it is the first."""
    numbers = {words[key]: value for key, value in document.items() if type(value) is int}
    at = [numbers[each] for each in (("page",), ("current", "page"), ("page", "number"))
          if each in numbers]  # fmt: skip
    counts = [numbers[each] for each in _COUNTS_OF_PAGES if each in numbers]
    if at and ("pages",) in numbers:
        counts.append(numbers["pages",])
    return any(count > (at[0] if at else 1) for count in counts)


def _has_more_entries(document: Mapping[str, object], words: Mapping[str, tuple[str, ...]]) -> bool:
    """It counts more entries than its only list holds."""
    lists = [value for value in document.values() if isinstance(value, list)]
    is_page = any(_OF_ONE_PAGE & {*each} for each in words.values())
    counts = [
        value
        for key, value in document.items()
        if type(value) is int and "total" in words[key]
        if (words[key] == ("total",) and is_page) or _OF_ENTRIES & {*words[key]}
    ]
    return len(lists) == 1 and any(count > len(lists[0]) for count in counts)
