"""Secrets that are known by the name beside them: `password=…`, `"api_key": "…"`, `--token …`.

Belongs here: which names mean a secret, and where a name's value begins and ends in text and in
source code. Does not belong here: secrets that show by themselves (`shapes`).

In source code only literals count: `token = stream.next()` is no secret, and a redacted line
cannot be quoted in an edit.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from healer.redact.shapes import Span


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HARD = _words(
    "password passwords passwd passphrase passcode pwd pass secret secrets credential credentials "
    "creds apikey authkey accesskey secretkey privatekey accountkey sharedaccesskey "
    "connectionstring dsn pgpassword pgpass"
)
_SOFT = _words(
    "token tokens authtoken accesstoken refreshtoken idtoken jwt bearer authorization auth cookie "
    "sessionid csrf csrftoken xsrf otp nonce sid"
)
_KEY_OWNERS = _words(
    "api access secret private auth encryption encrypt signing sign account shared master ssh "
    "service license licence client webhook deploy app application subscription storage hmac "
    "aes rsa crypto cipher admin function functions"
)
_KEY_WORDS = _words("key keys api token secret auth access credential license licence pat")
_PROVIDERS = _words(
    "adafruit airtable algolia alibaba aliyun anthropic asana atlassian auth0 aws azure backblaze "
    "beamer binance bitbucket bittrex brevo braintree buildkite circleci cloudflare cloudinary "
    "codecov cohere coinbase confluence confluent contentful datadog deepl digitalocean discord "
    "docusign droneci dropbox ebay elastic etsy facebook fastly finicity finnhub flickr "
    "flutterwave freshbooks freshdesk gitter github gitlab gocardless grafana heroku hubspot "
    "intercom jfrog artifactory jira klarna kraken kucoin launchdarkly linear linkedin looker "
    "mailchimp mailgun mailjet mapbox mattermost meraki messagebird mistral mixpanel mongodb "
    "nasdaq netlify newrelic "
    "notion nytimes okta openai openweather opsgenie pagerduty paypal pinecone plaid polygon "
    "postmark privateai pusher quandl rapidapi salesforce segment sendbird sendgrid sendinblue "
    "sentry shopify slack snyk sonar sourcegraph splunk spotify squarespace stripe sumo sumologic "
    "supabase telegram tiingo todoist travis trello twilio twitch twitter typeform vercel vonage "
    "webflow xero yandex zendesk zoom"
)
"""Names of services that give out keys without a form of their own; of gitleaks' rule table and of
the services' own documentation. Only beside a random word do they mean anything."""
_HARMLESS_ENDINGS = _words(
    "error exception warning name names count counts length len size limit limits type types kind "
    "index file files path dir url uri host port expired expires expiry exp at ttl age field "
    "fields column columns policy min max valid invalid required missing enabled disabled used "
    "budget pattern regex re header prefix suffix label user username id ids in out per total "
    "usage method mode scheme status class func function hint help text message msg parser "
    "stream list set map env scope scopes issuer audience"
)
_HARMLESS_VALUES = _words(
    "none null nil true false yes no on off undefined unset empty required optional redacted "
    "str int bool bytes"
)
_SHORTEST_VALUE = 4
"""Shorter values are punctuation and flags, not secrets; replacing them would garble the text."""

_SHORTEST_RANDOM, _LONGEST_RANDOM = 12, 512
_FEWEST_CHANGES = 2
"""From letter to digit and back: a number at a word's end is one of many, one inside it is rare."""

_WORD_OF_NAME = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NAME = r"(?<![\w-])(?P<dashes>-{1,2})?(?P<name>[A-Za-z_][\w.-]{0,80}+)"
# `the password was wrong`: only a flag takes its value after a space
_NAME_IN_TEXT = re.compile(
    _NAME + r"(?P<close>\\{0,3}[\"']\]?|\])?"
    r"(?P<separator>\s{0,4}(?:=>|:=|={1,3}|:)[ \t]{0,4}"
    r"|(?(close),\s{0,4}|(?(dashes)(?<=\w)\s|(?!))))"
)
_NAME_IN_CODE = re.compile(
    _NAME + r"(?P<close>[\"']\]?)?"
    r"(?P<separator>\s{0,4}(?::[ \t]{0,4}[\w\[\]., |]{1,60}?)?={1,2}[ \t]{0,4}"
    r"|:[ \t]{0,4}|,\s{0,4})\(?"
)
_QUOTED = re.compile(r"[rbfu]{0,2}(?P<quote>\\{0,3}[\"'])(?P<value>.{0,4000}?)(?P=quote)")
_BARE = re.compile(r"(?P<value>[^\s,;&'\"<>(){}\[\]]{1,4000})")
_TEMPLATE = re.compile(
    r"(?:(?:bearer|basic|token)\s+)?"
    r"(?:\{[\w.!:\[\]'\"()]*\}|%\(?\w*\)?[sdr]|\$\{?\w+\}?|<[\w -]+>|\*+|\.{3})",
    re.IGNORECASE,
)
# A lexer's kinds of token: what `Token.Keyword` is equal to, or maps to, was issued to nobody.
_KIND_OF_TOKEN = re.compile(r"(?:[\w.]+\.)?Token(?:s|Type)?(?:\.[A-Z]\w*)+")
_TOKEN_OF_LANGUAGE = re.compile(r"(?i)(?:(?!api|auth|access)[a-z]+_)?tokens?(?:_[a-z]+)?")
_LANGUAGE_WORD = re.compile(
    r"(?:[A-Z]{1,16}|[A-Z]?[a-z]{1,16}|(?:[A-Z][a-z]{2,11}){2,3})"
    r"(?:[._](?:[A-Z]{1,16}|[A-Z]?[a-z]{1,16}))*"
)
_SECRET_FILE = re.compile(
    r"(?i)^(?:\.env.*|.*\.(?:pem|key|p12|pfx|kdbx|jks)|id_(?:rsa|dsa|ecdsa|ed25519).*|\.netrc|"
    r"\.pypirc|\.npmrc|.*credentials?.*|.*secrets?(?:\.[a-z]+)?)$"
)
_XML = re.compile(r"<(?P<name>[A-Za-z_][\w.:-]{0,80})>(?P<value>[^<>\r\n]{4,2000})</(?P=name)>")
# `<add key="Password" value="…" />`, `{"name": "API_KEY", "value": "…"}`
_PAIR = re.compile(
    r"(?i)\b(?:key|name)[\"']?\s{0,4}[=:]\s{0,4}[\"'](?P<name>[\w.:-]{1,80})[\"']\s{0,4},?\s{0,8}[\"']?"
    r"value[\"']?\s{0,4}[=:]\s{0,4}[\"'](?P<value>[^\"'<>\r\n]{4,2000})[\"']"
)
# Everything under a Kubernetes secret's `data` is one, whatever it is called.
_MANIFEST = re.compile(r"(?m)^[ \t]{0,40}[\"']?kind[\"']?:[ \t]*[\"']?Secret\b")
_MANIFEST_DATA = re.compile(
    r"(?m)^(?P<margin>[ \t]{0,40})(?:data|stringData):[ \t]*\r?\n"
    r"(?P<body>(?:(?P=margin)[ \t]+[^\r\n]*\r?\n?){1,200})"
)
_MANIFEST_VALUE = re.compile(r"(?m)^[ \t]+[\w.-]{1,80}:[ \t]*[\"']?(?P<value>[^\s\"'{][^\r\n\"']*)")
# A pass phrase has blanks: `password: correct horse battery` goes to the end of its line.
_WHOLE_LINE = re.compile(
    r"(?m)^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.-]{0,80}+)[ \t]*[:=][ \t]*"
    r"(?P<value>[^\s'\"<{\[(=][^\r\n<=]*)$"
)
# .env lines of any name: a long random word of mixed letters and digits is a key, not a setting.
_ENV_LINE = re.compile(
    r"(?m)^[ \t]*(?:export[ \t]+)?[A-Z][A-Z0-9_]{1,80}=[\"']?"
    r"(?P<value>(?=[^\s\"']*[a-z])(?=[^\s\"']*[A-Z])(?=[^\s\"']*\d)[\w+/=-]{20,})[\"']?[ \t]*$"
)


def kind_of_name(name: str, extra: frozenset[str] = frozenset()) -> str:
    """The kind of secret that a value of this name is, or an empty string.

    `extra` holds further names, in lower case, that count whatever they look like.
    """
    if name.lower() in extra:
        return "secret"
    words = [word.lower() for word in _WORD_OF_NAME.findall(name)]
    if _KIND_OF_TOKEN.fullmatch(name):
        return ""
    if not words or (len(words) > 1 and words[-1] in _HARMLESS_ENDINGS):
        return ""
    return _kind_of_words(words, is_upper=name.isupper())


def _kind_of_words(words: list[str], *, is_upper: bool) -> str:
    candidates = {*words, *(first + second for first, second in pairwise(words))}
    if hard := _HARD & candidates:
        return "password" if any(word[:2] in {"pa", "pw", "pg"} for word in hard) else "secret"
    has_owner = any(second == "key" and first in _KEY_OWNERS for first, second in pairwise(words))
    if has_owner or (is_upper and len(words) > 1 and words[-1] in {"key", "keys"}):
        return "key"
    return "token" if _SOFT & candidates else ""


def is_secret_value(value: str, kind: str) -> bool:
    """False for what stands in a secret's place without being one: `None`, `{token}`, `4096`."""
    bare = value.strip()
    if len(bare) < _SHORTEST_VALUE or bare.lower() in _HARMLESS_VALUES:
        return False
    if kind == "token" and re.fullmatch(r"[\d._]+", bare):
        return False
    return not _TEMPLATE.fullmatch(bare)


class _Kinds:
    """The kinds of a text's names: it says few of them many times."""

    def __init__(self, extra: frozenset[str]) -> None:
        self._extra = extra
        self._kinds: dict[str, str] = {}

    def look_up(self, name: str) -> str:
        """As `kind_of_name`."""
        kind = self._kinds.get(name)
        if kind is None:
            kind = self._kinds[name] = kind_of_name(name, self._extra)
        return kind


def _kind_of_pair(name: str, value: str, kinds: _Kinds, *, is_flag: bool = False) -> str:
    """The kind of secret that `value` is beside `name`, or an empty string."""
    if kind := kinds.look_up(name):
        is_harmless = not is_flag and is_of_language(name, value, kind)
        return kind if is_secret_value(value, kind) and not is_harmless else ""
    words = [word.lower() for word in _WORD_OF_NAME.findall(name)]
    terms = {*words, *(first + second for first, second in pairwise(words))}
    # `key` alone is a loop's variable more often than not
    names_a_key = bool(terms & _PROVIDERS or (len(words) > 1 and terms & _KEY_WORDS))
    return "key" if names_a_key and _is_random(value) else ""


def is_of_language(name: str, value: str, kind: str) -> bool:
    """`token == 'SELECT'`, `unexpected token: EOF`: a parser's token is a word, a service's is
    random. `TOKEN=…` of an environment may be a word that a person chose."""
    is_token = _TOKEN_OF_LANGUAGE.fullmatch(name) is not None and not name.isupper()
    is_word = _LANGUAGE_WORD.fullmatch(value.strip()) is not None
    return kind == "token" and is_token and is_word


def _is_random(value: str) -> bool:
    """A word that nobody would write: digits stand between its letters."""
    word = re.sub(r"[-_=+]", "", value.strip())
    if not (_SHORTEST_RANDOM <= len(word) <= _LONGEST_RANDOM and word.isascii()):
        return False
    changes = sum(one.isdigit() != other.isdigit() for one, other in pairwise(word))
    return word.isalnum() and changes >= _FEWEST_CHANGES


def find_by_name(text: str, extra: frozenset[str] = frozenset()) -> Iterator[Span]:
    """Spans of values that stand beside a secret's name in logs, dumps and command lines."""
    kinds = _Kinds(extra)
    for match in _NAME_IN_TEXT.finditer(text):
        yield from _find_value_in_text(text, match, kinds)
    has_pairs = "value" in text.lower()
    patterns = [_WHOLE_LINE, *[_XML] * ("</" in text), *[_PAIR] * has_pairs]
    for pattern in patterns:
        for match in pattern.finditer(text):
            kind = kinds.look_up(match["name"])
            counts = bool(kind) and (pattern is not _WHOLE_LINE or kind != "token")
            if counts and is_secret_value(match["value"], kind):
                yield Span(*match.span("value"), kind)
    for match in _ENV_LINE.finditer(text):
        yield Span(*match.span("value"), "env-value")
    yield from _find_in_manifest(text)


def _find_in_manifest(text: str) -> Iterator[Span]:
    if not _MANIFEST.search(text):
        return
    for block in _MANIFEST_DATA.finditer(text):
        for match in _MANIFEST_VALUE.finditer(text, *block.span("body")):
            if is_secret_value(match["value"], "secret"):
                yield Span(*match.span("value"), "secret")


def find_by_name_in_code(text: str, extra: frozenset[str] = frozenset()) -> Iterator[Span]:
    """Spans of string literals that source code binds to a secret's name."""
    kinds = _Kinds(extra)
    for match in _NAME_IN_CODE.finditer(text):
        value = _QUOTED.match(text, match.end())
        kind = _kind_of_pair(match["name"], value["value"], kinds) if value else ""
        if value and kind and not ("," in match["separator"] and kind == "token"):
            yield Span(*value.span("value"), kind)


def _find_value_in_text(text: str, match: re.Match[str], kinds: _Kinds) -> Iterator[Span]:
    separator, is_flag = match["separator"].strip(), bool(match["dashes"])
    literal = _QUOTED.match(text, match.end())
    value = literal or _BARE.match(text, match.end())
    if value is None:
        return
    kind = _kind_of_pair(match["name"], value["value"], kinds, is_flag=is_flag)
    if not kind:
        return
    if separator == "," and not (literal and (is_flag or kind != "token")):
        return
    yield Span(*value.span("value"), kind)


def may_hold_secrets(path: str) -> bool:
    """By its name: such a file is shown to nobody, and goes nowhere."""
    return _SECRET_FILE.match(path.rpartition("/")[2]) is not None
