"""Secrets that are known by how they look.

Belongs here: one row for each shape, with the kind that its placeholder shows. Does not belong
here: secrets known by the name beside them (`names`), or by their value (`redactor`).

Every pattern runs in linear time: no nested repetition, bounded look-behind. A pattern may mark
the part to take out with a group called `secret`; without one the whole match goes. Where a
provider documents a fixed length we ask for less: a cut-off key is still most of a key.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """Characters `start` to `end` of a text hold a secret of this kind."""

    start: int
    end: int
    kind: str


_TOKEN_START = r"(?<![A-Za-z0-9])"  # noqa: S105  (a pattern, not a secret)

_PREFIXED_KEYS: dict[str, str] = {
    # kind: what follows a boundary; see each provider's documentation of its key format
    "aws-key": r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{12,}",
    "github-token": r"(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,})",
    "gitlab-token": r"gl(?:pat|ptt|dt|rt|cbt|soat|ft|agent|imt)-[\w-]{16,}",
    "slack-token": r"(?:xox[abeoprs]|xapp)-[\w-]{10,}",
    "stripe-key": r"(?:(?:sk|rk|pk)_(?:live|test)_\w{8,}|whsec_\w{8,})",
    "model-key": r"(?:sk-[\w-]{16,}|gsk_\w{16,}|xai-\w{16,}|pplx-\w{16,}|r8_\w{16,}|hf_\w{16,})",
    "google-key": r"(?:AIza[\w-]{30,}|ya29\.[\w.-]{16,}|GOCSPX-[\w-]{16,}|1//0[\w-]{16,})",
    "package-token": r"(?:npm_\w{16,}|pypi-[\w-]{16,}|dckr_pat_[\w-]{16,}|rubygems_\w{16,})",
    "mail-key": r"(?:SG\.[\w-]{10,}\.[\w-]{10,}|key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}\b)",
    "twilio-key": r"(?:SK|AC)[0-9a-f]{32}\b",
    "shop-token": r"(?:shp(?:at|ca|pa|ss)_[0-9a-fA-F]{16,}|sq0[a-z]{3}-[\w-]{16,})",
    "cloud-token": (
        r"(?:do[opr]_v1_[0-9a-f]{16,}|HRKU-[\w-]{16,}|dapi[0-9a-f]{32}|hv[sbr]\.[\w-]{16,}"
        r"|gl(?:sa|c)_[\w=]{16,}|NRAK-[A-Z0-9]{16,}|sntry[su]_[\w+/=.-]{16,}|EAA[A-Za-z0-9]{30,}"
        r"|lin_api_\w{16,}|ntn_\w{16,}|secret_[A-Za-z0-9]{32,}|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{20,}"
        r"|v1\.0-[0-9a-f]{16,}-[0-9a-f]{16,}|[\w.~-]{3}8Q~[\w.~-]{20,})"
    ),
    "encryption-key": r"AGE-SECRET-KEY-1[0-9A-Z]{16,}",
    "chat-token": r"[MNO][A-Za-z0-9_-]{22,27}\.[\w-]{6}\.[\w-]{25,}",
    "storage-key": r"[A-Za-z0-9+/]{86}==",
    "jwt": r"eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*){0,3}",
}

_OTHERS: dict[str, str] = {
    "private-key": (
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[^-]|-(?!----))*(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?"
        r"|PuTTY-User-Key-File-\d:[\s\S]{0,8000}?Private-MAC: ?[0-9a-f]*"
    ),
    # Telegram writes it into its URLs, right after the word.
    "bot-token": _TOKEN_START + r"(?:bot)?(?P<secret>\d{8,10}:AA[\w-]{30,})",
    # The last @ before the host ends the user information: passwords hold @ and / too.
    "url-credentials": (
        r"(?<=://)(?P<secret>[^\s/@:'\"<>]{0,200}:(?!\d{1,5}[/?#])[^\s'\"<>]{1,400})@(?=[\w\[])"
        r"|(?<=://)(?!git@)(?P<secret2>[^\s/@:'\"<>]{1,400})@(?=[\w\[])"
    ),
    "webhook": (
        r"(?<=://)(?:hooks\.slack\.com/(?:services|workflows|triggers)"
        r"|(?:\w+\.)?discord(?:app)?\.com/api/webhooks|[\w.-]+\.webhook\.office\.com)"
        r"/(?P<secret>[\w/@.-]{8,})"
    ),
    "authorization": (
        r"(?i:\b(?:proxy-)?authorization\b[\"']?\s{0,4}[:=]\s{0,4}(?:[bf]{0,2}[\"'])?)"
        r"(?!(?i:bearer|basic|token)\s{0,4}[{%<$])(?P<secret>[^\s\"',;{}<][^\r\n\"'{}<]{2,})"
        r"|(?i:\b(?:bearer|basic|apikey)\s{1,4})(?P<secret2>(?=[^\s\"',;]*[\d=._-])[\w.~+/=-]{8,})"
    ),
    "cookie": (
        r"(?i:\b(?:set-)?cookie2?\b[\"']?\s{0,4}:\s{0,4}(?:[bf]{0,2}[\"'])?)"
        r"(?P<secret>[^\s\"'<][^\r\n\"'<]*=[^\r\n\"'<]+)"
    ),
    "login": (
        r"(?<=\s)(?:-u|--user|--proxy-user)[ =][\"']?"
        r"(?P<secret>[^\s:\"'<>]{1,80}:[^\s\"'<>]{1,200})"
    ),
    "signature": (
        r"[?&;](?:sig|signature|X-Amz-Signature|X-Amz-Security-Token)="
        r"(?P<secret>[^\s&\"'<>]{8,})"
    ),
    "email": r"(?<![\w.+%/-])[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b(?!\()",
    "home": (
        r"(?<![\w.~-])(?:/home|/Users|/export/home|/var/home)/(?P<secret>[^\s/\\:'\",;<>()\[\]{}]{1,64})"
        r"|(?i:\b[a-z]:(?:\\{1,4}|/)(?:users|documents and settings)(?:\\{1,4}|/))"
        r"(?P<secret2>[^\\/:\r\n'\",;<>|?*]{1,64}(?=[\\/])|[^\\/:\s'\",;<>|?*]{1,64})"
    ),
}

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    [(kind, re.compile(_TOKEN_START + pattern)) for kind, pattern in _PREFIXED_KEYS.items()]
    + [(kind, re.compile(pattern)) for kind, pattern in _OTHERS.items()]
)

_CARD = re.compile(r"(?<![\w.-])[3-6]\d{3}(?:[ -]?\d){9,15}(?![\w-])")
_CARD_DIGITS = range(13, 20)


def find_by_shape(text: str) -> Iterator[Span]:
    """Every span of `text` that looks like a secret; spans may overlap."""
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield Span(*_secret_part(match), kind)
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if len(digits) in _CARD_DIGITS and _luhn(digits):
            yield Span(*match.span(), "card")


def _secret_part(match: re.Match[str]) -> tuple[int, int]:
    for group in ("secret", "secret2"):
        if match.re.groupindex.get(group) and match[group] is not None:
            return match.span(group)
    return match.span()


def _luhn(digits: str) -> bool:
    """The check sum that every payment card number carries."""
    values = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(sum(divmod(value, 10)) for value in values) % 10 == 0
