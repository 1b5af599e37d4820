"""A pin is in effect where the job's Python has the releases that it asks for."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from healer.facts.draft import PackageMove
from healer.failure import Failure
from healer.repair.pins_in_effect import is_installed, is_installed_now
from healer.tape.facts import Process
from healer.tape.recordings import Recordings
from healer.tape.store import keep_tape
from tests.support.tapes import tape

FAILURE = Failure(id="f1", script="job.py", source="run", chain=(), stderr_tail="")
PIN = PackageMove(name="Typing_Extensions", old="4.1.0", new="5.0.0")


def ask(state: Path, pins: tuple[PackageMove, ...], ask_for: Any) -> bool:
    last = SimpleNamespace(draft=SimpleNamespace(pins=pins))
    ledger = SimpleNamespace(dossier=lambda _: SimpleNamespace(last_candidate=last))
    is_so: bool = ask_for(SimpleNamespace(id="r1"), FAILURE, ledger, Recordings(state))
    return is_so


@pytest.mark.parametrize(
    ("packages", "is_in_effect"),
    [(("typing-extensions==4.1.0",), True), (("typing-extensions==5.0.0",), False), ((), False)],
)
def test_of_a_run_its_own_packages_count(
    tmp_path: Path, packages: tuple[str, ...], is_in_effect: bool
) -> None:
    keep_tape(tmp_path, "f1", tape(packages=packages))
    assert ask(tmp_path, (PIN,), is_installed) is is_in_effect


@pytest.mark.parametrize(("release", "is_in_effect"), [("4.1.0", True), ("5.0.0", False)])
def test_of_today_what_lies_in_the_folder_of_the_jobs_python(
    tmp_path: Path, release: str, is_in_effect: bool
) -> None:
    site = tmp_path / "env" / "lib" / "python3.12" / "site-packages"
    (site / f"typing_extensions-{release}.dist-info").mkdir(parents=True)
    process = Process(("job.py",), "python", str(tmp_path / "env"), "/usr", (3, 12, 1), "/srv")
    keep_tape(tmp_path, "f1", tape(processes=(process,)))
    assert ask(tmp_path, (PIN,), is_installed_now) is is_in_effect


def test_a_fix_that_pins_nothing_is_in_effect_with_its_commit(tmp_path: Path) -> None:
    assert ask(tmp_path, (), is_installed)
    assert ask(tmp_path, (), is_installed_now)
