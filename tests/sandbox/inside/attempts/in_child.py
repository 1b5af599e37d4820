"""One attempt tried on this machine, where nothing holds it, in a child that it may spoil.

Belongs here: starting the child. Does not belong here: attempts that would harm a machine without
a sandbox (signals to its first process, floods); `sandbox.selfcheck`'s test tries those.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import sandbox.inside

FOLDER = Path(sandbox.inside.__file__).parent
NOBODY = 65_534


def run_code(code: str, *, fds: Sequence[int] = ()) -> str:
    """What a program prints that has the attempts as its package `attempts`, as in a sandbox."""
    start = f"import os, sys\nsys.path.insert(0, {str(FOLDER)!r})\nfrom attempts import PROBES\n"
    ended = subprocess.run(
        [sys.executable, "-c", start + code],
        capture_output=True, text=True, check=True, timeout=60, pass_fds=fds, cwd="/",
    )  # fmt: skip
    return ended.stdout


def run_probe(name: str, before: str = "", *, as_nobody: bool = False) -> str:
    """What one attempt got; empty where it was refused. `before` is run in the child first."""
    if as_nobody and os.getuid() == 0:
        before += f"\nos.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})"
    return run_code(f"{before}\nprint(PROBES[{name!r}](), end='')")
