"""The real sandbox and the scripted one keep the same contract."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from sandbox import DockerSandbox, Fault, FaultKind, Job, Plan, Sandbox
from sandbox.errors import EngineError
from sandbox.fake import ScriptedSandbox
from tests.sandbox.contract import SandboxContract, exits_with_3


def _closing(make: Callable[[], Sandbox]) -> Iterator[Callable[[], Sandbox]]:
    made: list[Sandbox] = []

    def one() -> Sandbox:
        made.append(make())
        return made[-1]

    yield one
    for sandbox in made:
        sandbox.close()


@pytest.mark.docker
class TestDockerSandbox(SandboxContract):
    @pytest.fixture
    def make(self, docker_sandbox: DockerSandbox) -> Iterator[Callable[[], Sandbox]]:
        yield from _closing(partial(DockerSandbox, docker_sandbox.image))

    @pytest.fixture
    def make_failing(self, make: Callable[[], Sandbox]) -> Callable[[], Sandbox]:
        return make


class TestScriptedSandbox(SandboxContract):
    @pytest.fixture
    def make(self) -> Iterator[Callable[[], Sandbox]]:
        yield from _closing(ScriptedSandbox)

    @pytest.fixture
    def make_failing(self) -> Iterator[Callable[[], Sandbox]]:
        yield from _closing(partial(ScriptedSandbox, [exits_with_3]))


def test_a_script_is_followed_in_order_and_its_last_line_repeats() -> None:
    fault = Fault(kind=FaultKind.ENGINE, message="It is away.")
    sandbox = ScriptedSandbox([fault, exits_with_3])
    job = Job(tree=b"", plan=Plan())
    reports = [sandbox.run(job) for _ in range(3)]
    assert reports[0].fault == fault
    assert [report.command is not None for report in reports] == [False, True, True]
    assert sandbox.jobs == [job] * 3


def test_a_script_may_raise_a_fault() -> None:
    def away(_job: Job) -> Fault:
        raise EngineError("It is away.")

    fault = ScriptedSandbox([away]).run(Job(tree=b"", plan=Plan())).fault
    assert fault is not None
    assert fault.kind == FaultKind.ENGINE
