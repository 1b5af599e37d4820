"""The forms for continuous integration: each is what its schema says, and its scripts run.

Belongs here: `action.yml`, `templates/healer.yml`. Does not belong here: the hook of pre-commit and
the pages (`test_commands.py`), or what `healer check` and `healer fix` do.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.fences import ROOT, read_blocks
from tests.docs.test_commands import check
from tests.support.forge_server import TOKEN, scripted_forge
from tests.support.git import git, make_repository

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
GITLAB = list(yaml.safe_load_all((ROOT / "templates" / "healer.yml").read_text()))
STAND_IN = """\
#!/bin/sh
# Says what it was asked, and ends as the test wants it.
printf '%s\\n' "$*" >>"$ASKED"
case "$1" in
check)
    for word; do [ "$before" != --sarif-file ] || file=$word; before=$word; done
    [ -z "$OUTCOME" ] || printf '{"runs": [{"properties": {"outcome": "%s"}}]}' "$OUTCOME" >"$file"
    echo 'weak: <b>no markup</b>'
    exit "$CODE" ;;
run) shift 2; "$@" ;;
fix) printf '%s' "$FIXED"; exit "$CODE" ;;
esac
"""


def validate(schema: str, document: Path) -> None:
    words = ["-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(document)]
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_action_is_one() -> None:
    validate("github-actions", ROOT / "action.yml")


@pytest.mark.parametrize("number", [0, 1])
def test_the_template_is_one_of_gitlab(number: int, tmp_path: Path) -> None:
    document = tmp_path / "part.json"  # a component's inputs and its jobs are two documents
    document.write_text(json.dumps(GITLAB[number]))
    validate("gitlab-ci", document)


EXAMPLES = [block.text for block in read_blocks("yaml") if block.page == "docs/ci.md"]


@pytest.mark.parametrize("number", [0, 1])
def test_the_pages_workflows_are_some_and_name_the_actions_inputs(
    number: int, tmp_path: Path
) -> None:
    (tmp_path / "workflow.yml").write_text(EXAMPLES[number])
    validate("github-workflows", tmp_path / "workflow.yml")
    (job,) = yaml.safe_load(EXAMPLES[number])["jobs"].values()
    (step,) = [step for step in job["steps"] if "/healer@" in step["uses"]]
    assert step["with"].keys() <= ACTION["inputs"].keys()


def test_the_pages_pipeline_is_one_and_names_the_templates_inputs(tmp_path: Path) -> None:
    assert len(EXAMPLES) == 3
    (tmp_path / "pipeline.yml").write_text(EXAMPLES[2])
    validate("gitlab-ci", tmp_path / "pipeline.yml")
    pipeline = yaml.safe_load(EXAMPLES[2])
    assert pipeline["include"][0]["inputs"].keys() <= GITLAB[0]["spec"]["inputs"].keys()
    assert pipeline["sync"]["extends"] in GITLAB[1]


def test_no_input_becomes_a_part_of_a_script() -> None:
    scripts = [step["run"] for step in ACTION["runs"]["steps"]]
    scripts += [line for job in GITLAB[1].values() for line in job.get("script", ())]
    assert len(scripts) == 5
    assert [text for text in scripts if "${{" in text or "$[[" in text] == []


def read_expression(text: str, inputs: Mapping[str, str], context: Mapping[str, str]) -> str:
    """The value of a step's variable, where it is one input or one fact of the run."""
    match = re.fullmatch(r"\$\{\{ (inputs|github)\.([\w.-]+) \}\}", text)
    assert match, text
    return (inputs if match[1] == "inputs" else context).get(match[2], "")


class Runner:
    """A machine of GitHub's, as far as a composite step sees it."""

    def __init__(self, home: Path, repo: Path) -> None:
        self.repo, self.temporary = repo, home / "temporary"
        self.output, self.summary, self.asked = home / "output", home / "summary", home / "asked"
        self.program = self.temporary / "healer" / "bin" / "healer"
        self.program.parent.mkdir(parents=True)
        self.program.write_text(STAND_IN)
        self.program.chmod(0o755)

    def run(
        self, name: str, inputs: Mapping[str, str], **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """One step, with the action's own defaults for what the workflow leaves open."""
        (step,) = [each for each in ACTION["runs"]["steps"] if each.get("id") == name]
        given = {key: each.get("default", "") for key, each in ACTION["inputs"].items()}
        given.update(inputs)
        context = {"event.pull_request.base.sha": "0ba5e"}
        mine = {key: read_expression(text, given, context) for key, text in step["env"].items()}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.repo, capture_output=True, text=True, check=False,
            env={
                "PATH": os.environ["PATH"], "HOME": str(self.temporary), "CODE": "0",
                "OUTCOME": "strong", "FIXED": "", "ASKED": str(self.asked),
                "RUNNER_TEMP": str(self.temporary), "GITHUB_OUTPUT": str(self.output),
                "GITHUB_STEP_SUMMARY": str(self.summary), **mine, **variables,
            },
        )  # fmt: skip

    @property
    def outputs(self) -> dict[str, str]:
        """What later steps can read."""
        lines = self.output.read_text().splitlines() if self.output.exists() else []
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    repo = make_repository(tmp_path / "repo", {"scripts/x.py": "print(1)\n"})
    git(repo, "remote", "add", "origin", str(repo))
    return Runner(tmp_path, repo)


@pytest.mark.parametrize(
    ("inputs", "asked"),
    [
        ({}, "check 0ba5e..HEAD --sarif-file healer.sarif"),
        ({"change": "a b;c"}, "check a b;c --sarif-file healer.sarif"),
        (
            {"as-draft": "true", "allow-weak": "true", "sarif-file": "out.sarif"},
            "check 0ba5e..HEAD --sarif-file out.sarif --as-draft --allow-weak",
        ),
    ],
)
def test_the_action_asks_for_what_its_inputs_say(
    runner: Runner, inputs: dict[str, str], asked: str
) -> None:
    assert runner.run("check", inputs).returncode == 0
    assert runner.asked.read_text() == asked + "\n"
    check(f"healer {asked.replace('a b;c', 'HEAD')}")  # the real one takes these words


@pytest.mark.parametrize(
    ("outcome", "code"), [("strong", 0), ("weak", 1), ("refused", 1), ("", 3), ("", 2)]
)
def test_the_step_ends_as_the_check_does_and_says_its_outcome(
    runner: Runner, outcome: str, code: int
) -> None:
    done = runner.run("check", {}, OUTCOME=outcome, CODE=str(code))
    assert done.returncode == code, done.stderr
    assert runner.outputs == ({"outcome": outcome} if outcome else {})
    assert runner.summary.read_text() == "    weak: <b>no markup</b>\n"  # a block of code


def test_a_job_that_does_well_is_not_mended(runner: Runner) -> None:
    done = runner.run("job", {"script": "scripts/x.py"})
    assert (done.returncode, done.stdout) == (0, "1\n")
    assert runner.outputs == {"outcome": "well"}
    assert runner.asked.read_text() == "run -- python3 scripts/x.py\n"


def test_a_job_that_fails_is_mended_and_the_night_stays_red(runner: Runner) -> None:
    fixed = {"outcome": "review", "reason": "it waits", "pull_request": "https://forge.example/1"}
    given = {"script": "scripts/x.py", "command": 'sh -c "exit 7"'}
    done = runner.run("job", given, FIXED=json.dumps(fixed), CODE="1")
    assert done.returncode == 7
    assert runner.outputs == {"outcome": "review", "pull-request": "https://forge.example/1"}
    assert runner.asked.read_text().splitlines()[1] == "fix --pr --json scripts/x.py"
    check("healer fix --pr --json scripts/x.py")
    assert "review: it waits" in done.stderr


def test_a_repair_that_cannot_run_leaves_the_job_its_exit_code(runner: Runner) -> None:
    done = runner.run("job", {"script": "x.py", "command": "sh -c 'exit 7'"}, CODE="3")
    assert done.returncode == 7
    assert runner.outputs == {}


@pytest.mark.parametrize(
    ("branch", "is_drafted"),
    [
        ("quarantine/x-0123abcd", False),
        ("quarantine/x-all-0123abcd", True),  # another script's
        ("quarantine/ax-0123abcd", True),
        ("topic", True),
    ],
)
def test_nothing_is_drafted_while_an_earlier_fix_waits(
    runner: Runner, branch: str, is_drafted: bool
) -> None:
    git(runner.repo, "branch", branch)
    done = runner.run("job", {"script": "scripts/x.py", "command": "false"}, CODE="3")
    assert done.returncode == 1
    assert ("fix --pr" in runner.asked.read_text()) == is_drafted
    assert runner.outputs == ({} if is_drafted else {"outcome": "waits"})


def test_nothing_is_drafted_where_the_forge_cannot_be_asked(runner: Runner) -> None:
    git(runner.repo, "remote", "set-url", "origin", "/nowhere")
    done = runner.run("job", {"script": "scripts/x.py", "command": "false"})
    assert done.returncode == 1
    assert "'/nowhere' does not appear to be a git repository" in done.stderr
    assert "fix" not in runner.asked.read_text()


def run_gitlab(job: str, repo: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """A job's own script, with the stand-in in the place of healer."""
    program = repo.parent / "bin" / "healer"
    program.parent.mkdir()
    program.write_text(STAND_IN)
    program.chmod(0o755)
    (script,) = GITLAB[1][job]["script"]
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=repo, capture_output=True, text=True, check=False,
        env={
            "PATH": f"{program.parent}:{os.environ['PATH']}", "ASKED": str(repo.parent / "asked"),
            "HOME": str(repo.parent), "CODE": "0", "OUTCOME": "strong", "FIXED": "", **variables,
        },
    )  # fmt: skip


def test_gitlab_judges_what_a_merge_request_brings(tmp_path: Path) -> None:
    repo = make_repository(tmp_path / "repo", {"a.py": "1\n"})
    given = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "0ba5e", "AS_DRAFT": "true", "ALLOW_WEAK": "false"}
    assert run_gitlab("healer-check", repo, CODE="1", **given).returncode == 1
    asked = (tmp_path / "asked").read_text()
    check(f"healer {asked}")
    assert asked == "check 0ba5e..HEAD --sarif-file healer.sarif --as-draft\n"


def test_gitlab_mends_a_scheduled_job_from_a_detached_head(tmp_path: Path) -> None:
    repo = make_repository(tmp_path / "shop" / "jobs.git", {"scripts/x.py": "exit(7)\n"})
    commit = git(repo, "rev-parse", "HEAD")
    clone = tmp_path / "builds" / "jobs"
    git(tmp_path, "clone", "-q", str(repo), str(clone))
    git(clone, "checkout", "-q", "--detach")
    git(clone, "branch", "-q", "-D", "main")
    done = run_gitlab(
        ".healer-job", clone, SCRIPT="scripts/x.py", CI_COMMIT_BRANCH="main", CI_COMMIT_SHA=commit,
        CI_SERVER_URL=f"file://{tmp_path}", CI_PROJECT_PATH="shop/jobs", HEALER_FORGE_TOKEN=TOKEN,
    )  # fmt: skip
    assert done.returncode == 7, done.stderr
    asked = (tmp_path / "builds" / "asked").read_text().splitlines()
    assert asked == ["run -- python3 scripts/x.py", "fix --pr scripts/x.py"]
    assert git(clone, "rev-parse", "main") == commit
    # git asks the helper, and the token stands in no file
    wanted = b"protocol=https\nhost=git.example\n\n"
    answer = git(clone, "credential", "fill", stdin=wanted, HEALER_FORGE_TOKEN=TOKEN)
    assert f"password={TOKEN}" in answer
    assert TOKEN not in (clone / ".git" / "config").read_text()


@pytest.mark.docker
def test_a_failed_job_becomes_a_pull_request(tmp_path: Path) -> None:
    with scripted_forge("github") as forge:
        repo = make_shop(tmp_path, forge.settings)
        runner = Runner(tmp_path, repo)
        runner.program.unlink()
        runner.program.symlink_to(Path(sys.executable).parent / "healer")
        done = runner.run("job", {"script": "scripts/daily_sales.py"}, HEALER_FORGE_TOKEN=TOKEN)
        assert done.returncode == 1, done.stderr
        assert "KeyError: 'unitprice'" in done.stderr
        assert runner.outputs["pull-request"] == "https://forge.example/shop/jobs/1", done.stderr
        assert [pull["state"] for pull in forge.pulls] == ["open"]
        pushed = git(tmp_path / "origin.git", "branch", "--list", "quarantine/*")
        assert "quarantine/daily_sales-" in pushed


def make_shop(home: Path, forge: Mapping[str, Any]) -> Path:
    """The example repository as a runner has it: a clone of its forge's."""
    shutil.copytree(ROOT / "examples" / "shop", home / "shop")
    table = "".join(f'{key} = "{value}"\n' for key, value in forge.items())
    settings = (ROOT / "examples" / "shop" / "healer.toml").read_text().split("[mail]")[0]
    make_repository(home / "shop", {"healer.toml": f"{settings}[forge]\n{table}"})
    git(home, "clone", "-q", "--bare", "shop", "origin.git")
    git(home, "clone", "-q", "origin.git", "clone")
    return home / "clone"
