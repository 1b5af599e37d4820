"""Where a rule said reject, `healer approve` asks on a terminal, and takes no answer for a no."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.facts.draft import Case, Draft, Drafts, ReplaceText, Source
from healer.facts.repair import Dossier
from healer.repair.run import run_decision
from healer.repair.view import list_objections
from tests.support.shop import BROKEN, SCRIPT, Shop, shop

WAIT_S = 60.0


class Suspicious:
    """Drafts a fix that a rule says reject to, then leaves the rest to a person."""

    name = "scripted"

    def draft(self, case: Case, source: Source) -> Drafts:
        del source
        if case.attempts:
            return Drafts(refusal="needs_person", reason="somebody has to choose")
        text = 'print(PRICES["tea"])\nPRICES.__class__ = dict'
        edit = ReplaceText(path=SCRIPT, find='print(PRICES["te"])', replace=text)
        return Drafts(candidates=(Draft(drafter="scripted", edits=(edit,), cause="A typo."),))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        made.drafter = Suspicious()
        yield made


def typed(here: Shop, repair: str, answer: str) -> tuple[int, str]:
    """`healer approve` on a terminal, and this answer to its question."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "HOME": str(here.folder.parent),
        "TERM": "xterm",
        "DOCKER_HOST": "unix:///nowhere",
    }
    command = [sys.executable, "-m", "healer", "approve", repair]
    master, slave = pty.openpty()
    with subprocess.Popen(
        command, cwd=here.folder, env=environment, stdin=slave, stdout=slave, stderr=slave
    ) as process:
        os.close(slave)
        said, deadline, answered = b"", time.monotonic() + WAIT_S, False
        while time.monotonic() < deadline:
            if select.select([master], [], [], 0.1)[0]:
                try:
                    said += os.read(master, 65_536)
                except OSError:  # the terminal is gone: the command has ended
                    break
            if b"all the same?" in said and not answered:
                os.write(master, answer.encode())
                answered = True
        code = process.wait(WAIT_S)
    os.close(master)
    return code, said.decode(errors="replace")


def test_a_no_leaves_everything_as_it_is(here: Shop) -> None:
    waiting = here.fix()
    assert waiting.outcome == "escalated", waiting.reason
    code, said = typed(here, waiting.repair, "n\n")
    assert code == 1
    assert "a rule says reject: scripts/prices.py:5: " in said
    assert "approve not done: it was not confirmed" in said
    assert here.services.ledger.repair(waiting.repair).state == "waiting"


def test_a_yes_goes_on_to_the_checks(here: Shop) -> None:
    code, said = typed(here, here.fix().repair, "y\n")
    assert (code, "Docker" in said) == (3, True), said


def test_without_a_terminal_nothing_is_approved(here: Shop) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "healer", "approve", here.fix().repair],
        cwd=here.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert done.returncode == 1
    assert "--yes approves it" in done.stderr


def test_who_overruled_the_rule_is_in_the_ledger(here: Shop) -> None:
    repair = here.fix().repair
    asked: list[tuple[str, ...]] = []

    def confirm(dossier: Dossier) -> bool:
        asked.append(list_objections(dossier.last_candidate))
        return True

    decided = run_decision(
        here.services, here.state, "approve", repair, by="Ada", why="", is_confirmed=confirm
    )
    assert decided.done, decided.reason
    assert "class" in asked[0][0]
    (entry,) = (e for e in here.services.ledger.entries(repair) if e.kind == "approval")
    assert entry.detail.startswith("by Ada")
    assert "overruled" in entry.detail
    assert (here.folder / SCRIPT).read_text() != BROKEN
