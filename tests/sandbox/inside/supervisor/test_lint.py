"""Files are linted by the rules and the settings of the plan, and by no others."""

import pytest

from sandbox import DockerSandbox, Job, Plan
from tests.sandbox.trees import tar_of


@pytest.mark.docker
def test_lint_uses_exactly_the_rules_it_is_given(docker_sandbox: DockerSandbox) -> None:
    files = {"a.py": "import os\nprint(undefined)\n", "ruff.toml": 'lint.ignore = ["F"]\n'}
    plan = Plan(lint=("a.py",), lint_rules=("F821",))
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    assert [(f.path, f.line, f.code) for f in report.lint] == [("a.py", 2, "F821")]


@pytest.mark.docker
@pytest.mark.parametrize("settings", ['lint.ignore = ["F401"]\n', '[lint]\nignore = ["F401"]\n'])
def test_lint_takes_the_configuration_of_the_plan_and_not_of_the_tree(
    docker_sandbox: DockerSandbox, settings: str
) -> None:
    files = {"a.py": "import os\nassert (1, 'x')\n", "ruff.toml": 'lint.ignore = ["F"]\n'}
    plan = Plan(lint=("a.py",), lint_rules=("F",), lint_config=settings)
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    assert [f.code for f in report.lint] == ["F631"]


@pytest.mark.docker
def test_more_files_than_one_command_line_holds_are_all_linted(
    docker_sandbox: DockerSandbox,
) -> None:
    names = [f"{'long' * 30}/{n}.py" for n in range(1_500)]
    files: dict[str, str | bytes] = dict.fromkeys(names, "")
    files[names[0]] = files[names[-1]] = "import os\n"
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=Plan(lint=tuple(names))))
    assert [finding.path for finding in report.lint] == [names[0], names[-1]]


@pytest.mark.docker
def test_a_broken_lint_configuration_is_a_finding_that_says_so(
    docker_sandbox: DockerSandbox,
) -> None:
    plan = Plan(lint=("a.py",), lint_config="this is not toml")
    report = docker_sandbox.run(Job(tree=tar_of({"a.py": ""}), plan=plan))
    assert report.fault is None
    assert [finding.code for finding in report.lint] == ["ruff"]
