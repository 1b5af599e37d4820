"""The one place where errors become sentences and exit codes.

Belongs here: which error is whose fault. Nothing else in healer calls `sys.exit`.
"""

import errno
import os
import signal
import sys
import threading
import traceback
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import click

from healer.support.postgres import explain, is_of_database
from healer.support.version import read_version

USAGE, UNAVAILABLE, BUG, INTERRUPTED = 2, 3, 4, 130
SQLITE_READONLY, SQLITE_FULL, SQLITE_CANTOPEN = 8, 13, 14
SQLITE_BROKEN = (11, 26)
"""As `sqlite3` has them; SQLAlchemy keeps the driver's own error in `orig`."""


_INTERRUPT = threading.Event()


def interrupt(number: int, frame: FrameType | None) -> None:
    """What Python does on Ctrl-C, and remembers: a library that is interrupted may make an error of
    its own of it, as pydantic does of one while it builds a model."""
    _INTERRUPT.set()
    signal.default_int_handler(number, frame)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line and gives the exit code; every error becomes one sentence."""
    from healer.cli import cli

    try:
        code = cli.main(args=arguments, prog_name="healer", standalone_mode=False)
        sys.stdout.flush()  # here, where a full disk or a closed pipe still gets its sentence
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except (KeyboardInterrupt, click.Abort):
        return _leave_interrupted()
    except (BrokenPipeError, SystemExit):  # click makes the other of the one, in a command
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  # for the interpreter's flush
        return 0
    except Exception as error:
        return _leave_interrupted() if _INTERRUPT.is_set() else leave(_explain(error))
    return code if isinstance(code, int) else 0


def _leave_interrupted() -> int:
    _say("interrupted; nothing is lost, the same command goes on where it was")
    return leave(INTERRUPTED)


def leave(code: int) -> int:
    """Ends the process at once: threads of a halted workflow engine would keep it alive."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads it any more, or its disk is full
            stream.flush()
    os._exit(code)


def start_again() -> NoReturn:
    """Replaces this process by a new one of the same command, with the same process id."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])  # one that comes now is kept
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves


def _explain(error: Exception) -> int:
    """Says what went wrong; gives the exit code."""
    code = _exit_code(error)
    if code is not None:
        _say(_sentence(error))
        return code
    _say("this is a bug in healer; please report it with the lines below")
    print(f"healer {read_version()}, Python {sys.version.split()[0]}", file=sys.stderr)
    traceback.print_exception(error)
    return BUG


def _exit_code(error: Exception) -> int | None:
    """The exit code of an expected error, or None for a bug."""
    from healer.config import ConfigError
    from healer.facts.errors import UsageError, WorkflowError
    from healer.notify.fact_files import NotificationError
    from healer.support.extras import MissingExtraError
    from healer.watch.checkout import NoRepositoryError
    from healer.watch.inbox import InboxError
    from quarantine.errors import ProtectionError, RepositoryError
    from sandbox import SandboxError

    if isinstance(error, ConfigError | UsageError | ProtectionError | InboxError):
        return USAGE
    if isinstance(error, RepositoryError | NoRepositoryError | SandboxError):
        return UNAVAILABLE
    if isinstance(error, WorkflowError | NotificationError | MissingExtraError):
        return UNAVAILABLE
    return UNAVAILABLE if _of_the_disk(error) or is_of_database(error) else None


def _of_the_disk(error: Exception) -> str:
    """What is the matter with the disk, and what to do; empty for another error."""
    number = error.errno if isinstance(error, OSError) else None
    database_code = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0) & 0xFF
    if number in (errno.ENOSPC, errno.EDQUOT) or database_code == SQLITE_FULL:
        return "the disk is full; free some space"
    if number == errno.EROFS or database_code == SQLITE_READONLY:
        return "the disk is mounted read-only; healer keeps its state in the git folder"
    if database_code in SQLITE_BROKEN:
        return (
            "a database in healer's folder cannot be read; the daemon sets it aside at its start, "
            "and puts back what is known elsewhere: healer daemon --once"
        )
    if number in (errno.EACCES, errno.EPERM) or database_code == SQLITE_CANTOPEN:
        return "healer may not write there; run it as the owner of the repository"
    return ""


def _sentence(error: Exception) -> str:
    from healer.facts.errors import WorkflowError

    database = explain(error)
    if database and not isinstance(error, WorkflowError):
        return database
    disk = _of_the_disk(error)
    where = getattr(error, "filename", None)
    return (f"{where}: " if where else "") + disk if disk else str(error)


def _say(sentence: str) -> None:
    print(f"healer: {sentence}", file=sys.stderr)
