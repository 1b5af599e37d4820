"""Runs plans on trees, and remembers baselines: an unchanged commit costs nothing twice.

Belongs here: from a tree to a report. Does not belong here: which plan, or what it means.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from healer.facts.draft import Source
from healer.redact import Redactor
from healer.support.atomic_file import write_atomically
from sandbox import Job, Limits, Plan, Report, Sandbox, SandboxError
from sandbox.screen import SandboxScreening

SLOWER = 6.0
"""How many times longer a plan may take than on another tree: twice or more for the lines that are
traced before CPython 3.12, and the rest for a busy machine and what is tried beside it."""
MAX_REPORTS = 200
"""Remembered reports; the oldest go first."""


class PackableTree(Source, Protocol):
    """A tree that can be packed for the sandbox."""

    def tar(self, overlay: Mapping[str, bytes] = ...) -> bytes:
        """A tar of its regular files."""


class SandboxRunner:
    """The sandbox with a memory for reports of unchanged trees."""

    def __init__(
        self,
        sandbox: Callable[[], Sandbox],
        cache_dir: Path,
        limits: Limits,
        read_inputs: Callable[[], dict[str, bytes]],
        redactor: Redactor | None = None,
    ) -> None:
        """`read_inputs` gives untracked files that each run has beside the tree, by path.
        `redactor` knows secrets: a report that holds one is never kept on disk."""
        self._sandbox, self._cache_dir, self._limits = sandbox, cache_dir, limits
        self._read_inputs = read_inputs
        self._redactor = (redactor or Redactor()).for_tape()
        self._secret_reports: dict[str, Report] = {}

    def on(self, sandbox: Callable[[], Sandbox]) -> "SandboxRunner":
        """The same on another sandbox."""
        return SandboxRunner(
            sandbox, self._cache_dir, self._limits, self._read_inputs, self._redactor
        )

    def open_screening(self) -> SandboxScreening:
        """For trying many candidates in one container: as a with-block in the same one, however
        often it is asked. Raises SandboxError."""
        return SandboxScreening(self._sandbox(), read_inputs=self._read_inputs)

    def prepare_screening(self) -> None:
        """Has a container for it started meanwhile. Raises SandboxError."""
        SandboxScreening(self._sandbox()).prepare()

    def run(
        self,
        tree: PackableTree,
        plan: Plan,
        *,
        from_cache: bool = False,
        known_s: float = 0.0,
    ) -> Report:
        """The report on `tree`; `from_cache` takes the remembered one of the same tree, plan,
        limits and image. A report with a fault is never remembered. `known_s`: what the same plan
        took on another tree, in seconds; it may take some times longer here, over the limit of a
        job, since a busy machine is no fault of the tree's."""
        limits = self._limits.with_folders_of(plan.command)
        limit_s = max(limits.timeout_s, SLOWER * known_s)
        limits = limits.model_copy(update={"timeout_s": limit_s})
        if plan.variants:  # each has as long as a job alone
            plan = plan.model_copy(update={"variant_s": limits.timeout_s})
            whole_s = limits.timeout_s * len(plan.variants)
            limits = limits.model_copy(update={"timeout_s": whole_s})
        try:
            inputs = {p: data for p, data in self._read_inputs().items() if tree.read(p) is None}
        except SandboxError as error:
            return Report(fault=error.fault)
        job = Job(tree=tree.tar(inputs), plan=plan, limits=limits)
        sandbox = self._sandbox()
        if not from_cache:
            return sandbox.run(job)
        key = _key(job, sandbox)
        report = self._secret_reports.get(key) or _read(self._cache_dir / f"{key}.json")
        if report is None:
            report = sandbox.run(job)
            if report.fault is None:
                self._remember(key, report)
        return report

    def _remember(self, key: str, report: Report) -> None:
        text = report.model_dump_json()
        if self._redactor.text(text) != text:
            self._secret_reports[key] = report
            return
        write_atomically(self._cache_dir / f"{key}.json", text.encode(), durable=False)
        files = sorted(self._cache_dir.glob("*.json"), key=lambda each: each.stat().st_mtime)
        for each in files[:-MAX_REPORTS]:
            each.unlink(missing_ok=True)


def _key(job: Job, sandbox: Sandbox) -> str:
    digest = hashlib.sha256(job.tree)
    digest.update(job.plan.model_dump_json().encode())
    digest.update(job.limits.model_dump_json().encode())
    digest.update(str(getattr(sandbox, "image", "")).encode())
    return digest.hexdigest()[:40]


def _read(path: Path) -> Report | None:
    """A remembered report; one that cannot be read is as if it were not there."""
    try:
        return Report.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
