"""Real services on a small real repository, without a sandbox or with a scripted one."""

import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from healer.config import Config
from healer.services import Services
from healer.support.extras import LIBRARIES, ExtraName
from healer.support.postgres import Scope
from healer.support.shared_tables import prepare_schema
from tests.support import postgres
from tests.support.bench import Bench
from tests.support.git import make_repository
from tests.support.smtp import Server, smtp_server
from tests.support.world import open_services


@pytest.fixture(scope="session")
def shared_url() -> Iterator[str]:
    """A PostgreSQL with healer's schema, for all tests of this process."""
    if not postgres.is_installed():
        pytest.skip("PostgreSQL is not installed")
    with postgres.server() as url:
        prepare_schema(url)
        yield url


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> Callable[[ExtraName], None]:
    """Makes one of the extras missing, as if it had never been installed."""
    return lambda extra: monkeypatch.setitem(sys.modules, LIBRARIES[extra], None)


@pytest.fixture
def scope() -> Scope:
    """A repository that no other test has."""
    return Scope("test", f"host/{secrets.token_hex(8)}")


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Services]]:
    """Services on a small repository, with the given configuration."""
    root = make_repository(tmp_path / "shop", {"scripts/a.py": "print(1)\n", "notes.txt": "x\n"})
    with ExitStack() as stack:

        def build(**settings: Any) -> Services:
            config = Config.model_validate(settings)
            return stack.enter_context(open_services(root, config, drafters=lambda _: ()))

        yield build


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-test")
    return Bench(tmp_path)


@pytest.fixture
def server() -> Iterator[Server]:
    """A mail server of this machine that keeps what it is sent."""
    with smtp_server() as running:
        yield running
