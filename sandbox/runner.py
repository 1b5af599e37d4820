"""`DockerSandbox`: gives every job a container of its own, and tries again where that failed.

Belongs here: the order of attempts and what counts as one. A program that fails is a report; only
a sandbox that could not run it is tried again, in a new container, with a growing pause.
"""

import contextlib
import functools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from sandbox import hardening, variation
from sandbox.container import Blueprint, Container, encode, encode_round
from sandbox.engine import connect
from sandbox.engine_guard import Breaker, EngineGuard
from sandbox.errors import SandboxError
from sandbox.faults import fault_of
from sandbox.image import build_image
from sandbox.job import Job, Limits, ScreenPlan
from sandbox.pool import Pool
from sandbox.reaper import Reaper
from sandbox.report import Fault, FaultKind, Report
from sandbox.resource import Resource
from sandbox.session import new_session, owner_of_this_process
from sandbox.sweeper import Sweeper, sweep

ATTEMPTS = 3
ATTEMPTS_IF_JOB_CAN_CAUSE = 2
_FIRST_PAUSE_S = 0.2
_PAUSE_FACTOR = 4
_GONE_TIMEOUT_S = 5.0
_GONE_PAUSE_S = 0.05
_CLOSED = "The screening is closed; ask in its with-block."


class DockerSandbox(Resource):
    """Runs jobs in hardened single-use containers. Safe to use from several threads."""

    def __init__(
        self,
        image: str | None = None,
        *,
        pool_size: int = 0,
        session: str | None = None,
        limits: Limits | None = None,
        runtime: str = "",
        attempts: int = ATTEMPTS,
        breaker: Breaker | None = None,
    ) -> None:
        """Connects to Docker Engine and starts to fill the pool in the background.

        `image` is a tag that `build_image` returned; None builds the automatic one. Containers in
        the pool have `limits`; a job with other limits gets one made for it. `breaker` says when a
        sick engine is left alone; None: never. Raises EngineError or ImageError when no job could
        ever run.
        """
        self.session = session or new_session()
        self._attempts = attempts
        self._guard = EngineGuard(breaker)
        self._closing = threading.Event()
        self._ahead = pool_size > 0
        self._others: dict[_Box, Pool[Container]] = {}
        self._others_lock = threading.Lock()
        with contextlib.ExitStack() as stack:
            self._client = client = stack.enter_context(contextlib.closing(connect()))
            self.image = image or build_image(client=client)
            self._blueprint = Blueprint(
                client,
                image=self.image,
                limits=limits or Limits(),
                session=self.session,
                owner=owner_of_this_process(),
                runtime=runtime,
            )
            self._usual_box = _box_of(self._blueprint.limits)
            stack.enter_context(Reaper(client.base_url, self.session))
            stack.enter_context(Sweeper(client))
            stack.callback(self._wait_until_gone)
            make = functools.partial(Container, self._blueprint)
            self._pool = stack.enter_context(Pool(make, pool_size))
            self._stack = stack.pop_all()

    def run(self, job: Job) -> Report:
        """Never raises for what the job did or for a sandbox fault: both are in the report. A
        second run of the tests has a container of its own, at the same time."""
        first, second = variation.split(job)
        if second is None:
            return self._run(first)
        with ThreadPoolExecutor(1, thread_name_prefix="second-run") as pool:
            other = pool.submit(self._run, second)
            report = variation.merge(self._run(first), other.result())
        if report.fault or not variation.find_disagreement(report):
            return report
        today = self._run(second.model_copy(update={"is_dated": False}))
        return variation.settle(report, today, self._run(second))

    def open(self, job: Job) -> "DockerConversation":
        """Starts nothing yet; see `sandbox.contract.Conversation`."""
        return DockerConversation(self, job)

    def _run(self, job: Job) -> Report:
        return self._try(lambda: self._in_container(job))

    def _try(self, ask: Callable[[], Report]) -> Report:
        count = 0
        while True:
            report = self._refuse() or self._attempt(ask)
            count += 1
            fault = report.fault
            if fault is None or not fault.retryable or count >= self._attempts_for(fault):
                return report
            if self._closing.wait(_FIRST_PAUSE_S * _PAUSE_FACTOR ** (count - 1)):
                return report

    def prepare(self, limits: Limits) -> None:
        """Says that a job with other limits comes soon: a container is started for it meanwhile.

        Nothing where no container is to wait for a job (`pool_size = 0`). Never raises.
        """
        box = _box_of(limits)
        if self._ahead and box != self._usual_box:
            pool = self._pool_of(box, 0)
            if pool is not None:
                pool.expect()

    def _pool_of(self, box: "_Box", size: int) -> Pool[Container] | None:
        """Of containers that are not the usual ones; None once all is closing."""
        with self._others_lock:
            if self._closing.is_set():
                return None
            if box not in self._others:
                make = functools.partial(self._make, box)
                self._others[box] = self._stack.enter_context(Pool(make, size))
            return self._others[box]

    def warm_up(self, timeout_s: float = 60.0) -> bool:
        """Waits until the pool is full; false if it is not by then."""
        return self._pool.wait_until_full(timeout_s)

    def close(self) -> None:
        """Removes every container that this object started. May be called twice."""
        with self._others_lock:  # from here on no pool is added
            if self._closing.is_set():
                return
            self._closing.set()
        self._stack.close()

    def _wait_until_gone(self) -> None:
        """Docker Engine removes in the background; an engine that is away has lost us anyway."""
        end = time.monotonic() + _GONE_TIMEOUT_S
        with contextlib.suppress(Exception):
            while sweep(self._client, only_session=self.session) and time.monotonic() < end:
                time.sleep(_GONE_PAUSE_S)

    def _attempts_for(self, fault: Fault) -> int:
        if fault.kind in (FaultKind.PROTOCOL, FaultKind.DEADLINE):
            return min(self._attempts, ATTEMPTS_IF_JOB_CAN_CAUSE)
        return self._attempts

    def _refuse(self) -> Report | None:
        if self._closing.is_set():
            message = "The sandbox is closed; nothing is run any more."
            fault = Fault(kind=FaultKind.CONTAINER, message=message, retryable=False)
            return Report(fault=fault, image=self.image)
        refusal = self._guard.refuse()
        return Report(fault=refusal, image=self.image) if refusal else None

    def _attempt(self, ask: Callable[[], Report]) -> Report:
        try:
            report = ask()
        except Exception as error:
            report = Report(fault=fault_of(error), image=self.image)
        self._guard.record(report.fault)
        return report

    def _in_container(self, job: Job) -> Report:
        container = self._start(job)
        try:
            return container.run(job)
        finally:
            self._pool.put_away(container)

    def _start(self, job: Job) -> Container:
        _check_size(job)
        box = _box_of(job.limits, is_varied=job.is_varied)
        return self._take(box) or self._make(box)

    def _take(self, box: "_Box") -> Container | None:
        if box == self._usual_box:
            return self._pool.take()
        if self._ahead and box == self._usual_box._replace(is_varied=True):
            pool = self._pool_of(box, 1)  # from the first second run on, one waits for the next
        else:
            with self._others_lock:
                pool = self._others.get(box)
        return pool.take() if pool else None

    def _make(self, box: "_Box") -> Container:
        if box == self._usual_box:
            return Container(self._blueprint)
        return Container(self._blueprint.for_box(box.limits, is_varied=box.is_varied))


class DockerConversation(Resource):
    """One container that is asked one thing after another; a new one where that is gone."""

    def __init__(self, sandbox: DockerSandbox, job: Job) -> None:
        self._sandbox, self._job = sandbox, job
        self._container: Container | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    def ask(self, plan: ScreenPlan, timeout_s: float) -> Report:
        """Tried again as jobs are: each question says all that it needs."""
        return self._sandbox._try(lambda: self._ask(plan, timeout_s))

    def _ask(self, plan: ScreenPlan, timeout_s: float) -> Report:
        if self._is_closed:
            raise SandboxError(_CLOSED, retryable=False)
        data = encode_round(plan, timeout_s)
        container = self._container
        if container is None:
            data = encode(self._job, is_asked_more=True) + data
            container = self._sandbox._start(self._job)
            self._hold(container)
        try:
            report = container.ask(data, timeout_s)
        except BaseException as error:
            self._drop()
            if self._is_closed:  # what breaks then is no sign of a sick engine
                raise SandboxError(_CLOSED, retryable=False) from error
            raise
        if report.fault:
            self._drop()
        return report

    def _hold(self, container: Container) -> None:
        with self._lock:
            if not self._is_closed:
                self._container = container
                return
        self._sandbox._pool.put_away(container)
        raise SandboxError(_CLOSED, retryable=False)

    def _drop(self) -> None:
        with self._lock:
            container, self._container = self._container, None
        if container is not None:
            self._sandbox._pool.put_away(container)

    def close(self) -> None:
        """Who asks meanwhile has a fault for an answer."""
        self._is_closed = True
        self._drop()


class _Box(NamedTuple):
    """What is set when a container is made."""

    limits: Limits
    """Without the time limit, which is told to the supervisor."""
    is_varied: bool


def _box_of(limits: Limits, *, is_varied: bool = False) -> _Box:
    return _Box(limits.model_copy(update={"timeout_s": 0.0}), is_varied)


def _check_size(job: Job) -> None:
    most = hardening.max_tree_bytes(job.limits)
    if len(job.tree) > most:
        raise SandboxError(
            f"The tree has {len(job.tree) >> 20} MiB, and a sandbox with memory_mb = "
            f"{job.limits.memory_mb} holds {most >> 20} MiB; include less, or raise memory_mb.",
            retryable=False,
        )
