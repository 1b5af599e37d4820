"""A sick engine is left alone for a while; what a job did never stops other jobs."""

import pytest

from healer.support.circuit_breaker import CircuitBreaker
from sandbox import Fault, FaultKind
from sandbox.engine_guard import EngineGuard, can_come_from_job

AWAY = Fault(kind=FaultKind.ENGINE, message="It is away.")
FROM_JOB = [
    Fault(kind=FaultKind.PROTOCOL, message="The job did it.", retryable=True),
    Fault(kind=FaultKind.PROTOCOL, message="The job did it.", retryable=False),
    Fault(kind=FaultKind.DEADLINE, message="The job did it.", retryable=True),
    Fault(kind=FaultKind.CONTAINER, message="The job did it.", retryable=False),
]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def guard(limit: int, clock: Clock | None = None) -> EngineGuard:
    breaker = CircuitBreaker(limit=limit, first_pause_s=10, longest_pause_s=10)
    return EngineGuard(breaker, clock or Clock())


def test_after_faults_in_a_row_it_refuses_and_lets_one_through_after_the_pause() -> None:
    clock = Clock()
    engine = guard(2, clock)
    engine.record(AWAY)
    assert engine.refuse() is None
    engine.record(AWAY)
    refusal = engine.refuse()
    assert refusal is not None
    assert (refusal.kind, refusal.retryable) == (FaultKind.ENGINE, True)
    assert "pauses after 2 faults in a row" in refusal.message
    assert "It is away." in refusal.message
    clock.now = 11
    assert engine.refuse() is None
    assert engine.refuse() is not None
    engine.record(None)
    assert engine.refuse() is None


def test_a_success_in_between_keeps_jobs_running() -> None:
    engine = guard(2)
    for fault in (AWAY, None, AWAY):
        engine.record(fault)
    assert engine.refuse() is None


@pytest.mark.parametrize("fault", FROM_JOB, ids=lambda fault: f"{fault.kind} {fault.retryable}")
def test_faults_that_a_job_can_bring_about_do_not_stop_other_jobs(fault: Fault) -> None:
    assert can_come_from_job(fault)
    engine = guard(1)
    engine.record(fault)
    assert engine.refuse() is None


@pytest.mark.parametrize("kind", [FaultKind.ENGINE, FaultKind.IMAGE, FaultKind.DISK])
def test_faults_of_the_engine_count_whether_or_not_another_try_is_of_use(kind: FaultKind) -> None:
    for retryable in (True, False):
        engine = guard(1)
        engine.record(Fault(kind=kind, message="It is away.", retryable=retryable))
        assert engine.refuse() is not None


def test_a_container_that_could_not_be_started_counts() -> None:
    assert not can_come_from_job(Fault(kind=FaultKind.CONTAINER, message="No.", retryable=True))


def test_without_a_breaker_nothing_is_refused() -> None:
    engine = EngineGuard()
    for _ in range(20):
        engine.record(AWAY)
    assert engine.refuse() is None
