"""What every sandbox keeps, the real one and the scripted one. Subclasses say which."""

import threading
from collections.abc import Callable

import pytest

from sandbox import Command, Job, Limits, Plan, ProcessEnd, Report, Sandbox, ScreenPlan, TestPlan
from tests.sandbox.trees import tar_of

FAILING = Job(
    tree=tar_of({"main.py": "raise SystemExit(3)\n"}),
    plan=Plan(command=Command(argv=("python", "main.py"))),
)


def exits_with_3(_job: Job) -> Report:
    """What the scripted sandbox is told about `FAILING`."""
    return Report(command=ProcessEnd(exit_code=3))


class SandboxContract:
    """`make` gives a new sandbox of the kind under test; it is closed afterwards."""

    @pytest.fixture
    def make(self) -> Callable[[], Sandbox]:
        raise NotImplementedError

    @pytest.fixture
    def make_failing(self) -> Callable[[], Sandbox]:
        """A sandbox that answers truthfully about `FAILING`."""
        raise NotImplementedError

    def test_a_report_has_the_form_that_the_plan_asks_for(
        self, make: Callable[[], Sandbox]
    ) -> None:
        files = {"main.py": "print(1)\n", "test_a.py": "def test_a(): assert 1 == 1\n"}
        plan = Plan(command=Command(argv=("python", "main.py")), tests=TestPlan(seeds=(None, 1)))
        report = make().run(Job(tree=tar_of(files), plan=plan))
        assert report.fault is None
        assert report.command is not None
        assert report.command.exit_code == 0
        assert len(report.tests) == 2
        assert all(run.sentinels == run.sentinels_failed > 0 for run in report.tests)
        assert report.image.startswith("healer-sandbox:")

    def test_what_is_not_asked_for_is_not_reported(self, make: Callable[[], Sandbox]) -> None:
        report = make().run(Job(tree=b"", plan=Plan()))
        assert (report.fault, report.command, report.tests) == (None, None, ())

    def test_a_program_that_fails_is_no_fault(self, make_failing: Callable[[], Sandbox]) -> None:
        report = make_failing().run(FAILING)
        assert report.fault is None
        assert report.command is not None
        assert report.command.exit_code == 3

    @pytest.mark.parametrize("tree", [b"no tar at all", tar_of({"../up": ""}), tar_of({"/x": ""})])
    def test_a_tree_that_cannot_be_used_is_a_fault_that_is_not_tried_again(
        self, make: Callable[[], Sandbox], tree: bytes
    ) -> None:
        fault = make().run(Job(tree=tree, plan=Plan())).fault
        assert fault is not None
        assert not fault.retryable
        assert fault.message.startswith("The tree cannot be used: ")

    def test_threads_may_share_one(self, make: Callable[[], Sandbox]) -> None:
        sandbox = make()
        reports: list[Report] = []
        job = Job(tree=b"", plan=Plan())
        threads = [
            threading.Thread(target=lambda: reports.append(sandbox.run(job))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [report.fault for report in reports] == [None] * 4

    def test_a_job_that_was_announced_runs_like_any_other(
        self, make: Callable[[], Sandbox]
    ) -> None:
        sandbox = make()
        limits = Limits(memory_mb=300)
        sandbox.prepare(limits)
        report = sandbox.run(Job(tree=b"", plan=Plan(), limits=limits))
        assert report.fault is None
        sandbox.close()
        sandbox.prepare(limits)

    def test_after_close_nothing_runs_and_closing_again_is_fine(
        self, make: Callable[[], Sandbox]
    ) -> None:
        sandbox = make()
        sandbox.close()
        sandbox.close()
        fault = sandbox.run(Job(tree=b"", plan=Plan())).fault
        assert fault is not None
        assert not fault.retryable

    def test_what_is_asked_after_the_end_of_a_conversation_is_a_fault_or_answered(
        self, make: Callable[[], Sandbox]
    ) -> None:
        """Never an exception: who asks in another thread may be late."""
        conversation = make().open(Job(tree=b"", plan=Plan(screen=ScreenPlan(use_tests=False))))
        conversation.close()
        conversation.close()
        report = conversation.ask(ScreenPlan(use_tests=False), 5.0)
        assert report.fault is None or not report.fault.retryable
