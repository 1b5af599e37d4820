"""/tmp/j4/h"""

import pytest

from quarantine.policy import Example
from quarantine.policy.rules.texts import (
    addresses,
    credentials,
    inner_names,
    opaque_texts,
    queries,
    shell_commands,
    signs_of_a_sandbox,
    tool_hooks,
    tool_names,
)
from quarantine.policy.rules.texts import test_files as files_rule
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
NO_SECRETS = [
    "password", "enter your password", "token", "sk-short", "environment", ".envrc.txt",
    "data/passwd.csv", "ghp_short", "secret santa", "the token was refused", "keys",
]  # fmt: skip


@pytest.mark.parametrize("text", [*SECRETS, *FILES])
def test_a_secret_and_a_file_of_secrets_are_named(text: str) -> None:
    assert is_refused(credentials, f'+ x = "{text}"')


@pytest.mark.parametrize("text", NO_SECRETS)
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


TOOLS = [
    "pytest", "PYTEST_CURRENT_TEST", "unittest", "conftest.py", "_called_from_test", "junit.xml",
    "nose2", "coverage_run", "3 passed", "12 passed in 0.1s", "<testsuite", "test session starts",
]  # fmt: skip
NO_TOOLS = ["test", "testing", "passed", "all passed", "tests", "contest", "units", "the session"]
HOOKS = [
    "def pytest_configure(config): pass", "__test__ = False", "def load_tests(*a): pass",
    "collect_ignore = []", "collect_ignore_glob = []", "def setup_module(): pass",
    "def teardown_function(f): pass", "def setUpModule(): pass", "__tracebackhide__ = True",
    "import x as pytest_plugin", "x.__test__ = 1",
]  # fmt: skip
NO_HOOKS = [
    "def setup(): pass", "def configure(config): pass", "def tearDown(self): pass",
    "test = False", "def load(): pass", "ignore = []", "module_setup = 1",
]  # fmt: skip
PATHS = ["tests/data.json", "test/x", "a/tests/x", "test_job.py", "a/test_job.py", "job_test.py",
         "tests"]  # fmt: skip
NO_PATHS = ["latest/x", "data/test", "contests/x", "testing/x", "tests.txt", "mytest_x", "attests"]


@pytest.mark.parametrize("text", TOOLS)
def test_a_text_that_names_the_tools_is_refused(text: str) -> None:
    assert is_refused(tool_names, f'+ x = "{text}"')


@pytest.mark.parametrize("text", NO_TOOLS)
def test_a_word_that_looks_like_it_is_not(text: str) -> None:
    assert not is_refused(tool_names, f'+ x = "{text}"')


@pytest.mark.parametrize("line", HOOKS)
def test_a_name_that_a_runner_gives_a_meaning_to_is_refused(line: str) -> None:
    assert is_refused(tool_hooks, f"+ {line}")


@pytest.mark.parametrize("line", NO_HOOKS)
def test_other_names_are_not(line: str) -> None:
    assert not is_refused(tool_hooks, f"+ {line}")


@pytest.mark.parametrize("path", PATHS)
def test_a_path_of_the_tests_goes_to_a_person(path: str) -> None:
    assert is_refused(files_rule, f'+ x = "{path}"')


@pytest.mark.parametrize("path", NO_PATHS)
def test_a_path_that_is_none_of_theirs_does_not(path: str) -> None:
    assert not is_refused(files_rule, f'+ x = "{path}"')


@pytest.mark.parametrize("rule", [tool_names, tool_hooks, files_rule])
def test_a_new_test_may_speak_of_tests(rule: object) -> None:
    text = '+ import pytest\n+ __test__ = True\n+ PATH = "tests/data.json"\n+ TOOL = "pytest"'
    assert not is_refused(rule, Example(text, path="tests/test_new.py", old_mode=""))


def test_a_hook_that_was_there_is_not_new() -> None:
    assert not is_refused(tool_hooks, "  collect_ignore = []\n+ collect_ignore += ['x']")


@pytest.mark.parametrize(
    "text",
    ["__class__", "().__subclasses__()", "{x.__globals__}", "__builtins__", "__import__('os')",
     "a.__code__.b", "__dict__", "__mro__", "__bases__"],
)  # fmt: skip
def test_an_inner_part_of_python_in_a_text_is_named(text: str) -> None:
    assert is_refused(inner_names, f'+ x = "{text}"')


@pytest.mark.parametrize("text", ["__init__", "__name__", "__main__", "class", "_dict_", "__x__"])
def test_names_that_every_program_has_are_not(text: str) -> None:
    assert not is_refused(inner_names, f'+ x = "{text}"')


@pytest.mark.parametrize("text", ["QUJD" * 30, "deadbeef" * 15, "%41" * 40, "a" * 120])
def test_a_long_text_without_a_space_is_told_by_its_length(text: str) -> None:
    (what,) = whats(opaque_texts, f'+ x = "{text}"')
    assert what == f"{text[:20]}..., {len(text)} characters"


@pytest.mark.parametrize(
    "text", ["a" * 119, "one word " * 20, "a,b;" * 40, "(x) " * 40, "line\\\\n. " * 30]
)
def test_a_text_that_can_be_read_or_is_short_is_not(text: str) -> None:
    assert not is_refused(opaque_texts, f'+ x = "{text}"')


SIGNS = [
    "/proc/self/status", "/sys/fs/cgroup", "/.dockerenv", "/run/.containerenv", "kubepods",
    "/dev/sda", "/dev/kmsg", ".git", ".git/HEAD", "a/.git/config", "CI", "GITHUB_ACTIONS",
    "DOCKER_HOST", "HEALER_RUN", "IN_SANDBOX", "TOX_ENV_NAME",
]  # fmt: skip
NO_SIGNS = [
    "/process", "/dev/null", "/dev/stdin", "/dev/stdout", "/dev/urandom", "/dev/random", "CIA",
    "digit", "github", "docker", "healing", "data/proc", ".gitignore.txt", "SANDBOXES are fun",
]  # fmt: skip


@pytest.mark.parametrize("text", SIGNS)
def test_a_sign_of_a_sandbox_is_refused(text: str) -> None:
    assert is_refused(signs_of_a_sandbox, f'+ x = "{text}"')


@pytest.mark.parametrize("text", NO_SIGNS)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert not is_refused(signs_of_a_sandbox, f'+ x = "{text}"')


@pytest.mark.parametrize("rule", [inner_names, opaque_texts, signs_of_a_sandbox])
def test_docstrings_and_comments_are_no_texts_of_the_program(rule: object) -> None:
    assert not is_refused(rule, f'+ """__class__ /proc {"a" * 200}"""\n+ # __class__')


@pytest.mark.parametrize("text", ["{0._secret}", "{row.__init__}", "{x._a.b}"])
def test_a_format_that_reaches_into_an_object_is_told(text: str) -> None:
    assert is_refused(inner_names, f'+ x = "{text}".format(row)')


@pytest.mark.parametrize("text", ["{0.name}", "{row[_a]}", "{_}", "{a}._b", "{a:_}"])
def test_a_format_of_names_is_not(text: str) -> None:
    assert not is_refused(inner_names, f'+ x = "{text}"')


def test_a_text_of_many_braces_and_dots_costs_no_time_to_speak_of() -> None:
    assert not is_refused(inner_names, f'+ x = "{{{"._" * 50_000}"')
