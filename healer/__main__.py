"""The `healer` command. `healer run` goes the short way: it loads only what it needs.

Belongs here: which way, and that Ctrl-C ends healer without a traceback while it loads and while
it ends. Does not belong here: Ctrl-C in a command (`healer.cli.edge`).
"""

import atexit
import os
import sys
from signal import SIG_IGN, SIGINT, default_int_handler, getsignal, signal

INTERRUPTED = 130


def main() -> int:
    """Runs the command line; gives the exit code."""
    may_interrupt = getsignal(SIGINT) is default_int_handler  # else whoever started us said no
    if may_interrupt:
        signal(SIGINT, _leave)
        atexit.register(signal, SIGINT, SIG_IGN)  # the last of all: then Python would be killed
    arguments = sys.argv[1:]
    if "run" in arguments[:3]:
        from healer.watch.runner.options import parse_run

        options = parse_run(arguments)
        if options is not None:
            from healer.watch.runner.run import run

            code = run(options)
            if sys.stderr is not None:
                sys.stderr.flush()
            os._exit(code)  # nothing is left to clean up, and a job may be waiting for this one
    from healer.cli.edge import interrupt
    from healer.cli.edge import main as run_command_line

    if may_interrupt:
        signal(SIGINT, interrupt)
    try:
        return run_command_line(arguments)
    finally:
        if may_interrupt:
            signal(SIGINT, _leave)


def _leave(_number: int, _frame: object) -> None:
    """Ends at once: nothing has begun yet, or all is done."""
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
