"""One job is served: each step that the plan asks for, in its order, and nothing else."""

import pytest

from sandbox import DockerSandbox, Job, Plan


@pytest.mark.docker
def test_an_empty_plan_gives_an_empty_report(docker_sandbox: DockerSandbox) -> None:
    report = docker_sandbox.run(Job(tree=b"", plan=Plan()))
    assert report.fault is None
    assert (report.syntax, report.lint, report.command, report.tests) == ((), (), None, ())
    assert report.image == docker_sandbox.image
