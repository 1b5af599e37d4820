"""What looks like a secret is found exactly where it stands, and its neighbours are not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.redact.shapes import find_by_shape

W = "Zq7Lr2Vx9Tn4Bw6Ks1Mh8Pd3Gy5Cf0Ja"
HEX = "0123456789abcdef" * 2


def found(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in find_by_shape(text)]


@pytest.mark.parametrize(
    ("kind", "secret", "text"),
    [
        ("aws-key", "AKIA" + "IOSFODNN7EXAMPLE", "key {} refused"),
        ("github-token", "ghp_" + W, "({})"),
        ("gitlab-token", "glpat-" + W[:20], "token={}"),
        ("slack-token", "xoxb-" + "1234567890-" + W, "'{}'"),
        ("stripe-key", "sk_live_" + W, "{}."),
        ("model-key", "sk-proj-" + W, "key {}, please"),
        ("google-key", "AIza" + W, "?key={}"),
        ("package-token", "npm_" + W, "//registry/:_authToken={}"),
        ("mail-key", "SG." + W[:12] + "." + W, "{}"),
        ("twilio-key", "SK" + HEX, "sid {}"),
        ("cloud-token", "dapi" + HEX, "{}"),
        ("bot-token", "123456789:AA" + W, "https://api.telegram.org/bot{}/send"),
        ("bot-token", "123456789:AA" + W, "token {}"),
        ("chat-token", "M" + W[:23] + "." + W[:6] + "." + W, "{}"),
        ("cookie", "bid=abc", "Cookie: {}"),
        ("authorization", "Basic dXNlcjpw", "'Authorization': b'{}'"),
        ("storage-key", W * 2 + W[:22] + "==", "AccountKey {}"),
        ("jwt", "eyJhbGciOiJI." + "eyJzdWIi." + "c2ln", "got {} back"),
        ("url-credentials", "user:p@ss/word", "https://{}@host/x"),
        ("url-credentials", "token", "https://{}@host/x"),
        ("webhook", "T0000/B0000/" + W, "https://hooks.slack.com/services/{}"),
        ("authorization", "Basic dXNlcjpw", "Authorization: {}"),
        ("cookie", "sid=abc; theme=dark", "Cookie: {}"),
        ("login", "me:secret", "curl -u {} https://x"),
        ("signature", "abcdef0123", "https://x?a=1&sig={}&b=2"),
        ("email", "ada@shop.example", "mail to {} now"),
        ("home", "ada", "/home/{}/jobs"),
        ("home", "Ada L", "C:\\Users\\{}\\jobs"),
        ("card", "4111 1111 1111 1111", "card {} expired"),
        (
            "private-key",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
            "x{}y",
        ),
    ],
)
def test_a_secret_is_found_where_it_stands(kind: str, secret: str, text: str) -> None:
    assert (kind, secret) in found(text.format(secret))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AKIA is a prefix",
        "skip-this-one",
        "ask-the-user-about-it-please",
        "risk-assessment-of-the-year",
        "https://host:8080/path",
        "https://host/a@b",
        "ssh://git@host/repo",
        "4111 1111 1111 1112",
        "1234567890123456",
        "/homes/ada",
        "version 1.2.3-4",
        "a" * 200,
        "W@x.dot(v)",
        "@decorator",
        "Authorization: Bearer {token}",
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_what_looks_like_none_is_left(text: str) -> None:
    assert found(text) == []


@given(st.text(max_size=400))
def test_every_span_lies_in_the_text(text: str) -> None:
    for span in find_by_shape(text):
        assert 0 <= span.start < span.end <= len(text)
        assert span.kind


@pytest.mark.parametrize(
    "piece",
    ["a@", "://", "-----BEGIN PRIVATE KEY-----", "eyJ", "x:y@", "AAAA", "1 ", "/home/", "="],
)
def test_hostile_repetition_takes_no_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    start = time.process_time()
    list(find_by_shape(text))
    assert time.process_time() - start < 10
