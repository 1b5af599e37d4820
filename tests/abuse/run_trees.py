"""Runs the command and the tests of several trees, each in a forked child of one interpreter.

    python run_trees.py < trees.json > results.json

Started by `test_honest_fixes_are_real`: forking from an interpreter that has already imported
pytest makes some 60 runs take seconds.
"""

import io
import json
import os
import runpy
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest


def main() -> None:
    """stdin: a list of [folder, script]; stdout: [script's status, pytest's status] for each."""
    print(
        json.dumps(
            [[_status(_script, *tree), _status(_tests, *tree)] for tree in json.load(sys.stdin)]
        )
    )


def _status(work, folder: str, script: str) -> int:
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            try:
                status = work(script)
            except SystemExit as end:
                status = int(end.code or 0)
            except BaseException:
                status = 1
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _script(script: str) -> int:
    sys.path[0] = str(Path(script).resolve().parent)
    runpy.run_path(script, run_name="__main__")
    return 0


def _tests(script: str) -> int:
    sys.path[0] = str(Path.cwd())
    return int(pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", "."]))


if __name__ == "__main__":
    main()
