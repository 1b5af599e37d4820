"""Secrets never come out; what is no secret stays readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.redact import Redactor, contains_placeholder
from tests.support.planted_secrets import CODE, PLANTED, Plant


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.text[:40])
def test_a_planted_secret_does_not_come_out_of_text(plant: Plant) -> None:
    redacted = Redactor().text(plant.text)
    assert [secret for secret in plant.secrets if secret and secret in redacted] == []
    assert contains_placeholder(redacted)


@pytest.mark.parametrize("plant", CODE, ids=lambda plant: plant.text[:40])
def test_a_planted_secret_does_not_come_out_of_source(plant: Plant) -> None:
    redacted = Redactor().source(plant.text)
    assert [secret for secret in plant.secrets if secret in redacted] == []


def test_on_a_tape_addresses_and_folders_stay_and_secrets_do_not() -> None:
    redactor = Redactor(["t0ken-secret-9"]).for_tape()
    text = "ada@shop.example /home/ada/in.csv t0ken-secret-9"
    assert redactor.text(text) == "ada@shop.example /home/ada/in.csv <REDACTED:secret:1>"


def test_all_planted_secrets_at_once_in_one_log_do_not_come_out() -> None:
    secrets = [secret for plant in PLANTED for secret in plant.secrets if secret]
    assert len(secrets) >= 60
    redacted = Redactor().text("\n".join(plant.text for plant in PLANTED))
    assert [secret for secret in secrets if secret in redacted] == []


@pytest.mark.parametrize(
    "text",
    [
        "KeyError: 'total'",
        "TokenError: unexpected end of input",
        "PasswordError: wrong for this account",
        "max_tokens=4096, tokens_in=120",
        "the password was wrong",
        "token: +",
        "key = 'region'",
        "sort_key='created'",
        "commit 3f5b6e0b2f1c4d5e6f708192a3b4c5d6e7f80912",
        'File "scripts/report.py", line 12, in total',
        "2026-11-20 03:00:01,123 ERROR sync failed after 3 attempts",
        "https://api.example.org:8080/v1/items?page=2",
        "password=None token=None",
        "password=None",
        "10.2.3.4:5432 refused",
        "assert 1234567890123456 == 1",
        "array([[0.1, 0.2], [0.3, 0.4]])",
        "",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert Redactor().text(text) == text


@pytest.mark.parametrize(
    "code",
    [
        "token = tokens[index]",
        "password = os.environ['DB_PASSWORD']",
        "def login(user: str, password: str = '') -> None:",
        "connect(password=password, token=token)",
        "key=lambda row: row['key']",
        "headers = {'Authorization': f'Bearer {token}'}",
        "y = W@x.dot(v)",
        "TOKEN_PATTERN = 'abc[0-9]+'",
        "raise KeyError('api_key is missing')",
        "if token == '(':",
        "@app.route('/users')",
    ],
)
def test_code_that_handles_secrets_without_holding_one_stays_as_it_is(code: str) -> None:
    assert Redactor().source(code) == code


def test_a_known_value_is_taken_out_wherever_and_however_it_is_written() -> None:
    redactor = Redactor(["s3cret/value+1"])
    texts = ["x s3cret/value+1 y", "s3cret%2Fvalue%2B1", "czNjcmV0L3ZhbHVlKzE=", "a=s3cret/value+1"]
    assert all("REDACTED" in redactor.text(text) for text in texts)
    assert redactor.source("f('s3cret/value+1')") == "f('<REDACTED:secret:1>')"


def test_a_short_known_value_counts_only_as_a_whole_word() -> None:
    redactor = Redactor(["tree"])
    assert redactor.text("a street, a tree") == "a street, a <REDACTED:secret:1>"


def test_the_environment_gives_values_by_name_and_from_urls() -> None:
    redactor = Redactor.from_environment(
        {
            "REPORT_API_KEY": "abcdefgh",
            "DATABASE_URL": "postgres://u:tr%40ee9@h/db",
            "PATH": "/usr/bin",
            "MY_MODEL": "named-by-config",
        },
        names=["my_model"],
    )
    redacted = redactor.text("abcdefgh tr@ee9 tr%40ee9 named-by-config /usr/bin")
    assert "/usr/bin" in redacted
    assert not {"abcdefgh", "tr@ee9", "tr%40ee9", "named-by-config"} & set(redacted.split())


def test_one_secret_keeps_one_placeholder_and_others_get_their_own() -> None:
    redactor = Redactor()
    first = redactor.text("password=tiger-one then password=tiger-two then password=tiger-one")
    assert first == (
        "password=<REDACTED:password:1> then password=<REDACTED:password:2> "
        "then password=<REDACTED:password:1>"
    )
    assert redactor.fresh().text("password=tiger-two") == "password=<REDACTED:password:1>"


def test_a_parsers_token_among_locals_is_shown() -> None:
    words = {"token": "'WHERE'", "next_token": "'and'", "tokens_left": "'select'"}
    assert Redactor().mapping(words) == words
    assert "swordfish" not in str(Redactor().mapping({"TOKEN": "swordfish"}))


def test_a_mapping_is_redacted_by_the_names_of_its_values() -> None:
    redacted = Redactor().mapping({"password": "'hunter2'", "row": "{'id': 7}", "n": "3"})
    assert redacted == {"password": "<REDACTED:password:1>", "row": "{'id': 7}", "n": "3"}


def test_the_word_after_a_secret_flag_of_a_command_line_goes() -> None:
    redacted = Redactor().argv(["sync.py", "--token", "abcdef", "--all", "--password=hunter22"])
    assert redacted == (
        "sync.py",
        "--token",
        "<REDACTED:token:1>",
        "--all",
        "--password=<REDACTED:password:1>",
    )


def test_placeholders_are_recognised_also_when_mangled() -> None:
    assert contains_placeholder("x = '<REDACTED:aws-key:1>'")
    assert contains_placeholder("[redacted: aws-key : 1]")
    assert not contains_placeholder("the value was REDACTED")


_VALUES = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="<>"),
    min_size=8,
    max_size=40,
)


@given(secret=_VALUES, before=st.text(max_size=60), after=st.text(max_size=60))
def test_a_known_value_never_survives_in_any_surroundings(
    secret: str, before: str, after: str
) -> None:
    redacted = Redactor([secret]).text(f"{before} {secret} {after}")
    assert secret not in redacted.replace(before, "").replace(after, "")


@given(st.text(max_size=300))
def test_any_text_at_all_is_answered_with_text(text: str) -> None:
    redactor = Redactor(["12345678"])
    assert isinstance(redactor.text(text), str)
    assert isinstance(redactor.source(text), str)


@given(st.sampled_from([plant.text for plant in PLANTED]))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    redactor = Redactor()
    once = redactor.text(text)
    assert redactor.text(once) == once


def test_who_decided_is_spared_and_all_else_keeps_its_number() -> None:
    redactor = Redactor(["hunter22-secret"])
    first = redactor.text("bob@example.org wrote hunter22-secret")
    spared = redactor.spare("ada@example.com (by mail)")
    text = spared.text("approved by ada@example.com: bob@example.org said hunter22-secret")
    assert first == "<REDACTED:email:1> wrote <REDACTED:secret:1>"
    assert text == "approved by ada@example.com: <REDACTED:email:1> said <REDACTED:secret:1>"
    assert "ada@" not in redactor.text("ada@example.com")


def test_a_known_secret_is_no_name() -> None:
    redactor = Redactor(["ada@example.com"]).spare("ada@example.com")
    assert "ada@" not in redactor.text("by ada@example.com")
