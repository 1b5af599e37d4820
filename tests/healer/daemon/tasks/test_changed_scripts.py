"""A changed script is checked once, also after a restart; what healer merged is not."""

import json
import time
from pathlib import Path
from typing import Any

from healer.daemon.tasks.changed_scripts import CheckChangedScripts
from tests.support.git import git


def test_a_changed_script_is_checked_once_and_other_files_are_not(
    make: Any, tmp_path: Path
) -> None:
    services, checked, shop = make(), list[str](), tmp_path / "shop"
    task = CheckChangedScripts(services, tmp_path, checked.append)
    task.run(time.time())
    assert checked == []
    (shop / "scripts" / "a.py").write_text("print(2)\n")
    (shop / "notes.txt").write_text("y\n")
    git(shop, "commit", "-qam", "two")
    for _ in range(2):
        CheckChangedScripts(services, tmp_path, checked.append).run(time.time())
    assert checked == ["scripts/a.py"]


def test_what_healer_merged_is_not_checked_again_and_what_people_did_beside_it_is(
    make: Any, tmp_path: Path
) -> None:
    services, checked, shop = make(), list[str](), tmp_path / "shop"
    (shop / "scripts" / "b.py").write_text("print(1)\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "another script")
    task = CheckChangedScripts(services, tmp_path, checked.append)
    task.run(time.time())
    (shop / "scripts" / "a.py").write_text("print(2)\n")
    git(shop, "commit", "-qam", "Repair it\n\nHealer-Repair: r1\nHealer-Checks: tests=pass")
    task.run(time.time())
    assert checked == []
    (shop / "scripts" / "a.py").write_text("print(3)\n")
    git(shop, "commit", "-qam", "Repair it again\n\nHealer-Repair: r2\nHealer-Checks: tests=pass")
    git(shop, "checkout", "-qb", "side", "HEAD~1")
    (shop / "scripts" / "b.py").write_text("print(2)\n")
    git(shop, "commit", "-qam", "a person's change")
    git(shop, "checkout", "-q", "main")
    git(shop, "merge", "-q", "--no-edit", "side")
    task.run(time.time())
    assert checked == ["scripts/b.py"]


def test_the_same_task_sees_each_move_of_the_branch_also_a_packed_one(
    make: Any, tmp_path: Path
) -> None:
    services, checked, shop = make(), list[str](), tmp_path / "shop"
    task = CheckChangedScripts(services, tmp_path, checked.append)
    task.run(1_000.0)
    for n in range(3):
        (shop / "scripts" / "a.py").write_text(f"print({n + 10})\n")
        git(shop, "commit", "-qam", f"change {n}")
        git(shop, "pack-refs", "--all")
        task.run(1_001.0 + n)
        task.run(1_001.5 + n)
        assert checked == ["scripts/a.py"] * (n + 1)


def test_a_branch_that_was_written_anew_is_checked(make: Any, tmp_path: Path) -> None:
    services, checked, shop = make(), list[str](), tmp_path / "shop"
    task = CheckChangedScripts(services, tmp_path, checked.append)
    task.run(time.time())
    state = json.loads((tmp_path / "watched.json").read_text())
    state["tip"] = "1" * 40
    (tmp_path / "watched.json").write_text(json.dumps(state))
    (shop / "scripts" / "a.py").write_text("print(2)\n")
    git(shop, "commit", "-qam", "two", "--amend")
    task.run(time.time())
    assert checked == ["scripts/a.py"]
