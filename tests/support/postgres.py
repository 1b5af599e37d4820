"""A PostgreSQL server of the test's own, on a socket in a folder that goes with it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

PROGRAMS = ("initdb", "pg_ctl")


def is_installed() -> bool:
    return all(shutil.which(name) for name in PROGRAMS)


@contextmanager
def server() -> Iterator[str]:
    """The URL of an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="healer-pg-"))
    user: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def run(*words: str) -> None:
        subprocess.run(
            words, cwd=folder, check=True, timeout=120, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **user,
        )  # fmt: skip

    data = str(folder / "data")
    options = f"-F -c listen_addresses='' -k {folder}"
    try:
        run("initdb", "-D", data, "-A", "trust", "-U", "healer", "--no-sync")
        run(
            "pg_ctl",
            "-D",
            data,
            "-w",
            "-t",
            "100",
            "-l",
            str(folder / "log"),
            "-o",
            options,
            "start",
        )
        try:
            yield f"postgresql://healer@/postgres?host={quote(str(folder), safe='')}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
