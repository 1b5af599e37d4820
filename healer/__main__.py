"""The `healer` command. `healer run` goes the short way: it loads only what it needs."""

import os
import sys


def main() -> int:
    """Runs the command line; gives the exit code."""
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
    from healer.cli.edge import main as command_line

    return command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
