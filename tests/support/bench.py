"""A whole repair in this process: real git, ledger, workflow engine and drafters; no container.

Belongs here: a small repository with a broken script, and a sandbox that tells from the text of
the script and of the tests what running them would show. Does not belong here: the tests.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from healer.config import Config
from healer.facts.progress import Progress
from healer.facts.repair import Dossier, Result
from healer.ledger.store import Ledger
from healer.repair import request
from healer.repair.run import run_repair
from healer.services import Services
from sandbox import Behaviour, Job, ProcessEnd, Report, TestResult, TestRun
from sandbox.fake import ScriptedSandbox
from sandbox.inside.tree import parse
from tests.support.endpoint import Body, Profile, Scripted, ScriptedEndpoint, fix
from tests.support.endpoint.profiles import OPENAI
from tests.support.git import commit_all, make_repository, write_files
from tests.support.scripted_screening import notice_mutants
from tests.support.world import open_services

SCRIPT = "scripts/job.py"
LINE = 'return sum(row["totl"] for row in rows)'
RIGHT = 'return sum(row["total"] for row in rows)'
ALSO_RIGHT = 'return sum(row.get("total", 0) for row in rows)'
WRONG = 'return sum(row["tot"] for row in rows)'
SOURCE = f"""\
import json


def total(rows):
    {LINE}


print(total(json.load(open("rows.json"))))
"""
FILES = {
    SCRIPT: SOURCE,
    "rows.json": '[{"total": 1}]\n',
    "tests/test_job.py": "from scripts.job import total\n\n\ndef test_total():\n"
    '    assert total([{"total": 1}]) == 1\n',
}
FAILS = f"""Traceback (most recent call last):
  File "/job/tree/{SCRIPT}", line 8, in <module>
    print(total(json.load(open("rows.json"))))
  File "/job/tree/{SCRIPT}", line 5, in total
    {LINE}
KeyError: 'totl'
"""
ALWAYS, WITH_FIX, NEVER, UNREADABLE = "passes always", "passes with the fix", "fails", "no module"
"""What a drafted test file holds, to say how it would end."""
GOOD = fix(SCRIPT, LINE, RIGHT)
BAD = fix(SCRIPT, LINE, WRONG)


def drafted_test(how: str) -> Body:
    """The fields of a reply that bring a test of its own."""
    return {"test_path": "tests/test_new.py", "test": f"def test_new():\n    '{how}'\n"}


def seen(job: Job) -> Report:
    """What running this job would show."""
    files = {entry.path: bytes(entry.content).decode() for entry in parse(job.tree)}
    plan, script = job.plan, files.get(SCRIPT, "")
    ok = RIGHT in script or ALSO_RIGHT in script
    if plan.screen:
        return _screened(job)
    ended = (
        ProcessEnd(exit_code=0, executed=plan.trace)
        if ok
        else ProcessEnd(exit_code=1, stderr=FAILS)
    )
    return Report(
        command=ended if plan.command else None,
        tests=tuple(_run(files, plan.tests.select, ok, plan.trace) for _ in plan.tests.seeds)
        if plan.tests
        else (),
    )


def _run(
    files: Mapping[str, str], select: tuple[str, ...], ok: bool, trace: dict[str, tuple[int, ...]]
) -> TestRun:
    chosen = [p for p in sorted(files) if p.startswith("tests/") and (not select or p in select)]
    results = tuple(_result(path, files[path], ok) for path in chosen)
    return TestRun(
        results=results,
        ended=ProcessEnd(exit_code=1, executed=trace),
        collected=tuple(result.node for result in results),
        sentinels=1,
        sentinels_failed=1,
    )


def _result(path: str, text: str, ok: bool) -> TestResult:
    name = text.partition("def ")[2].partition("(")[0]
    if UNREADABLE in text:
        return TestResult(node=path, outcome="error", detail="ModuleNotFoundError: no module")
    passes = not text.count(f"'{NEVER}'") and (ok or ALWAYS in text)
    detail = "" if passes else f"tests/test_job.py:5: in {name}\n{SCRIPT}:5: KeyError: 'totl'"
    outcome: Any = "passed" if passes else "failed"
    return TestResult(node=f"{path}::{name}", outcome=outcome, detail=detail)


def _screened(job: Job) -> Report:
    """Every mutant is noticed, and the fix itself passes; candidates behave as their text says."""
    plan = job.plan.screen
    assert plan is not None
    texts = ["".join(candidate.values()) for candidate in plan.candidates]
    if not plan.compare:
        return Report(screened=notice_mutants(plan))
    return Report(
        behaved=tuple(
            Behaviour(
                index=index,
                outcome="passed",
                pairs=(("[{}]", "0" if ".get(" in text else "KeyError"), ("[]", "0")),
            )
            for index, text in enumerate(texts)
        )
    )


class Bench:
    """One repository, and repairs of its script one after the other."""

    def __init__(
        self,
        folder: Path,
        *,
        script: str = SCRIPT,
        files: Mapping[str, str] = FILES,
        sandbox: Callable[[Job], Report] = seen,
    ) -> None:
        self.script = script
        self.folder = folder / "shop"
        self.state = self.folder / ".git" / "healer"
        self.box = ScriptedSandbox([sandbox])
        if not self.folder.exists():  # a killed process may have begun here
            make_repository(self.folder, files)
        self.services: Services

    def progress(self, note: Progress) -> None:
        """What a watcher would be shown."""

    def write(self, path: str, text: str) -> None:
        """A file of the working tree."""
        write_files(self.folder, {path: text})

    def commit(self, message: str) -> str:
        """All of the working tree as a commit; gives its id."""
        return commit_all(self.folder, message)

    def fix(
        self,
        *replies: Scripted,
        profile: Profile = OPENAI,
        asked: Callable[[ScriptedEndpoint], None] = lambda _: None,
        config: dict[str, Any] | None = None,
        options: dict[str, Any] | None = None,
        dry: bool = False,
        **model: Any,
    ) -> Result:
        """One repair by models that answer so; `asked` is given the endpoint afterwards."""
        with ScriptedEndpoint(replies, profile) as endpoint:
            values = {"tiers": ["small"], "base_url": endpoint.base_url} | model
            made = Config.model_validate({"model": values, "search_s": 0} | (config or {}))
            try:
                return self.run(made, options or {}, dry=dry)
            finally:
                asked(endpoint)

    def run(self, config: Config, options: dict[str, Any], *, dry: bool = False) -> Result:
        """One repair with this configuration."""
        with self.opened(config, dry=dry) as self.services:
            given = {"command": ("python", self.script), "drafter": "model"} | options
            wish = request.build_request(self.services.repository, config, self.script, **given)
            return run_repair(self.services, self.services.repository.state_dir, wish)

    @contextmanager
    def opened(self, config: Config | None = None, *, dry: bool = False) -> Iterator[Services]:
        """The services of this repository, for decisions between repairs."""
        with open_services(
            self.folder, config, sandbox=self.box, progress=self.progress, is_dry_run=dry
        ) as services:
            yield services

    def evidence(self, result: Result) -> Dossier:
        """What was kept of a repair."""
        with Ledger.in_folder(self.state) as ledger:
            dossier = ledger.dossier(result.repair)
        assert dossier is not None
        return dossier
