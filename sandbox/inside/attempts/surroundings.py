"""What the environment gives away."""

from __future__ import annotations

import contextlib
import os
import socket

from .tools import probe


@probe("environment: variables")
def _variables() -> str:
    expected = {"PATH", "HOME", "TMPDIR", "LANG", "TZ", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE"}
    expected |= {"USER", "LOGNAME"}
    extra = set(os.environ) - expected - {"LC_CTYPE"}
    return f"{sorted(extra)}" if extra else ""


@probe("environment: name of the host")
def _host_name() -> str:
    return (
        "" if socket.gethostname() in ("server", "node-7") else f"host name {socket.gethostname()}"
    )


@probe("environment: files of users")
def _homes() -> str:
    for folder in ("/root", "/home"):
        with contextlib.suppress(OSError):
            secrets = [name for name in os.listdir(folder) if name in (".ssh", ".aws", ".netrc")]
            if secrets:
                return f"{folder} holds {secrets}"
    return ""
