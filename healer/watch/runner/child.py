"""Starts a job as a shell would, hands it the signals that healer gets, and reads how it ended.

Belongs here: fork and exec, signals, the exit status. Does not belong here: pipes' contents
(`relay`). The job stays in healer's process group and session, so that a terminal's keys reach it
by themselves; only signals that were sent to healer alone are passed on. When healer is killed the
job is killed too: whoever kills the process that he started means the job.
"""

import errno
import os
import signal
from _thread import start_new_thread

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

NOT_FOUND = 127
NOT_EXECUTABLE = 126
SIGNAL_BASE = 128
"""A shell reports signal n as exit code 128 + n."""
_SI_KERNEL = 0x80
_PR_SET_PDEATHSIG = 1
_STANDARD_STREAMS = (0, 1, 2)

FORWARDED = frozenset(
    {signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2}
    | {signal.SIGWINCH, signal.SIGALRM, signal.SIGVTALRM, signal.SIGIO}
)


class NotStartedError(Exception):
    """The command could not be executed; `code` is what a shell would exit with."""

    def __init__(self, command: str, number: int) -> None:
        missing = number == errno.ENOENT
        super().__init__(f"{command}: {'command not found' if missing else os.strerror(number)}")
        self.code = NOT_FOUND if missing else NOT_EXECUTABLE


class Child:
    """A started job."""

    def __init__(self, pid: int, handle: int) -> None:
        """`handle` is its pidfd: readable once it has exited, and never another process's."""
        self.pid = pid
        self.handle = handle


def hold_signals() -> set[signal.Signals]:
    """Holds back what will be passed on; gives the mask that the job must start with."""
    previous = signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
    return {signal.Signals(number) for number in previous}


def start(
    argv: "Sequence[str]",
    environment: "Mapping[str, str]",
    streams: "Mapping[int, int]",
    keep: "Sequence[int]",
    mask: set[signal.Signals],
) -> Child:
    """Starts the job: `streams` go to its 0, 1 and 2, `keep` stay open in it.

    Raises `NotStartedError` where the command cannot be executed, OSError where no process can be
    made.
    """
    libc = _libc()
    parent = os.getpid()
    os.close(os.pidfd_open(parent))  # fails on old kernels: now, and not when the job runs
    problem_source, problem_sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _become(argv, environment, streams, keep, mask=mask, libc=libc, parent=parent)
        except OSError as error:
            os.write(problem_sink, b"%d" % (error.errno or errno.EINVAL))
        finally:
            os._exit(NOT_FOUND)
    os.close(problem_sink)
    problem = os.read(problem_source, 16)
    os.close(problem_source)
    if problem:
        os.waitpid(pid, 0)
        raise NotStartedError(argv[0], int(problem))
    return Child(pid, os.pidfd_open(pid))


def _become(
    argv: "Sequence[str]",
    environment: "Mapping[str, str]",
    streams: "Mapping[int, int]",
    keep: "Sequence[int]",
    *,
    mask: set[signal.Signals],
    libc: object,
    parent: int,
) -> None:
    """In the new process: turns into the job, or raises OSError."""
    for target, source in streams.items():
        os.dup2(source, target)
    for handle in keep:
        os.set_inheritable(handle, True)
    prctl = getattr(libc, "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(SIGNAL_BASE + signal.SIGKILL)
    become(argv, environment, mask)


def become(
    argv: "Sequence[str]", environment: "Mapping[str, str]", mask: set[signal.Signals]
) -> "NoReturn":
    """Replaces this process by the job, with signals as they were; raises OSError."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them; the job must not
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    try:
        os.execvpe(argv[0], list(argv), dict(environment))  # noqa: S606 - the job itself
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        import shutil  # a script without `#!` is run by the shell, as by a shell

        path = shutil.which(argv[0]) or argv[0]
        os.execve("/bin/sh", ["/bin/sh", path, *argv[1:]], dict(environment))  # noqa: S606 - the job


def _libc() -> object:
    """The C library, for prctl; None where Python was built without ctypes."""
    try:
        import ctypes  # loaded before the fork, missing on some builds

        return ctypes.CDLL(None)
    except (ImportError, OSError):
        return None


def pass_on_signals(child: Child) -> None:
    """From now on, signals that were sent to healer go on to the job; returns at once."""
    start_new_thread(_pass_on, (child,))


def _pass_on(child: Child) -> None:
    while True:
        try:
            info = signal.sigwaitinfo(FORWARDED)
        except InterruptedError:
            continue
        if info.si_code != _SI_KERNEL:  # the terminal has sent it to the whole group already
            send(child, info.si_signo)


def send(child: Child, number: int) -> None:
    """Sends a signal to the job, if it still runs."""
    try:
        signal.pidfd_send_signal(child.handle, number)
    except ProcessLookupError:
        return


def wait(child: Child) -> tuple[int | None, int | None]:
    """(exit code, None) or (None, signal) of a job that has exited."""
    _pid, status = os.waitpid(child.pid, 0)
    if os.WIFSIGNALED(status):
        return None, os.WTERMSIG(status)
    return os.WEXITSTATUS(status), None
