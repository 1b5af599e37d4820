"""`pytest -p tests.support.collect_once --forks N`: one process collects the tests, and N that are
forked off it run them. To collect them takes longer than what most packages' tests take.

Belongs here: what a worker runs, how it says what came of it, what is made of one that dies. Does
not belong here: in which order and portions they are run (`portions`).
"""

import atexit
import os
import pickle
import select
import signal
import threading
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support.portions import cut

HEAD = 4
"""Bytes of a portion's number in the queue, and of a message's length."""
_COPIED_STREAMS: list[object] = []
LOG_TAIL = 20_000
"""Characters of a dead worker's log that are shown: the stacks of a time-out are in it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--forks`."""
    parser.addoption("--forks", type=int, default=0, help="processes that run what one collects")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Stands in for pytest's own loop where forks are asked for."""
    count = session.config.getoption("--forks")
    if not count or session.config.option.collectonly or session.testsfailed:
        return None
    with Workers(session) as workers:
        for _ in range(count):
            workers.fork()
        workers.watch()
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    return True


class Worker:
    """One process, as the one that forked it sees it."""

    def __init__(self, pid: int, reader: int, log: Path, waiting: Sequence[int]) -> None:
        self.pid, self.reader, self.log = pid, reader, log
        self.waiting = deque(waiting)
        """The tests that it has taken and not finished, by their number; it is at the first."""
        self.has_said_end = False
        self.death = os.pidfd_open(pid)
        """Readable when it has ended; its pipe may be open in what a test of it has started."""
        self._unread = b""
        os.set_blocking(reader, False)

    def close(self) -> None:
        """Only of one that has ended."""
        os.waitpid(self.pid, 0)
        os.close(self.reader)
        os.close(self.death)

    def messages(self) -> Iterator[tuple[str, object]]:
        """Those that are there whole."""
        while (text := self._read()) is not None:
            self._unread += text
            while len(self._unread) >= HEAD:
                end = HEAD + int.from_bytes(self._unread[:HEAD])
                if len(self._unread) < end:
                    break
                message, self._unread = self._unread[HEAD:end], self._unread[end:]
                yield pickle.loads(message)

    def _read(self) -> bytes | None:
        try:
            return os.read(self.reader, 65_536) or None
        except BlockingIOError:
            return None


class Workers:
    """All of a session. They take portions from one pipe, each the next when it has nothing left:
    nobody has to be asked, and one that dies holds no lock."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session
        self.portions = cut(session.items)
        self.folder: Path = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # pytest's own
        self.queue, end = os.pipe()
        os.set_blocking(end, False)  # too many portions are an error, and no wait without end
        for number in range(len(self.portions)):
            os.write(end, number.to_bytes(HEAD))
        os.close(end)
        self._workers: list[Worker] = []
        self._number = 0

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            os.kill(worker.pid, signal.SIGKILL)
            worker.close()
        os.close(self.queue)

    def fork(self, first: Sequence[int] = ()) -> None:
        """One more, that begins with these tests."""
        if threading.active_count() > 1:
            raise pytest.UsageError(f"--forks would lose a thread: {threading.enumerate()}")
        name, self._number = f"w{self._number}", self._number + 1
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            _become_worker(self, name, writer, first)
        os.close(writer)
        self._workers.append(Worker(pid, reader, self.folder / f"{name}.log", first))

    def watch(self) -> None:
        """Tells pytest what they say, until each has ended."""
        while self._workers:
            ends = {each.death for each in self._workers}
            ready, _, _ = select.select([*ends, *(each.reader for each in self._workers)], [], [])
            for worker in [*self._workers]:
                if worker.reader in ready or worker.death in ready:
                    self._hear(worker)
                if worker.death in ready:
                    self._replace(worker)

    def _hear(self, worker: Worker) -> None:
        config = self.session.config
        for kind, value in worker.messages():
            if kind == "portion":
                worker.waiting.extend(self.portions[value])
            elif kind == "report":
                report = config.hook.pytest_report_from_serializable(config=config, data=value)
                config.hook.pytest_runtest_logreport(report=report)
            elif kind == "finish":
                worker.waiting.popleft()
            else:
                worker.has_said_end = True
        while self._is_stopping and os.read(self.queue, 65_536):
            pass  # nobody begins another portion

    @property
    def _is_stopping(self) -> bool:
        return bool(self.session.shouldfail or self.session.shouldstop)

    def _replace(self, worker: Worker) -> None:
        """Where it died: what it was at has failed, and another one goes on with the rest."""
        self._workers.remove(worker)
        worker.close()
        if worker.has_said_end:
            return
        log = worker.log.read_text(errors="replace")[-LOG_TAIL:] if worker.log.exists() else ""
        if not worker.waiting:
            raise pytest.UsageError(f"a process that runs tests died outside of them:\n{log}")
        item = self.session.items[worker.waiting.popleft()]
        text = f"the process that ran it died:\n{log}"
        report = pytest.TestReport(item.nodeid, item.location, {}, "failed", text, "call")
        self.session.config.hook.pytest_runtest_logreport(report=report)
        if not self._is_stopping:
            self.fork([*worker.waiting])


class Teller:
    """A worker's half: a plugin that hands its reports over."""

    def __init__(self, config: pytest.Config, writer: int) -> None:
        self._config, self._writer = config, writer

    def say(self, kind: str, value: object = None) -> None:
        """Waits until all is written."""
        message = pickle.dumps((kind, value))
        text = len(message).to_bytes(HEAD) + message
        while text:
            text = text[os.write(self._writer, text) :]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called by pytest."""
        hook = self._config.hook
        self.say("report", hook.pytest_report_to_serializable(config=self._config, report=report))


def _become_worker(workers: Workers, name: str, writer: int, first: Sequence[int]) -> NoReturn:
    code = 1
    try:
        atexit._clear()  # what the other process has to do at its end
        with (workers.folder / f"{name}.log").open("w", buffering=1) as log:
            try:
                _set_up(workers.session.config, workers.folder / name, log)
                teller = Teller(workers.session.config, writer)
                workers.session.config.pluginmanager.register(teller)
                _run_tests(workers, teller, first)
                code = 0
            except BaseException:  # it never comes to the loop of the process that it is a copy of
                traceback.print_exc(file=log)
        atexit._run_exitfuncs()
    finally:
        os._exit(code)


def _set_up(config: pytest.Config, folder: Path, log: object) -> None:
    """Gives a worker what no two may share: the files that output is caught in, its folders, and
    where pytest prints."""
    capture = config.pluginmanager.get_plugin("capturemanager")
    # Not closed: what was imported may have its streams, as `errlog=sys.stderr` of a function.
    _COPIED_STREAMS.append(capture._global_capturing)
    capture._global_capturing = None
    capture.start_global_capturing()
    capture.suspend_global_capture()
    factory = config._tmp_path_factory  # type: ignore[attr-defined]  # pytest's own
    factory._given_basetemp, factory._basetemp = folder, None
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reporter._tw = type(reporter._tw)(log)


def _run_tests(workers: Workers, teller: Teller, first: Sequence[int]) -> None:
    """These, and portions from the queue until it is empty."""
    session, waiting = workers.session, deque(first)
    while True:
        if len(waiting) < 2 and (head := os.read(workers.queue, HEAD)):
            number = int.from_bytes(head)
            teller.say("portion", number)
            waiting.extend(workers.portions[number])
        if not waiting or session.shouldfail or session.shouldstop:
            break
        item = session.items[waiting.popleft()]
        next_item = session.items[waiting[0]] if waiting else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=next_item)
        teller.say("finish")
    session._setupstate.teardown_exact(None)
    teller.say("end")
