"""What the page says of job machines is done as it stands: a hub with TLS, a job that fails, an
agent; then the failure waits for a daemon."""

import json
import os
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables, prepare_schema
from healer.watch.shared_inbox import SharedInbox
from tests.docs.fences import Block, read_blocks
from tests.support import postgres
from tests.support.git import git, make_repository
from tests.support.smtp import make_certificate

PAGE = "docs/several-machines.md"
COMMANDS = [
    command
    for block in read_blocks("sh")
    if block.page == PAGE
    for command in block.commands
    if not command.startswith("healer worker")  # it needs a remote of another machine
]
SCOPE = Scope("default", "git.example.com/shop/jobs")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    if not postgres.is_installed():
        pytest.skip("PostgreSQL is not installed")
    with postgres.server() as url:
        prepare_schema(url)
        yield url


def settings() -> Block:
    (block,) = [b for b in read_blocks("toml") if b.page == PAGE and "[agent]" in b.text]
    return block


def test_the_page_does_what_it_says(url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    both = make_certificate(tmp_path)
    for name in ("hub.pem", "hub.key"):
        shutil.copy(both, tmp_path / name)
    names = {"/etc/healer": str(tmp_path), "0.0.0.0:8643": f"127.0.0.1:{port}"}
    make_token, serve, run, bring = [translate(line, names) for line in COMMANDS]
    environment = {**os.environ, "HEALER_STATE": url, "SSL_CERT_FILE": str(tmp_path / "hub.pem")}
    token = call(make_token, tmp_path, environment).stdout.strip()
    toml = settings().text.replace("healer.example.com:8643", f"localhost:{port}")
    toml += "environment = false\n"  # packing one takes seconds
    job = 'import json\nprint(json.loads("{")["x"])\n'
    root = make_repository(tmp_path / "jobs", {"scripts/report.py": job, "healer.toml": toml})
    git(root, "remote", "add", "origin", f"https://{SCOPE.repository}.git")
    on_job_machine = {**environment, "HEALER_HUB_TOKEN": token}
    del on_job_machine["HEALER_STATE"]
    with subprocess.Popen(program(serve), cwd=tmp_path, env=environment) as hub:
        try:
            wait_for(f"https://localhost:{port}/v1/health", tmp_path / "hub.pem")
            assert call(run, root, on_job_machine, code=1).stderr.endswith("(char 1)\n")
            call(bring, root, on_job_machine)
        finally:
            hub.terminate()
    with SharedTables(url, SCOPE) as tables:
        inbox = SharedInbox(tables)
        (record,) = inbox.list_pending()
        failure = inbox.read(record)
    assert (failure.script, failure.source) == ("scripts/report.py", "run")
    assert (
        failure.exception is not None and failure.exception.type == "json.decoder.JSONDecodeError"
    )


def translate(line: str, names: dict[str, str]) -> list[str]:
    for name, here in names.items():
        line = line.replace(name, here)
    return shlex.split(line)


def program(words: list[str]) -> list[str]:
    assert words[0] == "healer"
    return [sys.executable, "-m", "healer", *words[1:]]


def call(
    words: list[str], cwd: Path, environment: dict[str, str], code: int = 0
) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        program(words), cwd=cwd, env=environment, text=True, capture_output=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done


def wait_for(address: str, certificate: Path) -> None:
    context = ssl.create_default_context(cafile=certificate)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, context=context, timeout=5) as answer:
                assert json.load(answer) == {"status": "ok"}
                return
        except urllib.error.URLError as error:
            assert not isinstance(error.reason, ssl.SSLError), error
            time.sleep(0.05)
    pytest.fail("the hub does not listen")
