"""An unchanged tree is run once; whatever else changes, or went wrong, is run again."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from healer.services import runner as runner_module
from healer.services.runner import SandboxRunner
from quarantine.repository import Repository
from quarantine.tree import Tree
from sandbox import Command, Fault, FaultKind, Job, Limits, Plan, Report, SandboxError
from sandbox.fake import ScriptedSandbox, all_well
from sandbox.inside.tree import parse
from sandbox.job import ScreenPlan
from sandbox.report import ProcessEnd
from tests.support.git import commit_files, make_repository

PLAN = Plan(command=Command(argv=("python", "a.py")))
FAULT = Fault(kind=FaultKind.ENGINE, message="Docker is away", retryable=True)
Make = Callable[..., SandboxRunner]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Repository.open(make_repository(tmp_path / "shop", {"a.py": "x = 1\n"})).tree("main")


@pytest.fixture
def sandbox() -> ScriptedSandbox:
    return ScriptedSandbox()


@pytest.fixture
def make(tmp_path: Path, sandbox: ScriptedSandbox) -> Make:
    def build(**changes: Any) -> SandboxRunner:
        values: dict[str, Any] = {
            "sandbox": lambda: sandbox,
            "cache_dir": tmp_path / "cache",
            "limits": Limits(),
            "read_inputs": dict,
        }
        return SandboxRunner(**(values | changes))

    return build


def test_without_the_cache_each_run_is_a_run(make: Make, tree: Tree, sandbox: Any) -> None:
    runner = make()
    for _ in range(2):
        assert runner.run(tree, PLAN).command is not None
    assert len(sandbox.jobs) == 2


def test_inputs_that_cannot_be_had_are_a_fault_of_the_run_with_its_reason(
    make: Make, tree: Tree, sandbox: Any
) -> None:
    def refuse() -> dict[str, bytes]:
        raise SandboxError("too much; include less", retryable=False)

    report = make(read_inputs=refuse).run(tree, PLAN)
    assert report.fault is not None
    assert (report.fault.message, report.fault.retryable) == ("too much; include less", False)
    assert sandbox.jobs == []


@pytest.mark.parametrize(("known_s", "limit_s"), [(0.0, 120.0), (10.0, 120.0), (93.0, 558.0)])
def test_what_is_known_to_be_slow_has_longer(
    make: Make, tree: Tree, sandbox: Any, known_s: float, limit_s: float
) -> None:
    make().run(tree, PLAN, known_s=known_s)
    assert [job.limits.timeout_s for job in sandbox.jobs] == [limit_s]


def test_the_same_tree_is_run_once_also_by_another_process(
    make: Make, tree: Tree, sandbox: Any
) -> None:
    first = make().run(tree, PLAN, from_cache=True)
    second = make().run(tree, PLAN, from_cache=True)
    assert (first, len(sandbox.jobs)) == (second, 1)


def test_a_report_that_holds_a_secret_is_not_kept_on_disk(
    make: Make, tree: Tree, tmp_path: Path
) -> None:
    secret = "ghp_Zq7Lr2Vx9Tn4Bw6Ks1Mh8Pd3Gy5Cf0"
    run = ProcessEnd(exit_code=1, stderr=f"401 for {secret}")
    sandbox = ScriptedSandbox([Report(command=run)] * 2)
    runner = make(sandbox=lambda: sandbox)
    reports = [runner.run(tree, PLAN, from_cache=True) for _ in range(2)]
    assert [report.command for report in reports] == [run, run]
    assert (len(sandbox.jobs), list(tmp_path.glob("cache/*"))) == (1, [])


def changes(tmp_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "limits", {"limits": Limits(memory_mb=1_024)}
    yield "inputs", {"read_inputs": lambda: {"rows.csv": b"1\n"}}
    yield "image", {"sandbox": lambda: ScriptedSandbox(image="healer-sandbox:other")}


@pytest.mark.parametrize("what", ["limits", "inputs", "image"])
def test_whatever_changes_what_a_run_sees_is_run_again(
    make: Make, tree: Tree, tmp_path: Path, what: str
) -> None:
    change = dict(changes(tmp_path))[what]
    make().run(tree, PLAN, from_cache=True)
    make(**change).run(tree, PLAN, from_cache=True)
    assert len(list((tmp_path / "cache").glob("*.json"))) == 2


def test_another_tree_or_plan_is_run_again(
    make: Make, tree: Tree, sandbox: Any, tmp_path: Path
) -> None:
    runner = make()
    runner.run(tree, PLAN, from_cache=True)
    runner.run(tree, Plan(command=Command(argv=("python", "b.py"))), from_cache=True)
    commit_files(tmp_path / "shop", {"a.py": "x = 2\n"})
    runner.run(Repository.open(tmp_path / "shop").tree("main"), PLAN, from_cache=True)
    assert len(sandbox.jobs) == 3


def test_a_fault_is_not_remembered(make: Make, tree: Tree) -> None:
    sandbox = ScriptedSandbox([FAULT, all_well])
    runner = make(sandbox=lambda: sandbox)
    assert runner.run(tree, PLAN, from_cache=True).fault == FAULT
    assert runner.run(tree, PLAN, from_cache=True).fault is None
    assert runner.run(tree, PLAN, from_cache=True).fault is None
    assert len(sandbox.jobs) == 2


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"command": 3}'])
def test_a_remembered_report_that_cannot_be_read_is_as_if_it_were_not_there(
    make: Make, tree: Tree, sandbox: Any, tmp_path: Path, content: bytes
) -> None:
    runner = make()
    report = runner.run(tree, PLAN, from_cache=True)
    (file,) = (tmp_path / "cache").glob("*.json")
    file.write_bytes(content)
    assert runner.run(tree, PLAN, from_cache=True) == report
    assert len(sandbox.jobs) == 2
    assert file.read_bytes() != content


def test_the_oldest_reports_go_first(
    make: Make, tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "MAX_REPORTS", 3)
    runner, files = make(), list[Path]()
    for number in range(5):
        plan = Plan(command=Command(argv=("python", str(number))))
        runner.run(tree, plan, from_cache=True)
        (fresh,) = set((tmp_path / "cache").glob("*.json")) - set(files)
        os.utime(fresh, (number, number))
        files.append(fresh)
    assert {file.exists() for file in files[2:]} == {True}
    assert {file.exists() for file in files[:2]} == {False}


def test_inputs_lie_beside_the_tree_in_the_sandbox(make: Make, tree: Tree, sandbox: Any) -> None:
    make(read_inputs=lambda: {"data/rows.csv": b"1\n"}).run(tree, PLAN)
    (job,) = sandbox.jobs
    assert isinstance(job, Job)
    files = {entry.path: bytes(entry.content) for entry in parse(job.tree)}
    assert files == {"a.py": b"x = 1\n", "data/rows.csv": b"1\n"}


def test_screening_uses_the_same_sandbox(make: Make, tree: Tree, sandbox: Any) -> None:
    runner = make()
    runner.prepare_screening()
    assert isinstance(runner.run(tree, PLAN), Report)
    assert runner.open_screening() is not runner.open_screening()


def test_an_input_stands_beside_the_trees_files_and_never_for_one(
    make: Make, tree: Tree, sandbox: Any
) -> None:
    inputs = {"a.py": b"x = 2\n", "data.csv": b"1\n"}
    runner = make(read_inputs=lambda: inputs)
    runner.run(tree, PLAN)
    runner.open_screening().screen(tree.tar(), ScreenPlan(), 5.0)
    for job in sandbox.jobs:
        files = {entry.path: bytes(entry.content) for entry in parse(job.tree)}
        assert files == {"a.py": b"x = 1\n", "data.csv": b"1\n"}
