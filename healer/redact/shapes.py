"""Secrets that are known by how they look.

Belongs here: one row for each shape, with the kind that its placeholder shows. Does not belong
here: secrets known by the name beside them (`names`), or by their value (`redactor`).

Every pattern runs in linear time: no nested repetition, bounded look-behind. A pattern may mark
the part to take out with a group called `secret`; without one the whole match goes. Where a
provider documents a fixed length we ask for less: a cut-off key is still most of a key.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from healer.redact.encodings import decode_base64


class Span(NamedTuple):
    """Characters `start` to `end` of a text hold a secret of this kind."""

    start: int
    end: int
    kind: str


_TOKEN_START = r"(?<![A-Za-z0-9])"  # noqa: S105  (a pattern, not a secret)

_PREFIXED_KEYS: dict[str, str] = {
    # kind: what follows a boundary; see each provider's documentation of its key format
    "aws-key": (
        r"(?:(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{12,}|ABSK[\w+/]{40,}={0,2}"
        r"|bedrock-api-key-[\w+/=-]{16,})"
    ),
    "github-token": r"(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,})",
    "gitlab-token": (
        r"(?:gl(?:pat|ptt|dt|rt|cbt|soat|ft|ffct|agent|imt|oas|oat|rtr)-[\w.-]{16,}"
        r"|GR1348941[\w-]{12,})"
    ),
    "slack-token": r"(?:xoxe\.)?(?:xox[abeoprs]|xapp)-[\w-]{10,}",
    "stripe-key": r"(?:(?:sk|rk|pk)_(?:live|test|prod)_\w{8,}|whsec_\w{8,})",
    "model-key": (
        r"(?:sk-[\w-]{16,}|gsk_\w{16,}|xai-\w{16,}|pplx-\w{16,}|r8_\w{16,}|hf_\w{16,}"
        r"|api_org_\w{16,}|lsv2_(?:pt|sk)_\w{16,})"
    ),
    "google-key": r"(?:AIza[\w-]{30,}|ya29\.[\w.-]{16,}|GOCSPX-[\w-]{16,}|1//0[\w-]{16,})",
    "package-token": (
        r"(?:npm_\w{16,}|pypi-[\w-]{16,}|dckr_pat_[\w-]{16,}|rubygems_\w{16,}"
        r"|CLOJARS_[\w]{30,}|cio[A-Za-z0-9]{32}\b|AKCp[A-Za-z0-9]{40,}|cmVmd[A-Za-z0-9]{40,})"
    ),
    "mail-key": (
        r"(?:SG\.[\w-]{10,}\.[\w-]{10,}|(?:pub)?key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}\b"
        r"|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}\b|xkeysib-[\w-]{32,}|re_\w{8}_\w{16,})"
    ),
    "twilio-key": r"(?:SK|AC)[0-9a-f]{32}\b",
    "shop-token": (
        r"(?:shp(?:at|ca|pa|ss)_[0-9a-fA-F]{16,}|sq0[a-z]{3}-[\w-]{16,}|EAAA[\w-]{22,}"
        r"|shippo_(?:live|test)_[0-9a-fA-F]{16,}|rzp_(?:live|test)_\w{10,}|EZ[AT]K\w{40,}"
        r"|FLW(?:SEC|PUB)K(?:_TEST)?-\w{10,}(?:-X)?|(?:live|test)_(?:pub_)?[0-9a-f]{31,35}\b)"
    ),
    "cloud-token": (
        r"(?:do[opr]_v1_[0-9a-f]{16,}|HRKU-[\w-]{16,}|dapi[0-9a-f]{32}|hv[sbr]\.[\w-]{16,}"
        r"|gl(?:sa|c)_[\w+/=]{16,}|NR(?:AK|II|JS)-[\w-]{16,}|sntry[su]_[\w+/=.-]{16,}"
        r"|EAA[A-Za-z0-9]{30,}|lin_api_\w{16,}|ntn_\w{16,}|secret_[A-Za-z0-9]{32,}"
        r"|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{20,}|v1\.0-[0-9a-f]{16,}-[0-9a-f]{16,}"
        r"|[\w.~-]{3}\dQ~[\w.~-]{20,}|LTAI[A-Za-z0-9]{16,}|ATATT3[\w=-]{40,}|fo1_[\w-]{30,}"
        r"|fm[12][ar]?_[\w+/=]{40,}|pul-[0-9a-f]{32,}|pnu_\w{24,}|pscale_[a-z]+_[\w=.-]{24,}"
        r"|sha256~[\w-]{32,}|tskey-[a-z]+-[\w-]{16,}|nfp_\w{24,}|vercel_[a-z_]+_\w{16,}"
        r"|4b1d[A-Za-z0-9]{38}\b|dt0[a-z]\d\d\.\w{20,}\.\w{32,}|dp\.[a-z]+\.\w{32,}"
        r"|sbp_[0-9a-f]{32,}|tk-us-[\w-]{32,}|dnkey-[\w=-]{26,}|ico-[A-Za-z0-9]{32}\b"
        r"|AQVN[\w-]{35,}|YC[A-Za-z0-9][\w-]{37}\b|t1\.[\w=-]{8,}\.[\w=-]{60,})"
    ),
    "app-token": (
        r"(?:ops_eyJ[\w+/=-]{40,}|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{5,11}-){3,4}[A-Z0-9]{5}\b"
        r"|p8e-[a-z0-9]{32}|pat[A-Za-z0-9]{14}\.[0-9a-f]{40,}|pat-[a-z]{2}\d-[0-9a-f-]{36}"
        r"|[ps]at\.[\w-]{20,}\.\w{20,}\.\w{16,}"
        r"|(?:sc|ext|scauth|authress)_\w{5,30}\.\w{4,6}\.acc[_-][\w-]{10,32}\.[\w+/=-]{30,}"
        r"|duffel_(?:test|live)_[\w=-]{24,}|fio-u-[\w=-]{40,}|s-s4t2(?:ud|af)-[0-9a-f]{32,}"
        r"|[ps]k\.[\w-]{40,}\.[\w-]{16,}|\w{6}_\w{29}_mmk\b|API-[A-Z0-9]{26}\b"
        r"|access-(?:sandbox|development|production)-[0-9a-f-]{36}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}"
        r"|rdme_\w{40,}|sm_[aps]at_\w{16,}|sq[uap]_[0-9a-f]{40}|sgp_\w{32,}|tfp_[\w=.-]{40,}"
        r"|sl\.[\w=-]{60,}|bkua_[0-9a-f]{32,}|CCI[A-Z]{3}_\w{16,}|figd_[\w-]{32,}"
        r"|(?:sdk|mob|api)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|ph[cx]_\w{32,}"
        r"|1/\d{12,}:[0-9a-f]{32}|cflt\w{40,})"
    ),
    "encryption-key": r"AGE-SECRET-KEY-1[0-9A-Z]{16,}",
    "chat-token": r"[MNO][A-Za-z0-9_-]{22,27}\.[\w-]{6}\.[\w-]{25,}",
    "storage-key": r"[A-Za-z0-9+/]{86}==",
    "jwt": r"eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*){0,3}|eyJrIjoi[\w+/=-]{40,}",
}

_OTHERS: dict[str, str] = {
    "private-key": (
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[^-]|-(?!----))*(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?"
        r"|PuTTY-User-Key-File-\d:[\s\S]{0,8000}?Private-MAC: ?[0-9a-f]*"
    ),
    # Telegram writes it into its URLs, right after the word.
    "bot-token": _TOKEN_START + r"(?:bot)?(?P<secret>\d{8,10}:A[\w-]{30,})",
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

_KEY_PATTERNS = [
    (kind, re.compile(_TOKEN_START + pattern)) for kind, pattern in _PREFIXED_KEYS.items()
]
_OTHER_PATTERNS = [(kind, re.compile(pattern)) for kind, pattern in _OTHERS.items()]
_NEEDLES = {
    "private-key": ("private key", "putty"),
    "bot-token": (":a",),
    "url-credentials": ("://",),
    "webhook": ("://",),
    "authorization": ("authorization", "bearer", "basic", "apikey"),
    "cookie": ("cookie",),
    "login": ("-u ", "-u=", "user"),
    "signature": ("sig", "security-token"),
    "email": ("@",),
    "home": ("/home/", "users", "documents and settings"),
}
"""What stands, in small letters, in every text that a pattern fits: most texts hold none."""
_RUN = re.compile(r"[\w.~+/=:-]{12,}")
"""Signs of keys: every key with a prefix lies in such a run, and most text in none."""

# What has no form of its own at all is found only beside its provider's name (`names`).
_LONG_WORD = re.compile(r"(?<![\w/+-])[A-Za-z0-9]{32,512}(?![\w])")
_FEWEST_CHANGES = 0.35
"""Of a random word's neighbours that differ in class (capital, small letter, digit) more do: three
fifths where all 62 signs are as likely; of a name in capitals and small letters a quarter."""
_FEWEST_DIGITS = 3

_CARD = re.compile(r"(?<![\w.-])[3-6]\d{3}(?:[ -]?\d){9,15}(?![\w-])")
_CARD_DIGITS = range(13, 20)


def find_by_shape(text: str) -> Iterator[Span]:
    """Every span of `text` that looks like a secret; spans may overlap."""
    runs = [run.span() for run in _RUN.finditer(text)]
    for kind, pattern in _KEY_PATTERNS:
        for start, end in runs:
            for match in pattern.finditer(text, start, end):
                yield Span(*match.span(), kind)
    small = text.lower()
    for kind, pattern in _OTHER_PATTERNS:
        if any(needle in small for needle in _NEEDLES[kind]):
            yield from (Span(*_secret_part(match), kind) for match in pattern.finditer(text))
    for match in _LONG_WORD.finditer(text):
        if _is_random(match[0]):
            yield Span(*match.span(), "random-word")
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if len(digits) in _CARD_DIGITS and _luhn(digits):
            yield Span(*match.span(), "card")


def _is_random(word: str) -> bool:
    """A key of no known provider: all three classes, mixed as no name mixes them. Digests in
    hexadecimal have two classes only and stay."""
    classes = ["d" if sign.isdigit() else "A" if sign.isupper() else "a" for sign in word]
    changes = sum(one != other for one, other in pairwise(classes))
    has_all = len(set(classes)) == len("dAa") and classes.count("d") >= _FEWEST_DIGITS
    is_mixed = changes >= _FEWEST_CHANGES * len(word)
    return has_all and is_mixed and not decode_base64(word)


def _secret_part(match: re.Match[str]) -> tuple[int, int]:
    for group in ("secret", "secret2"):
        if match.re.groupindex.get(group) and match[group] is not None:
            return match.span(group)
    return match.span()


def _luhn(digits: str) -> bool:
    """The check sum that every payment card number carries."""
    values = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(sum(divmod(value, 10)) for value in values) % 10 == 0
