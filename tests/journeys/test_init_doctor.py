"""The first minutes: init writes two files and nothing else, doctor says what is missing."""

from pathlib import Path

import pytest

from healer.config import parse
from tests.journeys.conftest import Heal, Snapshot
from tests.support.endpoint import ScriptedEndpoint
from tests.support.git import git
from tests.support.smtp import Server


def test_init_writes_two_commented_files_and_changes_nothing_that_exists(
    tmp_path: Path, heal: Heal, snapshot: Snapshot
) -> None:
    folder = tmp_path / "fresh"
    for path in ("jobs/a.py", "jobs/deep/b.py", "tests/test_a.py", "lib/__init__.py", "lib/c.py"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("print(1)\n")
    git(folder, "init", "-q", "-b", "trunk")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "All")
    before = snapshot(folder)
    (folder / "protected.toml").write_text("# mine\n")
    said = heal("init", "--json", cwd=folder)
    assert said.code == 0, said.err
    assert (said.json["written"], said.json["kept"]) == (["healer.toml"], ["protected.toml"])
    assert (said.json["scripts"], said.json["target"]) == (["jobs/**/*.py"], "trunk")
    written = (folder / "healer.toml").read_bytes()
    config = parse(written, "healer.toml")
    assert (config.target, config.scripts) == ("trunk", ("jobs/**/*.py",))
    uncommented = b"\n".join(
        line.removeprefix(b"# ") for line in written.splitlines() if b" = " in line or b"[" in line
    )
    assert parse(uncommented, "healer.toml").job[0].every == "15m"
    assert (folder / "protected.toml").read_text() == "# mine\n"
    (folder / "protected.toml").unlink()
    (folder / "healer.toml").unlink()
    assert snapshot(folder) == before
    assert "wrote protected.toml" in heal("init", cwd=folder).out
    again = heal("init", cwd=folder)
    assert (again.code, again.out.count("kept ")) == (0, 2)
    assert heal("init", cwd=tmp_path).code == 3
    git(folder, "checkout", "-q", "--detach")
    detached = heal("init", cwd=folder)
    assert (detached.code, "HEAD is detached" in detached.err) == (2, True)


@pytest.mark.docker
def test_doctor_says_one_line_for_each_thing_and_3_when_no_repair_could_run(
    shop: Path, heal: Heal, mailbox: Server
) -> None:
    with ScriptedEndpoint([{"word": "yes"}]) as endpoint:
        settings = (shop / "healer.toml").read_text()
        model = f'\n[model]\ntiers = ["small"]\nbase_url = "{endpoint.base_url}"\n'
        (shop / "healer.toml").write_text(settings + model)
        said = heal("doctor", "--json")
    status = {check["name"]: check["status"] for check in said.json["checks"]}
    assert (said.code, said.json["ok"]) == (0, True), said.out
    names = ["git", "config", "state", "docker", "image", "isolation", "model", "mail", "disk"]
    assert [name for name in status if name in names] == names
    assert {status[name] for name in names} == {"pass"}

    mailbox.failures, mailbox.fail_share = ("drop",), 1.0
    ill = heal("doctor", DOCKER_HOST="unix:///nowhere/docker.sock")
    assert ill.code == 3
    for line in ("✗ docker", "✗ mail", "✗ model"):
        assert line in ill.out
    assert ill.out.count("next: ") >= 2
    assert ill.err == ""
    (shop / "healer.toml").write_text("target = 1\n")
    assert "✗ config" in heal("doctor").out


@pytest.mark.docker
def test_the_sandbox_is_built_and_checked_from_the_command_line(shop: Path, heal: Heal) -> None:
    built = heal("sandbox", "build", "--json").json
    assert built["image"].startswith("healer")
    checked = heal("sandbox", "check", "--json")
    assert (checked.code, checked.json["held"]) == (0, True), checked.out
    assert len(checked.json["probes"]) > 20
    assert heal("sandbox", "buidl").code == 2
