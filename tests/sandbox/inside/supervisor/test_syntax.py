"""Files are compiled and nothing of them is executed."""

import pytest

from sandbox import DockerSandbox, Job, Plan
from tests.sandbox.trees import tar_of


@pytest.mark.docker
def test_syntax_problems_name_file_and_line_and_nothing_is_executed(
    docker_sandbox: DockerSandbox,
) -> None:
    files = {"good.py": "raise SystemExit(1)\n", "bad.py": "x = 1\ndef f(:\n", "nul.py": b"\0"}
    plan = Plan(compile=("good.py", "bad.py", "nul.py", "absent.py"))
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    found = [(problem.path, problem.line) for problem in report.syntax]
    assert found == [("bad.py", 2), ("nul.py", 0), ("absent.py", 0)]
