"""Of a file of settings the names are kept, plain values, and no secret."""

import sys
from pathlib import Path

import pytest

from healer.redact import Redactor
from healer.tape.secrets import Cleaner
from healer.tape.settings import clean_settings, find_secrets, is_settings
from tests.support.healer_jobs import repository, under_healer
from tests.support.tapes import read_only_tape


def clean(text: str) -> str:
    return clean_settings(text.encode(), "/srv/.env", Cleaner(Redactor())).decode()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("LIMIT=50", "LIMIT=50"),
        ("LIMIT=50 # rows", "LIMIT=50 # rows"),
        ('URL="https://api.example/v1"', 'URL="https://api.example/v1"'),
        ("export REGION=eu-west", "export REGION=eu-west"),
        ("EMPTY=", "EMPTY="),
        ("# of the job", "# of the job"),
        ("", ""),
        ("TITLE='Two words 7'", "TITLE='Xxx xxxxx 0'"),
        ("API_TOKEN=tok-93jf02kd83hf", "API_TOKEN=xxxxxxxxxxxx"),
        ("# API_TOKEN=tok-93jf02kd83hf", "# API_TOKEN=xxxxxxxxxxxx"),
        ("db_pass: hunter2", "xxxxxxxx xxxxxxxxxxxx"),
        ("qL8vXr3mPw5sKd9f", "xX0xXx0xXx0xXx0x"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_line_keeps_what_is_no_secret(line: str, expected: str, end: str) -> None:
    assert clean(f"A=1\n{line}{end}") == f"A=1\n{expected}{end}"


@pytest.mark.parametrize(
    "text",
    [
        'PRIVATE_KEY="-----BEGIN KEY-----\nqL8vXr3mPw5sKd9fqL8vXr3m\n-----END KEY-----"\n',
        "DATABASE_URL=postgres://ada:qL8vXr3mPw5sKd9f@db.example/x\n",
        "SMTP_PASSWORD = 'qL8vXr3mPw5sKd9f'  # of ada\n",
        "NOTE=qL8vXr3mPw5sKd9f\n",
    ],
)
def test_no_secret_is_kept_whatever_its_name(text: str) -> None:
    assert "qL8vXr3mPw5sKd9f" not in clean(text)


def test_what_is_no_text_is_not_kept_and_said() -> None:
    cleaner = Cleaner(Redactor())
    assert clean_settings(b"A=\xff\xfe", "/srv/.env", cleaner) == b""
    assert "/srv/.env" in cleaner.gaps[0]


def test_secrets_of_it_are_known_elsewhere() -> None:
    text = "API_TOKEN='tok-93jf02kd83hf'\nREGION=north\nDB_PASSWORD=hunter22 # old\n"
    assert list(find_secrets(text.encode())) == ["tok-93jf02kd83hf", "hunter22"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/a/.env", True), ("/a/.env.local", True), ("/a/b.env", True), ("/a/env", False)],
)
def test_it_is_known_by_its_name(path: str, expected: bool) -> None:
    assert is_settings(path) is expected


def test_a_job_that_reads_one_has_it_on_its_tape(tmp_path: Path) -> None:
    job = (
        "lines = dict(l.strip().split('=') for l in open('.env'))\n"
        "open('sent.txt', 'w').write('key ' + lines['API_TOKEN'])\nint(lines['LIMIT'])\n"
    )
    repo = repository(tmp_path, {"job.py": job})
    (repo / ".env").write_text("API_TOKEN=tok-93jf02kd83hf\nLIMIT=many\n")
    assert b"ValueError" in under_healer(sys.executable, "job.py", cwd=repo).stderr
    tape = read_only_tape(repo)
    (file,) = tape.files
    assert file.data == b"API_TOKEN=xxxxxxxxxxxx\nLIMIT=many\n"
    assert tape.gaps == ()
    assert "tok-93jf02kd83hf" not in repr(tape)
