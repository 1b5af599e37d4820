"""A repository whose broken script has two fixes that pass its weak test: one question.

Belongs here: the repository, what is drafted for it, and what people type. Does not belong here:
the sandbox (`plain_sandbox`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from healer.config import Config
from healer.facts.decision import DecisionResult
from healer.facts.draft import Case, Draft, Drafts, ReplaceText, Source
from healer.facts.repair import Result
from healer.repair import request
from healer.repair.question import choose_outcome
from healer.repair.run import run_answer, run_repair
from healer.services import Services
from sandbox.fake import ScriptedSandbox
from tests.support.git import git, make_repository
from tests.support.plain_sandbox import answers
from tests.support.world import open_services

SCRIPT, TEST = "scripts/grade.py", "tests/test_grade.py"
BROKEN = """\
LIMIT = 50


def grade(points):
    return "pass" if points > LIMT else "fail"
"""
FIX = "points >= LIMIT"
WEAK = """\
from scripts.grade import grade


def test_grade():
    assert grade(70) == "pass"
    assert grade(20) == "fail"
"""
INPUTS = tuple((number,) for number in (70, 20, 49, 50, 51, 0))
ADA = "Ada Byron <ada@shop.example>"


class OneDraft:
    """Drafts one reading of the broken line."""

    name = "scripted"

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def draft(self, case: Case, source: Source) -> Drafts:
        self.cases.append(case)
        if case.rejected:
            return Drafts(reason="it was turned down")
        edit = ReplaceText(path=SCRIPT, find="points > LIMT", replace=FIX)
        return Drafts(candidates=(Draft(drafter="scripted", edits=(edit,), cause="A typo."),))


class School:
    """The repository, its services, and what people type."""

    def __init__(self, folder: Path, services: Services, drafter: OneDraft) -> None:
        self.folder, self.services, self.drafter = folder, services, drafter
        self.state = services.repository.state_dir

    def fix(self) -> Result:
        wanted = request.build_request(self.services.repository, self.services.config, SCRIPT)
        return run_repair(self.services, self.state, wanted)

    def answer(self, repair: str, choice: str = "", value: str = "") -> DecisionResult:
        return run_answer(
            self.services, self.state, repair, lambda q: choose_outcome(q, choice, value),
            by="Ada Byron", author=ADA,
        )  # fmt: skip

    def git(self, *words: str) -> str:
        return git(self.folder, *words)


@contextmanager
def open_school(folder: Path, **settings: Any) -> Iterator[School]:
    if not (folder / ".git").exists():
        make_repository(folder, {SCRIPT: BROKEN, TEST: WEAK})
    drafter = OneDraft()
    sandbox = ScriptedSandbox([answers(SCRIPT, INPUTS)])
    config = Config.model_validate(settings)
    with open_services(folder, config, sandbox=sandbox, drafters=lambda _: (drafter,)) as services:
        yield School(folder, services, drafter)
