"""Under any Python, the job starts as it would without healer."""

import sys
from pathlib import Path

import pytest

from tests.support.healer_jobs import (
    environment,
    read_failure,
    repository,
    under_healer,
)
from tests.support.interpreters import require_interpreter


def test_the_users_own_sitecustomize_and_pythonpath_stay(tmp_path: Path) -> None:
    repo = repository(
        tmp_path,
        {
            "lib/sitecustomize.py": "import builtins; builtins.GREETING = 'hello'\n",
            "job.py": "import os, sys; print(GREETING, os.environ['PYTHONPATH'])\n"
            "print(sys.modules['sitecustomize'].__file__)\n",
        },
    )
    env = environment(PYTHONPATH=str(repo / "lib"))
    done = under_healer(sys.executable, "job.py", cwd=repo, env=env)
    out = f"hello {repo / 'lib'}\n{repo / 'lib' / 'sitecustomize.py'}\n"
    assert (done.stdout.decode(), done.stderr) == (out, b"")


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8", "3.9", "3.10", "3.12", "3.13", "3.14"])
def test_require_interpreters_run_as_ever_and_are_understood(tmp_path: Path, version: str) -> None:
    python = require_interpreter(version)
    repo = repository(tmp_path, {"job.py": "import os, sys\nprint('ran')\n{}['key']\n"})
    done = under_healer(python, "job.py", cwd=repo)
    assert (done.returncode, done.stdout) == (1, b"ran\n")
    failure = read_failure(repo)
    assert failure.chain[-1].type == "KeyError"
    assert failure.culprit and failure.culprit.file == "job.py"
