"""`healer hub` never speaks in the clear by mistake; its tokens are made, listed and revoked."""

import json
import os
import secrets
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from healer.cli.hub import hub
from healer.failure import Failure
from healer.support.extras import ExtraName, MissingExtraError
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.watch.fleet_incidents import FleetIncidents
from tests.support.command_line import run_command
from tests.support.git import make_repository


def call(*words: str, url: str = "", code: int = 0) -> Result:
    environment = {"HEALER_STATE": url} if url else {}
    result = CliRunner().invoke(hub, words, env=environment, standalone_mode=False)
    assert (result.return_value or 0) == code, result
    return result


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--listen", "0.0.0.0:0"], "--certificate, or --plain-http"),
        (["--listen", "[::]:0"], "--certificate, or --plain-http"),
        (["--listen", "8643"], "no address like"),
        (["--listen", "127.0.0.1:x"], "no address like"),
        (["--listen", "127.0.0.1:70000"], "no address like"),
        ([], "HEALER_STATE is not set"),
        (["--state-env", "NOT_THERE"], "NOT_THERE is not set"),
        (["token", "list"], "HEALER_STATE is not set"),
        (["token", "make", "job1"], "--repository"),
    ],
)
def test_wrong_usage_is_refused_with_the_next_step(words: list[str], sentence: str) -> None:
    result = CliRunner().invoke(hub, words, env={"HEALER_STATE": None})
    assert result.exit_code != 0
    assert sentence in result.output + str(result.exception)


def test_a_token_is_made_listed_and_revoked(shared_url: str) -> None:
    name = secrets.token_hex(8)
    made = call("token", "make", name, "--repository", "git@h:shop/jobs.git", url=shared_url)
    assert made.output.startswith("healer-")
    assert f"{name}  default  made" in call("token", "list", url=shared_url).output
    rows = json.loads(call("token", "list", "--json", url=shared_url).output)
    (row,) = [each for each in rows if each["name"] == name]
    assert row["repositories"] == ["h/shop/jobs"]
    call("token", "revoke", name, url=shared_url)
    assert f"{name}  default  revoked" in call("token", "list", url=shared_url).output


def test_what_concerns_many_is_listed(shared_url: str, scope: Scope) -> None:
    failure = Failure(id="", script="a.py", source="run", exit_code=1, count=1_000)
    with SharedTables(shared_url, scope) as tables:
        FleetIncidents(tables).note_failure(failure, now=1.8e9)
    lines = call("incidents", url=shared_url).output.splitlines()
    (line,) = [each for each in lines if scope.repository in each]
    assert f"{scope.tenant}  rush  {scope.repository} fails far more than usual" in line
    assert line.endswith("(nobody was told yet)")
    rows = json.loads(call("incidents", "--json", url=shared_url).output)
    assert scope.repository in [each["subject"] for each in rows]


def test_it_serves_until_it_is_stopped(shared_url: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "healer", "hub", "--listen", "127.0.0.1:0"],
        cwd=tmp_path, env={**os.environ, "HEALER_STATE": shared_url}, stdout=subprocess.PIPE,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        with urllib.request.urlopen(f"{address}/v1/health", timeout=20) as answer:
            assert json.load(answer) == {"status": "ok"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (0, -signal.SIGTERM)


def test_without_its_extra_it_says_what_to_install(
    tmp_path: Path, without_extra: Callable[[ExtraName], None]
) -> None:
    without_extra("web")
    answer = run_command("hub", cwd=make_repository(tmp_path / "extra", {"a.py": "x = 1\n"}))
    assert isinstance(answer.error, MissingExtraError)
    assert str(answer.error).startswith("healer hub needs the library ")
