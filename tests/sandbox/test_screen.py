"""Screening as it really runs: in a container, under the supervisor."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox import DockerSandbox, Fault, Limits, Report, SandboxError
from sandbox.fake import OneByOne, ScriptedSandbox
from sandbox.job import Job, ScreenPlan
from sandbox.report import Behaviour, FaultKind, ScreenResult
from sandbox.screen import SandboxScreening, Screening
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
    outcomes = {test.node: test.outcome for test in seen}
    assert outcomes == {"test_job.py::test_two": "failed", "test_job.py::test_is": "passed"}
    assert [r.outcome for r in results] == ["passed", "failed", "timeout", "passed", "failed"]


BROKEN = Fault(kind=FaultKind.ENGINE, message="away")


@pytest.mark.parametrize(
    "ask",
    [
        lambda screening: screening.measure_spectrum(b"", ScreenPlan()),
        lambda screening: screening.screen(b"", ScreenPlan(), 5.0),
        lambda screening: screening.compare(b"", ScreenPlan()),
    ],
    ids=["spectrum", "screen", "compare"],
)
def test_a_fault_is_no_answer_of_any_question(ask: Callable[[Screening], object]) -> None:
    with pytest.raises(SandboxError) as error:
        ask(SandboxScreening(ScriptedSandbox([BROKEN])))
    assert error.value.fault == BROKEN


def test_results_come_in_the_order_of_the_candidates() -> None:
    screened = tuple(ScreenResult(index=index, outcome="failed") for index in (2, 0, 1))
    behaved = tuple(Behaviour(index=index, outcome="passed") for index in (1, 0))
    sandbox = ScriptedSandbox([Report(screened=screened, behaved=behaved)])
    results = SandboxScreening(sandbox).screen(b"", ScreenPlan(), 5.0)
    behaviours = SandboxScreening(sandbox).compare(b"", ScreenPlan())
    assert [result.index for result in results] == [0, 1, 2]
    assert [behaviour.index for behaviour in behaviours] == [0, 1]


def test_each_question_is_a_job_of_its_kind_with_its_time() -> None:
    sandbox = ScriptedSandbox()
    screening = SandboxScreening(sandbox, Limits(cpus=3.0, timeout_s=1.0))
    screening.measure_spectrum(b"", ScreenPlan(spectrum=False))
    screening.screen(b"", ScreenPlan(spectrum=True, workers=2), 7.0)
    plans = [job.plan.screen for job in sandbox.jobs]
    assert [plan.spectrum for plan in plans if plan] == [True, False]
    assert [plan.workers for plan in plans if plan] == [3, 2], "one for each core, unless said"
    assert [job.limits.timeout_s for job in sandbox.jobs] == [60.0, 7.0]
    assert all(job.plan.command is None and job.plan.tests is None for job in sandbox.jobs)


def test_more_files_are_read_once_in_a_with_block_and_else_for_each_question() -> None:
    reads: list[int] = []

    def read_inputs() -> dict[str, bytes]:
        reads.append(1)
        return {"rows.csv": b"1"}

    screening = SandboxScreening(Counting(), read_inputs=read_inputs)
    for _ in range(2):
        screening.compare(tar_of({"a.py": ""}), ScreenPlan())
    assert len(reads) == 2
    with SandboxScreening(Counting(), read_inputs=read_inputs) as screening:
        for _ in range(3):
            screening.compare(tar_of({"a.py": ""}), ScreenPlan())
    assert len(reads) == 3


@pytest.mark.parametrize(("cpus", "workers"), [(0.5, 1), (1.0, 1), (2.5, 2)])
def test_there_is_at_least_one_worker(cpus: float, workers: int) -> None:
    sandbox = ScriptedSandbox()
    SandboxScreening(sandbox, Limits(cpus=cpus)).compare(b"", ScreenPlan())
    plan = sandbox.jobs[0].plan.screen
    assert plan is not None
    assert plan.workers == workers


def test_in_a_with_block_all_questions_about_one_tree_are_one_conversation() -> None:
    sandbox = Counting()
    with SandboxScreening(sandbox) as screening:
        screening.screen(b"", ScreenPlan(limit_s=2.0), 5.0)
        screening.compare(b"", ScreenPlan(failing=("t",)))
        assert (sandbox.opened, sandbox.closed) == (1, 0)
        screening.measure_spectrum(b"", ScreenPlan(select=("t",)))
        assert (sandbox.opened, sandbox.closed) == (2, 1), "other tests are collected"
        screening.measure_spectrum(tar_of({"a.py": ""}), ScreenPlan(select=("t",)))
        assert (sandbox.opened, sandbox.closed) == (3, 2), "another tree"
    assert (sandbox.opened, sandbox.closed) == (3, 3)
    with pytest.raises(SandboxError, match="is closed") as error:
        screening.compare(b"", ScreenPlan())
    assert not error.value.retryable
    assert [job.limits.timeout_s for job in sandbox.jobs] == [5.0, 300.0, 60.0, 60.0]


class Counting(ScriptedSandbox):
    """Counts conversations."""

    opened = closed = 0

    def open(self, job: Job) -> OneByOne:
        self.opened += 1
        conversation = super().open(job)
        close = conversation.close

        def count() -> None:
            self.closed += 1
            close()

        conversation.close = count  # type: ignore[method-assign]  # it counts as well
        return conversation


@pytest.mark.docker
def test_a_container_answers_many_questions_and_outlives_none_that_spoils_it() -> None:
    """What a round changes in memory the next does not see, and one that kills its worker costs
    only what it had not tried: the next question has a new container."""
    files = {"job.py": f"SEEN = []\n{PROGRAM}", "test_job.py": TESTS}
    tree, right = tar_of(files), files["job.py"].replace(" + 1", "")
    kill = "import os; os.kill(os.getpgid(os.getppid()), 9)\n    return"
    kills = files["job.py"].replace("return", kill)
    plan = ScreenPlan(
        failing=("test_job.py::test_two",), watched=("job.py",), workers=1, limit_s=20.0
    )

    def ask(screening: SandboxScreening, *contents: str) -> list[str]:
        candidates = tuple({"job.py": content} for content in contents)
        asked = plan.model_copy(update={"candidates": candidates})
        return [r.outcome for r in screening.screen(tree, asked, 60.0)]

    compared = plan.model_copy(
        update={
            "candidates": ({}, {"job.py": right}),
            "compare": ("job.py", "double"),
            "widely": True,
        }
    )
    with DockerSandbox() as sandbox, SandboxScreening(sandbox) as screening:
        assert ask(screening, right, files["job.py"]) == ["passed", "failed"]
        first = [dict(each.pairs) for each in screening.compare(tree, compared)]
        assert first[0] != first[1]
        assert ask(screening, kills) in ([], ["crashed"], ["failed"])
        assert ask(screening, right) == ["passed"]
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(ask, screening, kills.replace(kill, "while True: pass\n    return"))
            time.sleep(0.2)
            screening.close()
            with pytest.raises(SandboxError, match="is closed") as error:
                late.result(timeout=100)
    assert not error.value.retryable
