"""The daemon's duties, on a real repository, ledger and outbox; only the repair is not started."""

import json
import time
from pathlib import Path
from typing import Any

from healer.daemon.tasks.changed_scripts import ChangedScripts
from tests.support.git import git
from tests.support.repair_world import Asked


def test_a_changed_script_is_checked_once_and_other_files_are_not(
    make: Any, tmp_path: Path
) -> None:
    services, asked, shop = make(), Asked(), tmp_path / "shop"
    duty = ChangedScripts(services, tmp_path)
    duty.do(time.time(), asked)  # type: ignore[arg-type]
    assert asked.scripts == []
    (shop / "scripts" / "a.py").write_text("print(2)\n")
    (shop / "notes.txt").write_text("y\n")
    git(shop, "commit", "-qam", "two")
    for _ in range(2):
        ChangedScripts(services, tmp_path).do(time.time(), asked)  # type: ignore[arg-type]
    assert asked.scripts == ["scripts/a.py"]


def test_what_healer_merged_is_not_checked_again_and_what_people_did_beside_it_is(
    make: Any, tmp_path: Path
) -> None:
    services, asked, shop = make(), Asked(), tmp_path / "shop"
    (shop / "scripts" / "b.py").write_text("print(1)\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "another script")
    duty = ChangedScripts(services, tmp_path)
    duty.do(time.time(), asked)  # type: ignore[arg-type]
    (shop / "scripts" / "a.py").write_text("print(2)\n")
    git(shop, "commit", "-qam", "Repair it\n\nHealer-Repair: r1\nHealer-Checks: tests=pass")
    duty.do(time.time(), asked)  # type: ignore[arg-type]
    assert asked.scripts == []
    (shop / "scripts" / "a.py").write_text("print(3)\n")
    git(shop, "commit", "-qam", "Repair it again\n\nHealer-Repair: r2\nHealer-Checks: tests=pass")
    git(shop, "checkout", "-qb", "side", "HEAD~1")
    (shop / "scripts" / "b.py").write_text("print(2)\n")
    git(shop, "commit", "-qam", "a person's change")
    git(shop, "checkout", "-q", "main")
    git(shop, "merge", "-q", "--no-edit", "side")
    duty.do(time.time(), asked)  # type: ignore[arg-type]
    assert asked.scripts == ["scripts/b.py"]


def test_the_same_duty_sees_each_move_of_the_branch_also_a_packed_one(
    make: Any, tmp_path: Path
) -> None:
    services, asked, shop = make(), Asked(), tmp_path / "shop"
    duty = ChangedScripts(services, tmp_path)
    duty.do(1_000.0, asked)  # type: ignore[arg-type]
    for n in range(3):
        (shop / "scripts" / "a.py").write_text(f"print({n + 10})\n")
        git(shop, "commit", "-qam", f"change {n}")
        git(shop, "pack-refs", "--all")
        duty.do(1_001.0 + n, asked)  # type: ignore[arg-type]
        duty.do(1_001.5 + n, asked)  # type: ignore[arg-type]
        assert asked.scripts == ["scripts/a.py"] * (n + 1)


def test_a_branch_that_was_written_anew_is_checked(make: Any, tmp_path: Path) -> None:
    services, asked, shop = make(), Asked(), tmp_path / "shop"
    duty = ChangedScripts(services, tmp_path)
    duty.do(time.time(), asked)  # type: ignore[arg-type]
    state = json.loads((tmp_path / "watched.json").read_text())
    state["tip"] = "1" * 40
    (tmp_path / "watched.json").write_text(json.dumps(state))
    (shop / "scripts" / "a.py").write_text("print(2)\n")
    git(shop, "commit", "-qam", "two", "--amend")
    duty.do(time.time(), asked)  # type: ignore[arg-type]
    assert asked.scripts == ["scripts/a.py"]
