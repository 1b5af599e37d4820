"""Steps find the services that were installed last, and none before."""

from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

import healer.services
from healer.facts.draft import ModelRemarks
from healer.facts.progress import Progress
from healer.facts.repair import Request
from healer.services import Services, current_services, install_services
from tests.support.git import make_repository
from tests.support.world import open_services


def test_before_any_are_installed_the_engine_was_started_wrongly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(healer.services, "_slot", [])
    with pytest.raises(LookupError, match="started without its services"):
        current_services()


def test_the_last_ones_count_and_cannot_be_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(healer.services, "_slot", [])
    root = make_repository(tmp_path / "shop", {"a.py": "x = 1\n"})
    with open_services(root) as services:
        other = replace(services)
        install_services(other)
        install_services(services)
        assert current_services() is services
        with pytest.raises(FrozenInstanceError):
            services.ledger = other.ledger  # type: ignore[misc]  # that is the point


def test_what_is_not_given_asks_nobody_and_says_nothing(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "shop", {"a.py": "x = 1\n"})
    request = Request(repair="r", script="a.py", target="main", base="0" * 40)
    with open_services(root) as real:
        bare = Services(
            repository=real.repository,
            config=real.config,
            runner=real.runner,
            ledger=real.ledger,
            notifier=real.notifier,
            incidents=real.incidents,
            redactor=real.redactor,
            drafters=lambda _: (),
        )
    assert bare.recordings.of_good_nights(("a.py",)) == ()
    assert bare.reviewer(request) is None
    assert bare.wording("r", "patterns", "repairs") == ModelRemarks()
    bare.progress(Progress(repair="r", step="check", state="pass"))
