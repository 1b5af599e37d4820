"""Any coding agent may look, try and propose; what it proposes is judged like every draft."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.app.agents import AgentDoor
from healer.draft.llm.tools import ToolCall
from healer.facts.errors import UsageError
from healer.repair.incident_events import count_failure
from healer.watch.inbox import Inbox
from tests.healer.evidence.reports import failure
from tests.support.bench import BAD, FAILS, FILES, GOOD, SCRIPT, Bench, drafted_test
from tests.support.endpoint import answer, fix
from tests.support.git import git

SECRETS = {"deploy.pem": "-----BEGIN", "app.env.py": "x = 1\n", ".env": "PASSWORD=x\n"}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, files=FILES | SECRETS)


@pytest.fixture
def door(bench: Bench) -> Iterator[AgentDoor]:
    with bench.opened() as services:
        report = failure(FAILS, argv=("python", SCRIPT))
        count_failure(Inbox(services.repository.state_dir).put(report), services)
        yield AgentDoor(services, services.repository.state_dir, bench.folder)


@pytest.fixture
def incident(door: AgentDoor) -> str:
    (line,) = door.list_incidents()
    assert (line.script, line.count) == (SCRIPT, 1)
    return line.id


def test_the_dossier_shows_the_failure_and_its_code(door: AgentDoor, incident: str) -> None:
    dossier = door.show_dossier(incident)
    assert "KeyError: 'totl'" in dossier
    assert "def total(rows):" in dossier
    with pytest.raises(UsageError, match="there is no incident"):
        door.show_dossier("ffffffff")


def test_it_may_look_and_try_and_nothing_is_kept(
    bench: Bench, door: AgentDoor, incident: str
) -> None:
    assert "json.load" in door.use_tool(incident, ToolCall("read_file", SCRIPT, "", 1, 9))
    assert "hold secrets" in door.use_tool(incident, ToolCall("read_file", ".env", "", 1, 9))
    assert "the command succeeds" in door.use_tool(incident, ToolCall("try_patch", answer=GOOD))
    assert "exit status 1" in door.use_tool(incident, ToolCall("run", text=f"python {SCRIPT}"))
    assert git(bench.folder, "branch", "--list", "quarantine/*") == ""


def test_a_proposal_that_is_proved_is_merged(bench: Bench, door: AgentDoor, incident: str) -> None:
    result = door.propose(incident, {**GOOD, **drafted_test("passes with the fix")})
    assert result.outcome == "healed", result.reason
    assert result.drafter == "proposal"
    assert git(bench.folder, "rev-parse", "main") == result.merged
    assert [line.state for line in door.list_incidents()] == ["probation"]


def test_a_wrong_proposal_is_refused_and_another_may_follow(
    bench: Bench, door: AgentDoor, incident: str
) -> None:
    before = git(bench.folder, "rev-parse", "main")
    assert door.propose(incident, BAD).outcome == "gave_up"
    assert git(bench.folder, "rev-parse", "main") == before
    assert door.propose(incident, GOOD).outcome == "healed"


@pytest.mark.parametrize(
    "reply",
    [
        fix(SCRIPT, "nowhere", "x"),
        fix("tests/test_job.py", "== 1", "== 2"),
        answer(decision="needs_person", cause="Both."),
        {},
    ],
)
def test_what_does_not_fit_is_not_tried(
    bench: Bench, door: AgentDoor, incident: str, reply: dict[str, object]
) -> None:
    with pytest.raises(UsageError):
        door.propose(incident, reply)
    assert not [job for job in bench.box.jobs if b"nowhere" in bytes(job.tree)]


def test_a_case_holds_the_code_and_a_brief_and_no_secrets(door: AgentDoor, incident: str) -> None:
    with tarfile.open(fileobj=io.BytesIO(door.pack_case(incident)), mode="r:gz") as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        brief = archive.extractfile(f"case-{incident}/BRIEF.md")
        assert brief is not None
        text = brief.read().decode()
    assert names == {*FILES, "app.env.py", "BRIEF.md"}
    assert f"`python {SCRIPT}`" in text
    assert "KeyError: 'totl'" in text
    assert "healer check PATCH --as-draft" in text


def test_a_case_can_be_run_where_it_is_unpacked_and_its_command_tells_no_secret(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, files=FILES | {"run.sh": "#!/bin/sh\n"})
    (bench.folder / "run.sh").chmod(0o755)
    git(bench.folder, "commit", "-qam", "Make it a program")
    words = ("python", SCRIPT, "--name", "a b", "--password=hunter2hunter2")
    with bench.opened() as services:
        report = failure(FAILS, argv=words)
        count_failure(Inbox(services.repository.state_dir).put(report), services)
        door = AgentDoor(services, services.repository.state_dir, bench.folder)
        (line,) = door.list_incidents()
        packed = door.pack_case(line.id)
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
        modes = {member.name.partition("/")[2]: member.mode for member in archive}
        brief = archive.extractfile(f"case-{line.id}/BRIEF.md")
        assert brief is not None
        text = brief.read().decode()
    assert (modes["run.sh"], modes[SCRIPT]) == (0o755, 0o644)
    assert "--name 'a b'" in text
    assert "hunter2" not in text


def test_a_failure_that_no_daemon_took_in_yet_is_there_too(bench: Bench) -> None:
    with bench.opened() as services:
        inbox = Inbox(services.repository.state_dir)
        for name in ("f1", "f2"):
            inbox.put(failure(FAILS, argv=("python", SCRIPT), id=name))
        door = AgentDoor(services, services.repository.state_dir, bench.folder)
        (line,) = door.list_incidents()
        assert (line.id, line.state, line.count, line.what) == ("f2", "recorded", 2, "KeyError")
        assert "KeyError: 'totl'" in door.show_dossier("f2")
        assert door.propose("f2", GOOD).outcome == "healed"
