"""Screening in a plain process, for trusted code only: the inside without its container."""

import json
import tarfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sandbox import Behaviour, ScreenResult, SpectrumTest
from sandbox.inside.screening import pytest_session
from sandbox.job import ScreenPlan
from tests.support.screening_server import run_screening


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
        pid, code = run_screening(root, str(asked), str(out), budget_s)
        assert code == 0
        named = Path("/tmp").glob(f"healer-*-{pid}")
        left = [path for path in named if path.stat().st_mtime >= started]
        assert not left, f"the screening left {left} behind"
        records = [json.loads(line) for line in out.read_text().splitlines()]
        return [{k: v for k, v in record.items() if k != "kind"} for record in records]
