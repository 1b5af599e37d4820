"""A piece of the supervisor run in a process of its own: it changes descriptors and forks there.

Belongs here: starting the process. Does not belong here: what ends a step (`kill(-1)`), which only
the first process of a container may do; the tests with Docker run that.
"""

import subprocess
import sys
from pathlib import Path

import sandbox

ROOT = Path(sandbox.__file__).parents[1]
IMPORTS = f"import os, sys, time\nsys.path.insert(0, {str(ROOT)!r})\n"


def run_code(
    code: str, *, stdin: bytes = b"", cwd: Path = Path("/")
) -> subprocess.CompletedProcess[bytes]:
    """What became of a program that can import the supervisor."""
    return subprocess.run(
        [sys.executable, "-c", IMPORTS + code],
        input=stdin, capture_output=True, check=False, timeout=60, cwd=cwd,
    )  # fmt: skip
