"""Screening in a plain process, for trusted code only: the inside without its container."""

import json
import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sandbox import Behaviour, ScreenResult, SpectrumTest
from sandbox.inside.screening import pytest_session
from sandbox.job import ScreenPlan

_PROGRAM = """
import json, os, sys, time
root, asked, out, budget_s = sys.argv[1:]
os.dup2(os.open(out, os.O_CREAT | os.O_WRONLY | os.O_APPEND), 3)
from sandbox.inside.screening import run
os.chdir(root)
plan = json.load(open(asked))
run.serve(plan, run.Round(plan, time.monotonic() + float(budget_s)), root)
"""


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
        command = [sys.executable, "-c", _PROGRAM, root, str(asked), str(out), str(budget_s)]
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        started = asked.stat().st_mtime  # another process may have had this number before
        with subprocess.Popen(command, env=environment) as process:
            assert process.wait() == 0
        named = Path("/tmp").glob(f"healer-*-{process.pid}")
        left = [path for path in named if path.stat().st_mtime >= started]
        assert not left, f"the screening left {left} behind"
        records = [json.loads(line) for line in out.read_text().splitlines()]
        return [{k: v for k, v in record.items() if k != "kind"} for record in records]
