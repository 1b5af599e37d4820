"""Screening as it really runs: in a container, under the supervisor."""

import pytest

from sandbox import DockerSandbox, Fault
from sandbox.job import ScreenPlan
from sandbox.screen import SandboxScreening
from tests.sandbox.trees import tar_of

PROGRAM = "def double(x):\n    return x + x + 1\n"
TESTS = (
    "from job import double\ndef test_two(): assert double(2) == 4\ndef test_is(): assert double\n"
)


@pytest.mark.docker
def test_candidates_are_told_apart_inside_a_container() -> None:
    tree = tar_of({"job.py": PROGRAM, "test_job.py": TESTS})
    right = PROGRAM.replace(" + 1", "")
    endless = "def double(x):\n    while True:\n        pass\n"
    imports = f"import math\n{right}"
    contents = (right, PROGRAM, endless, imports, "def double(x:\n")
    plan = ScreenPlan(
        watched=("job.py",),
        candidates=tuple({"job.py": content} for content in contents),
        failing=("test_job.py::test_two",),
        passing=("test_job.py::test_is",),
        limit_s=1.0,
    )
    with DockerSandbox() as sandbox:
        screening = SandboxScreening(sandbox)
        seen = screening.measure_spectrum(tree, plan)
        results = screening.screen(tree, plan, 60.0)
    assert not isinstance(seen, Fault)
    assert not isinstance(results, Fault)
    outcomes = {test.node: test.outcome for test in seen}
    assert outcomes == {"test_job.py::test_two": "failed", "test_job.py::test_is": "passed"}
    assert [r.outcome for r in results] == ["passed", "failed", "timeout", "passed", "failed"]
