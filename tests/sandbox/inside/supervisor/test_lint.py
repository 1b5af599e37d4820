"""Files are linted by the rules and the settings of the plan, and by no others."""

import pytest

from sandbox import DockerSandbox, Job, Plan
from sandbox.inside import messages
from sandbox.inside.supervisor import lint
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


def plan_of(config: str = "", rules: tuple[str, ...] = ("F",)) -> messages.Plan:
    plan = Plan(lint=("a.py",), lint_rules=rules, lint_config=config)
    return plan.model_dump(mode="json")


def test_without_settings_of_the_project_only_our_rules_count() -> None:
    arguments = lint.arguments(plan_of(rules=("F821", "E9")))
    assert arguments[:4] == ["check", "--isolated", "--select", "F821,E9"]
    assert "--config" not in arguments


def test_with_settings_of_the_project_they_are_the_only_ones() -> None:
    arguments = lint.arguments(plan_of("lint.ignore = ['F401']\n"))
    assert arguments[1:3] == ["--config", lint._SETTINGS]
    assert "--select" not in arguments


@pytest.mark.parametrize("config", ["", "line-length = 80\n"])
def test_linting_changes_and_caches_nothing(config: str) -> None:
    arguments = lint.arguments(plan_of(config))
    assert {"--no-cache", "--no-fix", "--no-respect-gitignore"} < set(arguments)
    assert "--output-format=json" in arguments


@pytest.mark.parametrize(
    ("item", "finding"),
    [
        (
            {
                "filename": "/job/tree/a/b.py",
                "location": {"row": 3},
                "code": "F821",
                "message": "m",
            },
            ("a/b.py", 3, "F821", "m"),
        ),
        (
            {"filename": "/job/tree/a.py", "location": None, "code": None, "message": "m"},
            ("a.py", 0, "invalid-syntax", "m"),
        ),
        ({"filename": "/elsewhere.py", "message": 5}, ("/elsewhere.py", 0, "invalid-syntax", "5")),
        (
            {"filename": "/job/tree/a.py", "location": {}, "code": "E9", "message": ""},
            ("a.py", 0, "E9", ""),
        ),
    ],
)
def test_an_entry_of_ruff_is_read_with_its_path_in_the_tree(
    item: dict[str, object], finding: tuple[str, int, str, str]
) -> None:
    assert tuple(lint.read_finding(item).values()) == finding


@pytest.mark.parametrize(
    "item",
    [{}, {"filename": "a.py"}, "text", {"filename": "a", "message": "m", "location": {"row": "x"}}],
)
def test_an_entry_without_what_is_needed_is_one_of_the_errors_that_are_caught(item: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        lint.read_finding(item)


def test_an_image_without_a_linter_is_a_finding_that_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lint, "RUFF_PLACES", ("/nowhere/ruff",))
    (finding,) = lint.find_problems(None, plan_of())
    assert (finding["code"], finding["message"]) == ("ruff", "the sandbox image holds no ruff")
