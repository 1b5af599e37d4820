"""The daemon's duties, on a real repository, ledger and outbox; only the repair is not started."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from healer.config import Config
from healer.escalation.notifier import Notifier
from healer.ledger import Ledger
from healer.redact import Redactor
from healer.watch.incidents import Incidents
from healer.workflow.cache import Runs
from healer.workflow.duties import DAY_S, ChangedScripts, DueJobs, OldBranches
from healer.workflow.parts import Parts
from quarantine.candidate import write_candidate
from quarantine.repository import Repository
from sandbox import Limits
from tests.smtp import smtp_server


class Asked:
    """Notes which scripts are to be checked."""

    def __init__(self) -> None:
        self.scripts: list[str] = []

    def check(self, script: str) -> None:
        self.scripts.append(script)


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode().strip()


def never() -> Any:
    raise AssertionError("no duty needs a sandbox")


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Any]:
    """Parts on a small repository, with the given configuration."""
    folder = tmp_path / "shop"
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "a.py").write_text("print(1)\n")
    (folder / "notes.txt").write_text("x\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    made: list[Parts] = []

    def build(**settings: Any) -> Parts:
        config = Config.model_validate(settings)
        state = tmp_path / "state"
        state.mkdir(exist_ok=True)
        redactor = Redactor()
        made.append(
            Parts(
                repository=Repository.open(folder),
                config=config,
                runs=Runs(never, state / "cache", Limits(), dict),
                ledger=Ledger.in_folder(state),
                notifier=Notifier(state / "mail", config.mail, redactor),
                incidents=Incidents(state / "incidents.sqlite"),
                redactor=redactor,
                drafters=lambda _: (),
            )
        )
        return made[-1]

    yield build
    for parts in made:
        parts.ledger.close()
        parts.incidents.close()


def test_a_changed_script_is_checked_once_and_other_files_are_not(
    make: Any, tmp_path: Path
) -> None:
    parts, asked, shop = make(), Asked(), tmp_path / "shop"
    duty = ChangedScripts(parts, tmp_path)
    duty.do(time.time(), asked)  # type: ignore[arg-type]
    assert asked.scripts == []
    (shop / "scripts" / "a.py").write_text("print(2)\n")
    (shop / "notes.txt").write_text("y\n")
    git(shop, "commit", "-qam", "two")
    for _ in range(2):
        ChangedScripts(parts, tmp_path).do(time.time(), asked)  # type: ignore[arg-type]
    assert asked.scripts == ["scripts/a.py"]


def test_what_healer_merged_is_not_checked_again(make: Any, tmp_path: Path) -> None:
    parts, asked, shop = make(), Asked(), tmp_path / "shop"
    duty = ChangedScripts(parts, tmp_path)
    duty.do(time.time(), asked)  # type: ignore[arg-type]
    (shop / "scripts" / "a.py").write_text("print(2)\n")
    git(shop, "commit", "-qam", "a merged fix")
    parts.ledger.open_repair(
        repair="r1", key="k", script="scripts/a.py", fingerprint="", request={}
    )
    merged = {"merged": git(shop, "rev-parse", "HEAD")}
    parts.ledger.settle("r1", "closed", "healed", merged)
    duty.do(time.time(), asked)  # type: ignore[arg-type]
    assert asked.scripts == []


def branch(parts: Parts, repair: str, when: int) -> str:
    made = write_candidate(
        parts.repository,
        base=parts.repository.resolve("main"),
        changes={"scripts/a.py": b"print(3)\n"},
        branch=f"quarantine/a-{repair}",
        message="try",
        when=when,
    )
    return made.branch


def test_old_branches_go_and_those_that_wait_for_a_person_stay(make: Any) -> None:
    parts = make(keep_days=30)
    long_ago = int(time.time() - 40 * DAY_S)
    gone, waits = branch(parts, "r1", long_ago), branch(parts, "r2", long_ago)
    fresh = branch(parts, "r3", int(time.time()))
    for repair, state in (("r1", "closed"), ("r2", "waiting")):
        parts.ledger.open_repair(
            repair=repair, key=repair, script="scripts/a.py", fingerprint="", request={}
        )
        parts.ledger.keep_evidence(repair, {"kept": True})
        result = {"branch": f"quarantine/a-{repair}"}
        parts.ledger.settle(repair, state, "review", result)  # type: ignore[arg-type]
    OldBranches(parts).do(time.time(), Asked())  # type: ignore[arg-type]
    assert gone not in parts.repository.branches()
    assert {waits, fresh} <= set(parts.repository.branches())
    assert parts.ledger.evidence("r2") == {"kept": True}


def test_a_due_job_is_started_once_and_ends(make: Any, tmp_path: Path) -> None:
    job = {"script": "scripts/a.py", "command": ["python3", "scripts/a.py"], "every": "1h"}
    parts = make(job=[job])
    duty = DueJobs(parts, tmp_path)
    started = 1_000 * 3600.0
    duty.do(started - 10, Asked())  # type: ignore[arg-type]
    for offset in (1, 2, 3):
        duty.do(started + offset, Asked())  # type: ignore[arg-type]
    duty._running["scripts/a.py"].wait(timeout=30)
    assert (tmp_path / "jobs.log").read_text().count("1\n") == 1
    duty.do(started + 60, Asked())  # type: ignore[arg-type]
    assert duty._running == {}


def test_missed_runs_are_told_by_one_mail(make: Any, tmp_path: Path) -> None:
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        mail["to"] = ["ada@example.com"]  # type: ignore[assignment]
        job = {"script": "scripts/a.py", "command": ["true"], "every": "1h"}
        parts = make(job=[job], mail=mail)
        duty = DueJobs(parts, tmp_path)
        start = 1_000 * 3600.0
        duty.do(start - 10, Asked())  # type: ignore[arg-type]
        duty.do(start + 5 * 3600.0, Asked())  # type: ignore[arg-type]
        duty.do(start + 5 * 3600.0 + 5, Asked())  # type: ignore[arg-type]
        duty._running["scripts/a.py"].wait(timeout=30)
        assert len(server.taken) == 1
        assert "did not start" in server.taken[0].part("plain")
