"""What every journey needs: a real repository, the installed command, Docker Engine, SMTP."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.example_shop import lay_out_example
from tests.support.healer_process import run_healer
from tests.support.smtp import Server, smtp_server

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def docker_engine() -> None:
    """A missing Docker Engine is a skip on a laptop and a failure in CI."""
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0:
        return
    message = "Docker Engine does not answer; scripts/setup starts it"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@dataclass
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


Heal = Callable[..., Said]
Snapshot = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder of a user who has set up nothing but git's identity."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@shop.example\n")
    return folder


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """The environment of a cron job: nearly empty."""
    keep = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT)}
    return keep | {k: v for k, v in os.environ.items() if k.startswith("DOCKER_")}


@pytest.fixture
def heal(environment: dict[str, str], tmp_path: Path, docker_engine: None) -> Heal:
    """Runs `healer` in the shop's repository, or where `cwd` says."""

    def run(*words: str, cwd: Path | None = None, stdin: str = "", **more: str) -> Said:
        done = run_healer(*words, cwd=cwd or tmp_path / "shop", env=environment | more, stdin=stdin)
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def mailbox() -> Iterator[Server]:
    """A real SMTP server that keeps what it is sent."""
    with smtp_server() as server:
        yield server


@pytest.fixture
def shop(tmp_path: Path, mailbox: Server) -> Path:
    """The example repository with two commits of history, and mail to `mailbox`."""
    return lay_out_example(tmp_path / "shop", mailbox.port, settings="search_s = 1\n")


@pytest.fixture
def snapshot() -> Snapshot:
    """Every file below a folder, git's own included, byte for byte."""

    def take(folder: Path) -> dict[str, bytes]:
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    return take
