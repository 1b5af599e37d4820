"""Real parts on a small real repository, without a sandbox or with one that tells from the text."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from healer.config import Config
from healer.ledger.store import Ledger
from healer.notify.notifier import Notifier
from healer.redact import Redactor
from healer.services import Services
from healer.services.runner import SandboxRunner
from healer.watch.incidents import Incidents
from quarantine.repository import Repository
from sandbox import Limits
from tests.support.bench import Bench
from tests.support.git import make_repository
from tests.support.repair_world import never


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Any]:
    """Services on a small repository, with the given configuration."""
    folder = tmp_path / "shop"
    make_repository(folder, {"scripts/a.py": "print(1)\n", "notes.txt": "x\n"})
    made: list[Services] = []

    def build(**settings: Any) -> Services:
        config = Config.model_validate(settings)
        state = tmp_path / "state"
        state.mkdir(exist_ok=True)
        redactor = Redactor()
        made.append(
            Services(
                repository=Repository.open(folder),
                config=config,
                runner=SandboxRunner(never, state / "cache", Limits(), dict),
                ledger=Ledger.in_folder(state),
                notifier=Notifier(state / "mail", config.mail, redactor),
                incidents=Incidents(state / "incidents.sqlite"),
                redactor=redactor,
                drafters=lambda _: (),
            )
        )
        return made[-1]

    yield build
    for services in made:
        services.ledger.close()
        services.incidents.close()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-test")
    with ExitStack() as stack:
        yield Bench(tmp_path, stack)
