"""New addresses, database statements and shell commands are shown; old ones and prose are not."""

import pytest

from quarantine.policy.rules.addresses import addresses, queries, shell_commands
from tests.quarantine.policy.examples import is_refused, whats

NEW_HOSTS = [
    "https://evil.example/x", "http://10.1.2.3/", "ftp://files.example", "wss://live.example/a",
    "s3://bucket/key", "gs://bucket", "ssh://git@host/x", "git://host/x.git", "ldap://directory",
    "redis://cache:6379", "postgresql://db/x", "postgres+psycopg2://db/x", "mongodb+srv://db",
    "amqps://queue", "HTTPS://EVIL.EXAMPLE", "10.20.30.40", "192.168.1.1", "api.evil.com",
    "db.internal:5432", "evil.xyz", "backup.local",
]  # fmt: skip
HARMLESS = [
    "file.txt", "data/rates.csv", "127.0.0.1", "127.0.1.1", "0.0.0.0", "version 1.2.3",
    "rates.json", "a.b.c", "localhost", "mailto:ada", "1.2.3", "readme.md", "example",
]  # fmt: skip


@pytest.mark.parametrize("text", NEW_HOSTS)
def test_a_host_that_is_new_is_named(text: str) -> None:
    assert is_refused(addresses, f'+ URL = "{text}"')


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_host_is_not(text: str) -> None:
    assert not is_refused(addresses, f'+ URL = "{text}"')


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ("https://a.example/v1", "https://a.example/v2", False),
        ("https://a.example/v1", "http://a.example/v1", False),
        ("https://a.example", "https://b.example", True),
        ("https://a.example", "https://a.example.evil.com", True),
        ("https://a.example:80", "https://a.example:81", True),
        ("https://A.example", "https://a.example", False),
    ],
)
def test_the_host_decides_and_not_the_path(before: str, after: str, refused: bool) -> None:
    assert is_refused(addresses, f'- URL = "{before}"\n+ URL = "{after}"') == refused


def test_a_message_to_a_reader_may_name_a_page() -> None:
    long = "the rates were not found, please look at https://help.example/rates for help"
    assert not is_refused(addresses, f'+ raise ValueError("{long}")')
    assert is_refused(addresses, '+ fetch("https://help.example/rates")')


def test_an_address_in_a_docstring_or_a_comment_is_no_string_of_the_program() -> None:
    assert not is_refused(addresses, '+ """See https://a.example."""\n+ # https://b.example')


STATEMENTS = [
    "SELECT id FROM jobs", "select *\\nfrom jobs", "INSERT INTO jobs VALUES (1)",
    "UPDATE jobs SET x = 1", "DELETE FROM jobs", "DROP TABLE jobs", "TRUNCATE jobs",
    "ALTER TABLE jobs", "CREATE TABLE jobs (id)", "GRANT ALL", "PRAGMA user_version",
    "ATTACH 'x' AS y", "  delete from jobs",
]  # fmt: skip
SENTENCES = [
    "select a row", "updated jobs", "insert the key", "dropped", "please create", "deleted from",
    "alternate", "granted", "the select from", "truncated", "drop", "create",
]  # fmt: skip


@pytest.mark.parametrize("text", STATEMENTS)
def test_a_database_statement_of_a_new_kind_is_named(text: str) -> None:
    assert is_refused(queries, f'+ q = "{text}"')


@pytest.mark.parametrize("text", SENTENCES)
def test_a_sentence_is_no_statement(text: str) -> None:
    assert not is_refused(queries, f'+ q = "{text}"')


def test_another_statement_of_a_kind_that_is_sent_already_is_ordinary() -> None:
    assert not is_refused(queries, '  a = "SELECT a FROM x"\n+ b = "SELECT b FROM y"')
    assert is_refused(queries, '  a = "SELECT a FROM x"\n+ b = "DROP TABLE y"')


SHELL = [
    "rm -rf data", "rm -f x", "curl https://x", "wget x", "chmod +x a", "chmod 777 a", "sudo id",
    "nc -l 1", "bash -c 'id'", "sh -c id", "crontab -e", "mkfs.ext4", "dd if=/dev/zero",
]  # fmt: skip
WORDS = ["rm", "remove", "the curling team", "worm -rate", "format", "bash", "pseudo", "dd", "nc"]


@pytest.mark.parametrize("text", SHELL)
def test_a_shell_command_is_named(text: str) -> None:
    assert whats(shell_commands, f'+ c = "{text}"')


@pytest.mark.parametrize("text", WORDS)
def test_a_word_is_no_command(text: str) -> None:
    assert not is_refused(shell_commands, f'+ c = "{text}"')


def test_a_command_that_was_there_is_not_new() -> None:
    assert not is_refused(shell_commands, '  c = "rm -rf data"\n+ d = 1')
