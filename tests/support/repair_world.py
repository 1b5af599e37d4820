"""What the workflow's tests share: a small repository with real services, and who is asked."""

import subprocess
from pathlib import Path
from typing import Any


class Asked:
    """Notes which scripts are to be checked."""

    def __init__(self) -> None:
        self.scripts: list[str] = []

    def check(self, script: str) -> None:
        self.scripts.append(script)


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode().strip()


def never() -> Any:
    raise AssertionError("no duty needs a sandbox")
