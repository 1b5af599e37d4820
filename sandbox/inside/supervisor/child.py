"""One check in one forked child: another user, no environment, its own deadline, capped output.

Belongs here: everything about starting, watching, draining and ending an untrusted process tree.
Does not belong here: what the child does, and what is kept of it (`outcome`). Only the first
process of a container may use this: ending a step kills every other process that can be seen.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import json
import os
import select
import signal
import sys
import time
import traceback
from functools import partial
from typing import TYPE_CHECKING

from .. import tree
from ..older_pythons import open_pidfd
from ..tracing import luck
from . import cgroup
from .outcome import OUTPUT_BYTES, CappedOutput, Outcome, drain, linger, pump

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .outcome import Sink
    from .relay import Relay

FIRST_UID = 64_000
"""Steps run as 64000, 64001, …: nothing that one step leaves belongs to the next."""
CHANNEL_FD = 3
"""Where a check writes what it found; untrusted as soon as foreign code runs in the child."""
_TROUBLE_FD = 4
_READ_BYTES = 1 << 16
_PR_SET_DUMPABLE = 4

ENVIRONMENT: dict[str, str] = {
    "PATH": f"{sys.executable.rpartition('/')[0]}:/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp/home",
    "TMPDIR": "/tmp",
    **json.loads(os.environ.get("STEP_ENVIRONMENT", "{}")),
}
"""All that a check sees: what the container's surroundings are, and nothing of the host."""
_CPUS = int(ENVIRONMENT.pop("STEP_CPUS", "0"))
"""Processors that a check may use; 0: all of the container's."""


_is_dated = False


def change_date() -> None:
    """From now on checks are run on another day."""
    global _is_dated  # noqa: PLW0603 - one process serves one job
    _is_dated = True


def find_shift() -> int | None:
    """How many seconds ahead a check is run from which luck is taken away; None: it keeps it, as
    all do that may use every processor."""
    if not _CPUS:
        return None
    return luck.find_shift(time.time()) if _is_dated else 0


def put_on_path(folders: Iterable[str]) -> None:
    """From now on each check's programs find modules in these folders of the tree."""
    paths = [os.path.normpath(f"{tree.ROOT}/{folder}") for folder in folders]
    if paths:
        ENVIRONMENT["PYTHONPATH"] = ":".join(paths)


def paths_of_tree() -> list[str]:
    """The same folders, for a check that runs code of the tree in its own process."""
    return [path for path in ENVIRONMENT.get("PYTHONPATH", "").split(":") if path]


class CouldNotStartError(Exception):
    """The child failed before it reached the code under test: not the job's fault."""


class HostGoneError(Exception):
    """Our standard input ended: nobody waits for an answer."""


def run(
    body: Callable[[], int],
    *,
    prepare: Callable[[], None],
    uid: int,
    deadline: float,
    stdin: bytes = b"",
    channel_bytes: int = OUTPUT_BYTES,
    stdout_bytes: int = OUTPUT_BYTES,
    shares_channel: bool = False,
    linger_s: float = 0.0,
    relay: Relay | None = None,
) -> Outcome:
    """Runs `prepare` and then `body` in a child with user `uid` until `deadline` (monotonic).

    `prepare` is trusted code at the child's rights; if it raises, CouldNotStartError. Returns when
    the child and everything it started are gone. Raises HostGoneError if our own input ends.
    `shares_channel`: what it starts may open the channel anew, as /proc names it. `linger_s`: so
    long the others may still say something after it. `relay` has what the host goes on asking, the
    deadline, and all that is written to the channel.
    """
    outcome = Outcome(stdout=CappedOutput(stdout_bytes), channel=CappedOutput(channel_bytes))
    ooms_before, began = cgroup.oom_kills(), time.monotonic()
    pipes = [os.pipe() for _ in range(4)]
    if shares_channel:
        os.fchmod(pipes[2][1], 0o622)  # the pipe is root's, and they are not
    source, questions = os.pipe() if relay else (open_stdin(stdin), -1)
    gc.freeze()
    pid = os.fork()
    if pid == 0:
        _become(uid, source, [write for _, write in pipes])
        _child_main(prepare, body)
    os.close(source)
    for _, write in pipes:
        os.close(write)
    trouble = CappedOutput()
    sinks = (outcome.stdout, outcome.stderr, relay or outcome.channel, trouble)
    readers = {read: sink for (read, _), sink in zip(pipes, sinks)}
    try:
        watch = partial(_converse, relay, questions) if relay else partial(_watch, deadline)
        outcome.timed_out = not watch(pid, readers)
        linger(readers, linger_s)
    finally:
        status = end_everything(pid)
        drain(readers)
    outcome.seconds = time.monotonic() - began
    outcome.note_end(status, oom=cgroup.oom_kills() > ooms_before)
    if trouble.total_bytes and not (outcome.timed_out or outcome.oom):
        raise CouldNotStartError(trouble.text())
    return outcome


def end_everything(main_pid: int) -> int:
    """Kills every process but ourselves and collects them; the wait status of `main_pid`.

    `kill(-1)` needs no process of its own, so it works when the process limit is used up, and a
    fork that is under way fails because its parent has a fatal signal pending.
    """
    main_status = 0
    while True:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        try:
            pid, status = os.waitpid(-1, 0)
        except ChildProcessError:
            return main_status
        if pid == main_pid:
            main_status = status


def _watch(deadline: float, pid: int, readers: Mapping[int, Sink]) -> bool:
    """Drains the pipes until the child ends (True) or the deadline passes (False)."""
    poll = select.poll()
    return _drain_until_end(
        pid, readers, poll, lambda: deadline, {0: lambda: _expect_silence(poll)}
    )


def _converse(relay: Relay, questions: int, pid: int, readers: Mapping[int, Sink]) -> bool:
    """As `_watch`, and what the host says meanwhile is handed on to the child."""
    os.set_blocking(questions, False)
    poll = select.poll()

    def listen() -> None:
        data = os.read(0, _READ_BYTES)
        if not data:
            raise HostGoneError
        relay.ask(data)
        poll.register(questions, select.POLLOUT)

    def hand_on() -> None:
        if relay.hand_on(questions):
            poll.unregister(questions)

    handlers = {0: listen, questions: hand_on}
    try:
        return _drain_until_end(pid, readers, poll, lambda: relay.deadline, handlers)
    finally:
        os.close(questions)


def _drain_until_end(
    pid: int,
    readers: Mapping[int, Sink],
    poll: select.poll,
    find_deadline: Callable[[], float],
    handlers: Mapping[int, Callable[[], None]],
) -> bool:
    pidfd = open_pidfd(pid)
    for fd in (*readers, pidfd, 0):
        poll.register(fd, select.POLLIN)
    try:
        while True:
            left_s = find_deadline() - time.monotonic()
            if left_s <= 0:
                return False
            for fd, _event in poll.poll(left_s * 1000 + 1):
                if fd == pidfd:
                    return True
                if fd in handlers:
                    handlers[fd]()
                elif not pump(fd, readers[fd]):
                    poll.unregister(fd)
            _reap_orphans(pid)
    finally:
        os.close(pidfd)


def _expect_silence(poll: select.poll) -> None:
    """The host sends nothing after the job; an end of input means that it is gone."""
    if not os.read(0, _READ_BYTES):
        raise HostGoneError
    poll.unregister(0)


def _reap_orphans(main_pid: int) -> None:
    """Collects processes whose parents died, so that they do not use up the process limit."""
    while True:
        try:
            info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if info is None or info.si_pid == main_pid:
            return
        os.waitpid(info.si_pid, 0)


def open_stdin(data: bytes) -> int:
    """A descriptor from which these bytes can be read."""
    if not data:
        return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    fd = os.memfd_create("stdin")
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _become(uid: int, source: int, writers: list[int]) -> None:
    """Gives up every right and every descriptor but five; a failure here ends the child."""
    try:
        os.setsid()
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in (source, *writers)]
        for target, fd in enumerate(high):
            os.dup2(fd, target, inheritable=target < CHANNEL_FD)
        os.closerange(_TROUBLE_FD + 1, 4096)
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")  # the kernel takes the check, not the supervisor
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        # A process that changed its user may not read its own /proc entries; honest code does.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
        os.umask(0o022)
        if _CPUS:
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-_CPUS:])
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(ENVIRONMENT)
        time.tzset()
    except BaseException:
        traceback.print_exc()
        os._exit(125)


def _child_main(prepare: Callable[[], None], body: Callable[[], int]) -> None:
    """Never returns."""
    try:
        prepare()
    except BaseException as error:
        os.write(_TROUBLE_FD, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
        os._exit(125)
    os.close(_TROUBLE_FD)
    code = 1
    try:
        code = body()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code & 0xFF)
