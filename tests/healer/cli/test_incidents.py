"""`healer incidents`, `incident`, `ack`, `snooze`: every id that is printed can be typed."""

import json
import sys
from pathlib import Path

import pytest

from healer.facts.errors import UsageError
from healer.ledger.store import Ledger
from healer.watch.inbox import Inbox
from healer.watch.incidents import Incidents
from tests.support.command_line import run_command
from tests.support.git import make_repository
from tests.support.ledger_rows import add_repair, request_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three incidents: one waits for Ada, one was given up, one is over."""
    folder = make_repository(tmp_path / "shop", {"a.py": "x\n"})
    with Incidents(folder / ".git" / "healer" / "incidents.sqlite") as incidents:
        for name, failure in (("aa11", "f1"), ("bb22", "f2"), ("cc33", "f3")):
            incidents.count_failures(
                name, now=1_000.0, script="a.py", failure=failure, summary="KeyError: 'x' at a.py:1"
            )
            incidents.assign_repair(name, f"{name[:2]}ff", 1_001.0)
        incidents.apply_event("aa11", "ask", now=1_002.0, reason="the evidence is weak")
        incidents.apply_event("bb22", "fail", now=1_003.0, reason="no draft passed")
        incidents.apply_event("cc33", "vanish", now=1_004.0, reason="a run ended well")
    with Ledger.in_folder(folder / ".git" / "healer") as ledger:
        add_repair(ledger, "review", request=request_of("aaff", "a.py"), branch="quarantine/a-aaff")
    return folder


def test_what_is_not_over_is_listed(folder: Path) -> None:
    answer = run_command("incidents", cwd=folder)
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert sorted(line.split()[0] for line in lines) == ["ID", "aa11", "bb22"]
    assert any("waits for a person" in line and "KeyError: 'x'" in line for line in lines)
    assert "cc33" in run_command("incidents", "--all", cwd=folder).out


def test_programs_get_each_incident_as_a_fact(folder: Path) -> None:
    document = json.loads(run_command("incidents", "--json", cwd=folder).out)
    states = {each["fingerprint"]: (each["state"], each["count"]) for each in document}
    assert states == {"aa11": ("waiting", 1), "bb22": ("open", 1)}


@pytest.mark.parametrize("word", ["aa11", "aa1", "aaff", "f1"])
def test_a_life_is_told_by_any_of_its_ids(folder: Path, word: str) -> None:
    answer = run_command("incident", word, cwd=folder)
    assert answer.code == 0
    assert answer.out.startswith("incident aa11: a.py\nKeyError: 'x' at a.py:1\n")
    assert "it waits for a person (repair aaff): the evidence is weak" in answer.out
    assert "counted: failure f1" in answer.out
    assert "next: healer approve aaff" in answer.out


def test_of_a_given_up_one_the_recorded_failure_can_be_typed(folder: Path) -> None:
    document = json.loads(run_command("incident", "bb22", "--json", cwd=folder).out)
    assert document["next"] == [
        "healer fix a.py --failure f2", "healer ack bb22", "healer snooze bb22 2h"
    ]  # fmt: skip
    assert [each["event"] for each in document["life"]] == ["start", "start", "fail"]


@pytest.mark.parametrize(
    ("word", "part"),
    [("zz", "there is no incident 'zz'"), ("f", "may be any of aa11, bb22, cc33")],
)
def test_an_id_that_means_none_or_several_is_refused(folder: Path, word: str, part: str) -> None:
    answer = run_command("incident", word, cwd=folder)
    assert isinstance(answer.error, UsageError)
    assert part in str(answer.error)


def test_a_persons_word_is_kept(folder: Path) -> None:
    assert "no reminder" in run_command("ack", "bb", cwd=folder).out
    assert "for 2h" in run_command("snooze", "bb", "2h", cwd=folder).out
    document = json.loads(run_command("incident", "bb22", "--json", cwd=folder).out)
    assert document["acked_by"]
    assert document["shown_state"] == "snoozed"


@pytest.mark.parametrize("duration", ["2", "h", "0h", "-2h", "2w", "91d", "²h"])
def test_what_is_no_length_of_time_is_refused(folder: Path, duration: str) -> None:
    answer = run_command("snooze", "bb", "--", duration, cwd=folder)
    assert isinstance(answer.error, UsageError)
    assert duration in str(answer.error)


@pytest.mark.parametrize("words", [("ack", "cc33"), ("snooze", "cc33", "1h")])
def test_of_what_is_over_there_is_nothing_to_say(folder: Path, words: tuple[str, ...]) -> None:
    answer = run_command(*words, cwd=folder)
    assert isinstance(answer.error, UsageError)
    assert "is over" in str(answer.error)


def test_a_repository_without_incidents_says_so(tmp_path: Path) -> None:
    make_repository(tmp_path / "shop", {"a.py": "x\n"})
    answer = run_command("incidents", cwd=tmp_path / "shop")
    assert (answer.code, answer.out, answer.err) == (0, "", "no incident is open\n")


def test_failures_that_nobody_has_taken_up_are_not_passed_over(tmp_path: Path) -> None:
    """A daemon that died in the evening leaves failures and no incident."""
    folder = make_repository(tmp_path / "shop", {"a.py": "raise KeyError(1)\n"})
    assert run_command("run", sys.executable, "a.py", cwd=folder).code == 1
    answer = run_command("incidents", cwd=folder)
    header, line = answer.out.splitlines()
    assert header.split() == ["FAILURE", "LAST", "SCRIPT", "WHAT"]
    assert line.endswith("a.py    KeyError: 1 at a.py:1")
    assert answer.err.startswith("recorded failures in no incident yet: 1; a running healer daemon")
    assert answer.err.endswith("next: healer fix SCRIPT --failure ID\n")
    failure = Inbox(folder / ".git" / "healer").read(line.split()[0])
    assert failure.script == "a.py"
    assert "no incident is open" not in answer.err
    out = run_command("status", cwd=folder).out
    assert "nobody takes the recorded failures up: healer daemon, or healer fix SCRIPT" in out
    assert "no incident is open" not in out


def test_that_a_repair_began_is_told_once_with_its_id(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "shop", {"a.py": "x\n"})
    with Incidents(folder / ".git" / "healer" / "incidents.sqlite") as incidents:
        incidents.count_failures("aa11", now=1_000.0, script="a.py", failure="f1", summary="x")
        incidents.apply_event("aa11", "start", now=1_001.0)
        incidents.assign_repair("aa11", "aaff", 1_002.0)
    out = run_command("incident", "aa11", cwd=folder).out
    assert out.count("a repair began") == 1
    assert "a repair began (repair aaff)" in out
