"""Runs jobs under the real `healer run`, in a real git repository."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from healer.failure import Failure
from healer.watch.inbox import Inbox
from tests.support.git import make_repository

PROJECT = Path(__file__).parents[2]


def repository(root: Path, files: Mapping[str, str] | None = None) -> Path:
    """A repository with these files in its first commit."""
    return make_repository(root, {"README": "x", **(files or {})})


def healer_run(*argv: str, options: Sequence[str] = ()) -> list[str]:
    """The command line; healer is loaded from here without PYTHONPATH, which the job would see."""
    start = f"import sys; sys.path.insert(0, {str(PROJECT)!r}); sys.argv[0] = 'healer'\n"
    start += "from healer.__main__ import main; sys.exit(main())"
    return [sys.executable, "-c", start, "run", *options, "--", *argv]


def environment(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **more}


def under_healer(
    *argv: str,
    cwd: Path,
    stdin: bytes | None = None,
    options: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        healer_run(*argv, options=options),
        cwd=cwd,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        env=environment() if env is None else dict(env),
        timeout=60,
        check=False,
    )


def open_inbox(root: Path) -> Inbox:
    return Inbox(root / ".git" / "healer")


def read_failure(root: Path) -> Failure:
    """The one failure that waits."""
    (record,) = open_inbox(root).list_pending()
    return open_inbox(root).read(record)
