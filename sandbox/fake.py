"""A sandbox that answers from a script, for tests of what uses one. Runs nothing.

It keeps the same contract as the real one (`sandbox.contract`): a report of the form that the plan
asks for, faults as values, and nothing after `close`. Belongs here: answers that need no container.
Does not belong here: what a test's own world would answer.
"""

import shlex
from collections.abc import Callable, Iterable
from threading import Lock

from sandbox.errors import SandboxError
from sandbox.inside.tree import BadTreeError, parse
from sandbox.job import Job, Limits, Plan, ScreenPlan
from sandbox.report import Fault, FaultKind, ProcessEnd, Report, TestResult, TestRun
from sandbox.resource import Resource

IMAGE = "healer-sandbox:scripted"
Answer = Report | Fault | Callable[[Job], Report | Fault]


class ScriptedSandbox(Resource):
    """Gives one answer after the other, the last one again and again; none: all is well."""

    def __init__(self, answers: Iterable[Answer] = (), image: str = IMAGE) -> None:
        self.image = image
        self.jobs: list[Job] = []
        """Every job that was handed over, in order."""
        self._answers = list(answers)
        self._closed = False
        self._lock = Lock()

    def run(self, job: Job) -> Report:
        """Never raises, as the real one."""
        with self._lock:
            if self._closed:
                return self._fault("The sandbox is closed; nothing is run any more.")
            self.jobs.append(job)
            answer = self._next()
        try:
            parse(job.tree)
        except BadTreeError as error:
            fault = Fault(
                kind=FaultKind.PROTOCOL,
                message=f"The tree cannot be used: {error}.",
                retryable=False,
            )
            return Report(fault=fault, image=self.image)
        return self._report(job, answer)

    def open(self, job: Job) -> "OneByOne":
        """Each question is a job."""
        return OneByOne(self, job)

    def prepare(self, limits: Limits) -> None:
        """It is always ready."""

    def close(self) -> None:
        """From here on every job is refused."""
        self._closed = True

    def _next(self) -> Answer:
        if not self._answers:
            return all_well
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def _report(self, job: Job, answer: Answer) -> Report:
        try:
            value = answer(job) if callable(answer) else answer
        except SandboxError as error:
            value = error.fault
        if isinstance(value, Fault):
            return Report(fault=value, image=self.image)
        return value.model_copy(update={"image": self.image})

    def _fault(self, message: str) -> Report:
        fault = Fault(kind=FaultKind.CONTAINER, message=message, retryable=False)
        return Report(fault=fault, image=self.image)


class OneByOne(Resource):
    """A conversation in which each question is a job of its own."""

    def __init__(self, sandbox: ScriptedSandbox, job: Job) -> None:
        self._sandbox, self._job = sandbox, job

    def ask(self, plan: ScreenPlan, timeout_s: float) -> Report:
        """Never raises, as the real one."""
        limits = self._job.limits.model_copy(update={"timeout_s": timeout_s})
        update = {"plan": Plan(screen=plan), "limits": limits}
        return self._sandbox.run(self._job.model_copy(update=update))

    def close(self) -> None:
        """Nothing is held."""


def all_well(job: Job) -> Report:
    """A report in which everything that the plan asks for succeeded; no test was found."""
    plan = job.plan
    end = ProcessEnd(exit_code=0)
    variants = (end,) * len(plan.variants)
    runs = plan.tests.seeds if plan.tests else ()
    if plan.tests and plan.tests.command:
        result = TestResult(node=shlex.join(plan.tests.command), outcome="passed")
        run = TestRun(results=(result,), ended=end, is_of_command=True, by_status=True)
        command = end if plan.command else None
        return Report(command=command, variants=variants, tests=(run,) * len(runs))
    sentinels = 1 if plan.tests and plan.tests.sentinels else 0
    end_of_tests = ProcessEnd(
        exit_code=1 if sentinels else 0
    )  # as pytest ends when a sentinel failed
    run = TestRun(results=(), ended=end_of_tests, sentinels=sentinels, sentinels_failed=sentinels)
    command = end if plan.command else None
    return Report(command=command, variants=variants, tests=tuple(run for _ in runs))
