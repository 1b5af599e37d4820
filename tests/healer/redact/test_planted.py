"""More than two hundred planted secrets in every form that jobs print them in: none passes."""

import base64
import json
from urllib.parse import quote

import pytest

from healer.redact import Redactor
from tests.healer.redact.planted import NAMED, TOKENS, fill

TEXTS = {
    "a sentence": "request with {} was refused",
    "an address": "GET https://api.shop.example/v1?x=1&k={}&y=2 401",
    "an object": '{{"v": "{}"}}',
    "a variable": "SERVICE_API_KEY={}",
    "a dump": "{{'X-Api-Key': '{}', 'n': 1}}",
}
NAMED_TEXTS = {
    "a variable": "{upper}_API_KEY={secret}",
    "a setting": "{name} = {secret}",
    "a header": "X-{name}-Key: {secret}",
    "an object": '{{"{name}Token": "{secret}"}}',
    "a command line": "sync --{name}-key {secret}",
}
SOURCES = {"an argument": 'connect("{}")', "a constant": 'VALUE = "{}"  # of the shop'}
NAMED_SOURCES = {
    "an argument": '{name}_client = Client({name}_key="{secret}")',
    "a constant": '{upper} = "{secret}"',
}


def passes(secret: str, redacted: str) -> bool:
    """Enough of the secret is left to be worth stealing."""
    return secret[-12:] in redacted or "REDACTED" not in redacted


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_is_found_wherever_it_stands(name: str) -> None:
    secret = fill(TOKENS[name], name)
    texts = {form: Redactor().text(text.format(secret)) for form, text in TEXTS.items()}
    sources = {form: Redactor().source(text.format(secret)) for form, text in SOURCES.items()}
    for forms in (texts, sources):
        assert [form for form, redacted in forms.items() if passes(secret, redacted)] == []


@pytest.mark.parametrize("name", NAMED)
def test_a_random_word_beside_a_provider_s_name_is_found(name: str) -> None:
    secret = fill(NAMED[name], name)
    words = {"name": name, "upper": name.upper(), "secret": secret}
    texts = {f: Redactor().text(text.format(**words)) for f, text in NAMED_TEXTS.items()}
    sources = {f: Redactor().source(text.format(**words)) for f, text in NAMED_SOURCES.items()}
    for forms in (texts, sources):
        assert [form for form, redacted in forms.items() if passes(secret, redacted)] == []


@pytest.mark.parametrize("name", [*TOKENS, *NAMED])
def test_a_secret_in_disguise_is_found(name: str) -> None:
    secret = fill({**NAMED, **TOKENS}[name], name)
    document = json.dumps({f"{name}_key": secret})
    encoded = base64.b64encode(document.encode()).decode()
    assert passes(secret, Redactor().text(f"state={quote(document, safe='')}")) is False
    assert encoded[-16:] not in Redactor().text(f"body {encoded} was refused")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        pytest.param('<add key="Password" value="hunter2 rules" />', "hunter2 rules", id="nuget"),
        pytest.param('{"name": "DB_PASSWORD", "value": "s3cret!"}', "s3cret!", id="pair"),
        pytest.param(
            "kind: Secret\ndata:\n  shop: aGVsbG8gd29ybGQ=\n", "aGVsbG8gd29ybGQ=", id="manifest"
        ),
        pytest.param(
            "stringData:\n  shop: mellon friend\nkind: 'Secret'\n", "mellon friend", id="text"
        ),
    ],
)
def test_a_value_that_is_named_apart_is_found(text: str, secret: str) -> None:
    assert secret not in Redactor().text(text)


@pytest.mark.parametrize(
    "text",
    [
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "id 550e8400-e29b-41d4-a716-446655440000",
        "kind: ConfigMap\ndata:\n  shop: hello world\n",
        "key = 'a1b2c3d4e5f6'",
        "channel: alerts-production-eu",
        "class TestHTTP2ServerConnectionHandlerOfHTTP11AndHTTP3Clients: pass",
        "aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBub3RlIG9mIG91cnM=",
        "https://shop.example/?next=%2Forders%3Fpage%3D2",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor().text(text) == text
    assert Redactor().source(text) == text
