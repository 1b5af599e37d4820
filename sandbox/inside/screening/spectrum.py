"""A spectrum: every test once on the tree as it is, with the watched lines that it executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import executed_lines, forks

if TYPE_CHECKING:
    from ..messages import ScreenRecord
    from .project import Project


def run_test(project: Project, name: str) -> ScreenRecord:
    """Fields of `SpectrumTest` for one test, or for the command."""
    watched_files = project.plan["watched"]
    names = {f"{project.home}/{path}": path for path in watched_files}
    names.update({path: path for path in watched_files})  # a script that is run by its bare path
    lines: dict[str, set[int]] = {path: set() for path in watched_files}

    def attempt() -> tuple[str, str]:
        with executed_lines.record_lines(names, lines):
            return project.run_one(name)

    answer = forks.run_in_fork(
        attempt,
        float(project.plan["limit_s"]),
        name,
        extra=lambda: {path: sorted(numbers) for path, numbers in lines.items() if numbers},
    )
    return {
        "node": name,
        "outcome": answer.outcome,
        "detail": answer.detail,
        "seconds": answer.seconds,
        "lines": answer.extra or {},
    }
