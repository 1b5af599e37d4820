"""`healer` on one machine of `benchmarks.fleet`: a scripted drafter, and no containers.

    python -m benchmarks.fleet_machine WORDS…

What is measured there is who does what, how often and when, and not what a container costs. The
sandbox reads in the tree whether a script still has its fault, and takes a moment for it, so that a
kill hits work under way. Everything else is the product itself.
"""

import os
import re
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from healer.app import build
from healer.app.drafters import Drafters
from healer.cli.edge import main as healer
from healer.daemon import worker
from healer.facts.draft import Case, Draft, Drafter, Drafts, ReplaceText, Source
from healer.facts.repair import Request
from sandbox import Behaviour, Job, ProcessEnd, Report, Sandbox
from sandbox.fake import ScriptedSandbox, all_well
from sandbox.inside.tree import ROOT, parse
from tests.support.scripted_screening import notice_mutants

FAULT, RIGHT = '"totl"', '"total"'
LINE = f"return sum(row[{FAULT}] for row in rows)"
STEP_S = float(os.environ.get("FLEET_STEP_S", "0.3"))
_SCRIPT = re.compile(r"scripts/(job_\d+)\.py")


def traceback_of(root: str, script: str) -> str:
    """What the script prints as long as it is broken."""
    return f"""Traceback (most recent call last):
  File "{root}/{script}", line 6, in <module>
    print(total([{{"total": 1}}]))
  File "{root}/{script}", line 2, in total
    {LINE}
KeyError: 'totl'
"""


def look(job: Job) -> Report:
    """What running this job would show."""
    time.sleep(STEP_S)
    plan = job.plan
    files = {entry.path: bytes(entry.content).decode() for entry in parse(job.tree)}
    if plan.screen:
        return _screen(job)
    command = None
    if plan.command:
        name = _SCRIPT.search(str(plan.command))
        assert name is not None, plan.command
        script = f"scripts/{name[1]}.py"
        command = ProcessEnd(exit_code=0, stdout="1\n", executed=plan.trace)
        if FAULT in files[script]:
            command = ProcessEnd(exit_code=1, stderr=traceback_of(ROOT, script))
    well = all_well(job)
    return well.model_copy(update={"command": command}) if command else well


def _screen(job: Job) -> Report:
    """Every mutant is noticed."""
    plan = job.plan.screen
    assert plan is not None
    numbers = range(len(plan.candidates))
    if plan.compare:
        pairs = (("[{}]", "KeyError"), ("[]", "0"))
        return Report(
            behaved=tuple(Behaviour(index=n, outcome="passed", pairs=pairs) for n in numbers)
        )
    return Report(screened=notice_mutants(plan))


class Scripted:
    """The right draft, at once."""

    name = "scripted"

    def draft(self, case: Case, source: Source) -> Drafts:
        del source
        if case.attempts:
            return Drafts(reason="the script has one answer")
        edit = ReplaceText(path=case.script, find=FAULT, replace=RIGHT)
        return Drafts(candidates=(Draft(drafter=self.name, edits=(edit,), cause="A typo."),))


class OnlyScripted(Drafters):
    """In the place of the drafters that the configuration gives."""

    def __call__(self, request: Request) -> Sequence[Drafter]:
        del request
        return (Scripted(),)


def open_scripted(*_: object) -> AbstractContextManager[Sandbox]:
    """In the place of Docker."""
    return nullcontext(ScriptedSandbox([look]))


if __name__ == "__main__":
    vars(worker)["PROGRAM"] = (sys.executable, "-m", "benchmarks.fleet_machine")
    vars(build)["Drafters"] = OnlyScripted
    build.build_services.__wrapped__.__kwdefaults__["sandbox_opener"] = open_scripted  # type: ignore[attr-defined]  # of functools.wraps
    sys.exit(healer(sys.argv[1:]))
