"""`healer web` serves on this machine until it is interrupted, and a taken port is a sentence."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from healer.facts.errors import UsageError
from healer.support.extras import ExtraName, MissingExtraError
from tests.support.command_line import run_command
from tests.support.git import make_repository
from tests.support.healer_jobs import PROJECT


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    make_repository(tmp_path / "repo", {"a.py": "x\n"})
    return tmp_path / "repo"


def test_it_says_its_address_serves_and_ends_on_an_interrupt(repo: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "healer", "web", "--port", "0"],
        cwd=repo,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with browser.open(address, timeout=30) as page:
            assert "healer" in page.read().decode()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "Traceback" not in err
    finally:
        process.kill()
        process.communicate()


def test_a_port_that_is_taken_is_wrong_usage(repo: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        answer = run_command("web", "--port", port, cwd=repo)
    assert isinstance(answer.error, UsageError)
    assert port in str(answer.error)


def test_a_port_is_a_number_of_one(repo: Path) -> None:
    answer = run_command("web", "--port", "70000", cwd=repo)
    assert isinstance(answer.error, click.UsageError)


def test_a_token_that_others_may_read_is_wrong_usage(repo: Path) -> None:
    token_file = repo / "token"
    token_file.write_text("x" * 43)
    token_file.chmod(0o644)
    answer = run_command("web", "--port", "0", "--token-file", str(token_file), cwd=repo)
    assert isinstance(answer.error, UsageError)
    assert f"chmod 600 {token_file}" in str(answer.error)


def test_without_its_extra_it_says_what_to_install(
    tmp_path: Path, without_extra: Callable[[ExtraName], None]
) -> None:
    without_extra("web")
    answer = run_command("web", cwd=make_repository(tmp_path / "extra", {"a.py": "x = 1\n"}))
    assert isinstance(answer.error, MissingExtraError)
    assert str(answer.error).startswith("healer web needs the library ")


def test_a_fleet_is_served_without_a_clone(shared_url: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "healer", "web", "--fleet", "--port", "0"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "HEALER_STATE": shared_url},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with browser.open(address, timeout=30) as page:
            assert page.url.endswith("/fleet")
            assert "<h1>Fleet</h1>" in page.read().decode()
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_a_fleet_needs_its_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEALER_STATE", raising=False)
    answer = run_command("web", "--fleet", cwd=tmp_path)
    assert isinstance(answer.error, UsageError)
    assert "HEALER_STATE is not set" in str(answer.error)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "issuer: Field required"), ('issuer = "https://login.example.com"\n', "client_id")],
)
def test_a_sign_on_that_is_not_set_up_is_wrong_usage(repo: Path, text: str, said: str) -> None:
    (repo / "sign-on.toml").write_text(text)
    (repo / "sign-on.toml").chmod(0o600)
    answer = run_command("web", "--sign-on", "sign-on.toml", cwd=repo)
    assert isinstance(answer.error, UsageError)
    assert said in str(answer.error)


def test_people_sign_on_where_the_file_says_so(repo: Path) -> None:
    (repo / "sign-on.toml").write_text(
        'issuer = "http://127.0.0.1:9"\nclient_id = "healer"\nurl = "http://localhost:1"\n'
        '[[grant]]\ngroup = "sre"\nrole = "admin"\n'
    )
    (repo / "sign-on.toml").chmod(0o600)
    process = subprocess.Popen(
        [sys.executable, "-m", "healer", "web", "--port", "0", "--sign-on", "sign-on.toml"],
        cwd=repo,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip().partition("/?")[0]
        for path, status, said in (("/", 401, "/sign-on"), ("/sign-on", 503, "does not answer")):
            with pytest.raises(urllib.error.HTTPError) as refusal:
                urllib.request.urlopen(address + path, timeout=30)
            with refusal.value as page:
                assert page.code == status
                assert said in page.read().decode()
    finally:
        process.terminate()
        process.communicate(timeout=30)
