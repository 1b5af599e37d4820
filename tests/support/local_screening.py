"""Screening in a plain process, for trusted code only: the inside without its container."""

import json
import os
import sys
import tarfile
import time
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sandbox import Behaviour, ScreenResult, SpectrumTest
from sandbox.inside.screening import pytest_session, run
from sandbox.inside.screening.worker import Round
from sandbox.job import ScreenPlan
from tests.support.forked import run_forked


def serve_forked(root: str, asked: str, out: str, budget_s: str) -> None:
    """In a process of its own, as the sandbox's child would."""
    for name in os.environ.keys() - {"PATH"}:
        del os.environ[name]
    sys.dont_write_bytecode = True
    os.dup2(os.open(out, os.O_CREAT | os.O_WRONLY | os.O_APPEND), 3)
    os.chdir(root)
    plan = json.loads(Path(asked).read_text())
    run.serve(plan, Round(plan, time.monotonic() + float(budget_s)), root)


class LocalScreening:
    """The same answers as `SandboxScreening`; one worker, since each loads pytest and the tests."""

    def measure_spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[SpectrumTest, ...]:
        asked = plan.model_copy(update={"spectrum": True})
        return tuple(SpectrumTest.model_validate(record) for record in _run(tree, asked, 30.0))

    def screen(self, tree: bytes, plan: ScreenPlan, budget_s: float) -> tuple[ScreenResult, ...]:
        found = [ScreenResult.model_validate(record) for record in _run(tree, plan, budget_s)]
        return tuple(sorted(found, key=lambda item: item.index))

    def compare(self, tree: bytes, plan: ScreenPlan) -> tuple[Behaviour, ...]:
        found = [Behaviour.model_validate(record) for record in _run(tree, plan, 30.0)]
        return tuple(sorted(found, key=lambda item: item.index))


def _run(tree: bytes, plan: ScreenPlan, budget_s: float) -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        root, out, asked = f"{folder}/tree", Path(folder, "out"), Path(folder, "plan")
        with tarfile.open(fileobj=BytesIO(tree)) as archive:
            for member in archive:  # Python 3.11's first releases know no extraction filter
                path, content = Path(root, member.name), archive.extractfile(member)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read() if content else b"")
        Path(root, pytest_session.SETTINGS).write_text(plan.tests.config or "[pytest]\n")
        asked.write_text(plan.model_copy(update={"workers": 1}).model_dump_json())
        started = asked.stat().st_mtime  # another process may have had this number before
        pid, code = run_forked(serve_forked, root, str(asked), str(out), str(budget_s))
        assert code == 0
        named = Path("/tmp").glob(f"healer-*-{pid}")
        left = [path for path in named if path.stat().st_mtime >= started]
        assert not left, f"the screening left {left} behind"
        records = [json.loads(line) for line in out.read_text().splitlines()]
        return [{k: v for k, v in record.items() if k != "kind"} for record in records]
