"""A traced program finds its surroundings as it would find them untraced."""

import pytest

from sandbox import Command, DockerSandbox, Job, Plan
from tests.sandbox.trees import tar_of


@pytest.mark.docker
def test_a_traced_command_finds_only_those_modules_imported_that_it_would_find_outside(
    docker_sandbox: DockerSandbox,
) -> None:
    main = "import importlib\nfound = importlib.util.find_spec('json')\n"
    job = Job(
        tree=tar_of({"main.py": main}), plan=Plan(command=Command(argv=("python", "main.py")))
    )
    traced = job.plan.model_copy(update={"trace": {"main.py": (1,)}})
    bare, seen = (
        docker_sandbox.run(job.model_copy(update={"plan": p})) for p in (job.plan, traced)
    )
    assert bare.command is not None
    assert seen.command is not None
    assert seen.command.executed == {"main.py": (1,)}
    assert seen.command.exit_code == bare.command.exit_code
