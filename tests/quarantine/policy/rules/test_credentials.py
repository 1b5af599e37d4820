"""What looks like a secret, or opens a file of secrets, is shown; names of secrets are not."""

import pytest

from quarantine.policy.rules.credentials import credentials
from tests.quarantine.policy.examples import is_refused, whats

PIECE = "AbCdEfGh0123456789AbCdEfGh"
SECRETS = [
    "AKIA" + "ABCDEFGHIJKLMNOP", "ghp_" + PIECE, "gho_" + PIECE, "sk-" + PIECE, "xoxb-" + PIECE,
    "-----BEGIN PRIVATE KEY-----", "eyJ" + PIECE + ".eyJ" + PIECE, "password=hunter22",
    "token: abcdef", "api_key = 12345", "SECRET=abcd",
]  # fmt: skip
FILES = [
    "/root/.ssh/config", "id_rsa", "id_ed25519", "~/.aws/credentials", "~/.netrc", ".pgpass",
    "/etc/passwd", "/etc/shadow", ".git-credentials", ".docker/config.json", "~/.kube/config",
    ".env", "app/.env",
]  # fmt: skip
HARMLESS = [
    "password", "enter your password", "token", "sk-short", "environment", ".envrc.txt",
    "data/passwd.csv", "ghp_short", "secret santa", "the token was refused", "keys",
]  # fmt: skip


@pytest.mark.parametrize("text", [*SECRETS, *FILES])
def test_a_secret_and_a_file_of_secrets_are_named(text: str) -> None:
    assert is_refused(credentials, f'+ x = "{text}"')


@pytest.mark.parametrize("text", HARMLESS)
def test_words_about_secrets_are_not(text: str) -> None:
    assert not is_refused(credentials, f'+ x = "{text}"')


@pytest.mark.parametrize(
    "line",
    [
        'password = "hunter2"', 'API_KEY = "abc"', 'self.token = "abc"', 'login(secret="abc")',
        'config["password"] = "abc"', 'db_credentials = "abc"', 'apikey = "abc"',
    ],
)  # fmt: skip
def test_a_literal_under_a_secrets_name_is_told_without_its_value(line: str) -> None:
    assert whats(credentials, f"+ {line}") == ["a literal under a secret's name"]


@pytest.mark.parametrize(
    "line",
    [
        'password = ""', "password = None", "password = load()", "token = tokens[0]",
        'password = "enter it here please"', 'name = "hunter2"', "def login(password=None): pass",
        'key = "id"',
    ],
)  # fmt: skip
def test_no_value_a_computed_one_and_a_sentence_are_no_secret(line: str) -> None:
    assert not is_refused(credentials, f"+ {line}")


def test_a_secret_that_was_there_is_not_new() -> None:
    assert not is_refused(credentials, '  password = "hunter2"\n+ x = 1')
