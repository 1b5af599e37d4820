"""The Python interpreters of this machine, as oracles: pyenv's, those on PATH, and ours."""

import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


@functools.cache
def interpreter(version: str) -> str | None:
    """The path of a Python of this version, or None where there is none."""
    if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(root.glob(f"{version}.*/bin/python")) if root.is_dir() else []
    found = str(installed[-1]) if installed else shutil.which(f"python{version}")
    return found if found and _says(found, version) else None


def require_interpreter(version: str) -> str:
    """The path of a Python of this version; skips the test where there is none."""
    path = interpreter(version)
    if path is None:
        pytest.skip(f"Python {version} is not installed")
    return path


def _says(path: str, version: str) -> bool:
    try:
        done = subprocess.run([path, "-V"], check=False, capture_output=True, text=True, timeout=20)
    except OSError:
        return False
    return bool(re.match(rf"Python {re.escape(version)}\.", done.stdout or done.stderr))
