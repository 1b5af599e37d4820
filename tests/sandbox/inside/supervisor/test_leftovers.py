"""What a step left on disk is taken away, whatever its mode; what stays is said."""

import pytest

from sandbox import DockerSandbox, TestPlan
from tests.sandbox.trees import script_job


@pytest.mark.docker
def test_a_step_that_leaves_a_bottomless_folder_ends_the_job_as_unjudged(
    docker_sandbox: DockerSandbox,
) -> None:
    source = (
        "import os\nos.chdir('/tmp')\nfor _ in range(3000):\n    os.mkdir('d')\n    os.chdir('d')\n"
    )
    plan = script_job(source).plan.model_copy(update={"tests": TestPlan()})
    job = script_job(source).model_copy(update={"plan": plan})
    report = docker_sandbox.run(job)
    assert report.fault is not None
    assert not report.fault.retryable
    assert report.tests == ()
