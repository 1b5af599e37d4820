"""Runs plans on trees, and remembers baselines: an unchanged commit costs nothing twice.

Belongs here: from a tree to a report. Does not belong here: which plan, or what it means.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from healer.facts.draft import Source
from sandbox import Job, Limits, Plan, Report, Sandbox
from sandbox.screen import SandboxScreening, Screening

KEPT = 200
"""Cached reports; the oldest go first."""


class Packed(Source, Protocol):
    """A tree that can be packed for the sandbox."""

    def tar(self, overlay: Mapping[str, bytes] = ...) -> bytes:
        """A tar of its regular files."""


class SandboxRunner:
    """The sandbox with a memory for reports of unchanged trees."""

    def __init__(
        self,
        sandbox: Callable[[], Sandbox],
        folder: Path,
        limits: Limits,
        included: Callable[[], dict[str, bytes]],
    ) -> None:
        self._sandbox, self._folder, self._limits = sandbox, folder, limits
        self._included = included

    def screening(self) -> Screening:
        """For trying many candidates in one container. Raises SandboxError."""
        return SandboxScreening(self._sandbox())

    def expect_screening(self) -> None:
        """Has a container for it started meanwhile. Raises SandboxError."""
        SandboxScreening(self._sandbox()).prepare()

    def run(self, tree: Packed, plan: Plan, *, cached: bool = False) -> Report:
        """The report on `tree`; `cached` takes the remembered one of the same tree, plan, limits
        and image. A report with a fault is never remembered."""
        job = Job(tree=tree.tar(self._included()), plan=plan, limits=self._limits)
        if not cached:
            return self._sandbox().run(job)
        sandbox = self._sandbox()
        path = self._folder / f"{_key(job, sandbox)}.json"
        known = _read(path)
        if known is not None:
            return known
        report = sandbox.run(job)
        if report.fault is None:
            self._remember(path, report)
        return report

    def _remember(self, path: Path, report: Report) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        fresh.write_text(report.model_dump_json(), encoding="utf-8")
        fresh.replace(path)
        files = sorted(self._folder.glob("*.json"), key=lambda each: each.stat().st_mtime)
        for old in files[:-KEPT]:
            old.unlink(missing_ok=True)


def _key(job: Job, sandbox: Sandbox) -> str:
    whole = hashlib.sha256(job.tree)
    whole.update(job.plan.model_dump_json().encode())
    whole.update(job.limits.model_dump_json().encode())
    whole.update(str(getattr(sandbox, "image", "")).encode())
    return whole.hexdigest()[:40]


def _read(path: Path) -> Report | None:
    """A remembered report; one that cannot be read is as if it were not there."""
    try:
        return Report.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
