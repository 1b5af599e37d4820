"""The scripted sandbox where the contract (`test_contract`) leaves it free."""

import threading

import pytest

from sandbox.fake import ScriptedSandbox, all_well
from sandbox.job import Command, Job, Plan, TestPlan
from sandbox.report import FaultKind, ProcessEnd, Report
from sandbox.trees import tar

COMMAND = Command(argv=("python", "a.py"))


def job(**plan: object) -> Job:
    return Job(tree=tar({}), plan=Plan(**plan))


def test_all_is_well_where_nothing_is_asked() -> None:
    assert all_well(job()) == Report()


def test_a_command_succeeds_and_no_test_is_found() -> None:
    report = all_well(job(command=COMMAND, tests=TestPlan(seeds=(None, 1, 2))))
    assert report.command == ProcessEnd(exit_code=0)
    assert [run.results for run in report.tests] == [()] * 3


@pytest.mark.parametrize(("sentinels", "code"), [(True, 1), (False, 0)])
def test_a_run_with_sentinels_ends_as_pytest_does(sentinels: bool, code: int) -> None:
    (run,) = all_well(job(tests=TestPlan(sentinels=sentinels))).tests
    assert run.ended.exit_code == code
    assert run.sentinels == run.sentinels_failed == int(sentinels)


def test_a_test_command_is_one_test_known_by_its_status() -> None:
    (run,) = all_well(job(tests=TestPlan(command=("make", "a test")))).tests
    assert [(each.node, each.outcome) for each in run.results] == [("make 'a test'", "passed")]
    assert run.by_status


def test_a_tree_that_cannot_be_unpacked_is_a_fault_as_in_the_real_one() -> None:
    report = ScriptedSandbox().run(Job(tree=b"no tar", plan=Plan()))
    assert report.fault is not None
    assert (report.fault.kind, report.fault.retryable) == (FaultKind.PROTOCOL, False)


def test_every_report_names_the_image() -> None:
    with ScriptedSandbox([Report()], image="ours:1") as sandbox:
        assert sandbox.run(job()).image == "ours:1"
    assert sandbox.run(job()).image == "ours:1"


def test_jobs_from_several_threads_each_get_one_answer() -> None:
    answers = [Report(seconds=float(number)) for number in range(20)]
    sandbox = ScriptedSandbox(answers)
    seconds: list[float] = []
    threads = [
        threading.Thread(target=lambda: seconds.append(sandbox.run(job()).seconds)) for _ in answers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seconds) == [answer.seconds for answer in answers]
