"""A name tells whether its value is a secret, and where the value ends."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.redact.names import find_by_name, find_by_name_in_code, is_secret_value, kind_of_name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("password", "password"),
        ("DB_PASSWORD", "password"),
        ("dbPassword", "password"),
        ("pgpass", "password"),
        ("client_secret", "secret"),
        ("apiKey", "secret"),
        ("API_KEY", "secret"),
        ("signing_key", "key"),
        ("DEPLOY_KEY", "key"),
        ("access_token", "secret"),
        ("token", "token"),
        ("session-id", ""),
        ("SessionID", ""),
        ("csrf", "token"),
        ("password_file", ""),
        ("PasswordError", ""),
        ("max_tokens_per_minute", "token"),
        ("token_count", ""),
        ("secret_name", ""),
        ("key", ""),
        ("sort_key", ""),
        ("keyboard", ""),
        ("compass", ""),
        ("passenger", ""),
        ("", ""),
        ("_", ""),
        ("7", ""),
    ],
)
def test_what_a_name_says_of_its_value(name: str, kind: str) -> None:
    answer = kind_of_name(name)
    assert bool(answer) == bool(kind), answer


def test_a_name_from_the_configuration_counts_whatever_it_looks_like() -> None:
    assert kind_of_name("My_Model", frozenset({"my_model"})) == "secret"


@pytest.mark.parametrize("value", ["hunter2", "correct horse", "0x12ab", "a-b-c-d"])
def test_a_value_is_secret(value: str) -> None:
    assert is_secret_value(value, "password")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("", "password"),
        ("abc", "password"),
        ("None", "password"),
        ("required", "password"),
        ("{token}", "token"),
        ("${TOKEN}", "token"),
        ("%(token)s", "token"),
        ("<your token>", "token"),
        ("Bearer {token}", "token"),
        ("****", "password"),
        ("...", "password"),
        ("4096", "token"),
        ("1_000_000", "token"),
    ],
)
def test_what_stands_in_a_secrets_place_is_none(value: str, kind: str) -> None:
    assert not is_secret_value(value, kind)


def in_text(text: str) -> list[str]:
    return [text[span.start : span.end] for span in find_by_name(text)]


def in_code(text: str) -> list[str]:
    return [text[span.start : span.end] for span in find_by_name_in_code(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("password=hunter2", "hunter2"),
        ("password: hunter2, user: ada", "hunter2"),
        ('{"password": "hun\'ter2"}', "hun'ter2"),
        ("{'db': {'password': 'hunter2'}}", "hunter2"),
        ('{\\"api_key\\": \\"abcd1234\\"}', "abcd1234"),
        ("--password hunter2", "hunter2"),
        ("--password=hunter2", "hunter2"),
        ("PASSWORD := hunter2", "hunter2"),
        ("<password>hunter2</password>", "hunter2"),
        ("export DB_PASSWORD=correct horse battery", "correct horse battery"),
        ("('password', 'hunter2')", "hunter2"),
        ("environ['DB_PASSWORD'] = 'hunter2'", "hunter2"),
        ("token: a1b2c3d4", "a1b2c3d4"),
        ("token = qZkWbNrTdLxP", "qZkWbNrTdLxP"),
        ("TOKEN=swordfish", "swordfish"),
        ("--token swordfish", "swordfish"),
        ("auth_token: swordfish", "swordfish"),
        ("Token.Keyword: 'SELECT', token: a1b2c3d4", "a1b2c3d4"),
        ("SOME_SETTING=aB3dE6gH9jK2mN5pQ8sT1vW4", "aB3dE6gH9jK2mN5pQ8sT1vW4"),
    ],
)
def test_the_value_beside_a_name_is_found(text: str, value: str) -> None:
    assert value in in_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "the password was wrong",
        "password",
        "password:",
        "password=None",
        "tokens=120",
        "token_count=12345",
        "('token', 'x1y2z3')",
        "sort_key='created'",
        "KEY=region",
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "a password, then more words",
        "assert Token.Keyword == Token.Name.Builtin",
        "where Token.Keyword = Token.Literal.Number.Float64",
        "Token.Literal: 'a1b2c3'",
        "ParseError: unexpected token: SEMICOLON",
        "unexpected token 'WHERE', next_token = 'and'",
        "token = Token(type='NAME')",
        "assert token == 'hello'",
        "token = EOF_MARK",
    ],
)
def test_text_without_a_value_is_left(text: str) -> None:
    assert in_text(text) == []


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("password = 'hunter2'", "hunter2"),
        ('password: str = "hunter2"', "hunter2"),
        ("connect(password='hunter2')", "hunter2"),
        ("{'password': r'hunter2'}", "hunter2"),
        ("set('password', 'hunter2')", "hunter2"),
        ("if password == 'hunter2':", "hunter2"),
        ("API_KEY = ('abcd1234')", "abcd1234"),
    ],
)
def test_a_literal_in_code_is_found(code: str, value: str) -> None:
    assert in_code(code) == [value]


@pytest.mark.parametrize(
    "code",
    [
        "token = stream.next()",
        "password = getpass()",
        "password = other",
        "def f(password: str = ''): ...",
        "get('token', 'default')",
        "password = f'{secret}'",
        "if token == 'SELECT':",
        "Token.Keyword: 'select distinct'",
    ],
)
def test_code_without_a_literal_is_left(code: str) -> None:
    assert in_code(code) == []


@given(st.text(max_size=300))
def test_every_span_lies_in_the_text(text: str) -> None:
    for find in (find_by_name, find_by_name_in_code):
        for span in find(text):
            assert 0 <= span.start < span.end <= len(text)


@pytest.mark.parametrize("piece", ["password", "password=", "a.", "'", "password: [", "<a>", "--"])
def test_hostile_repetition_takes_no_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    list(find_by_name(text))
    list(find_by_name_in_code(text))
    assert time.process_time() - start < 10
