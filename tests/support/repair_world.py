"""What the workflow's tests share: a small repository with real services, and who is asked."""

from typing import Any


class Asked:
    """Notes which scripts are to be checked."""

    def __init__(self) -> None:
        self.scripts: list[str] = []

    def check(self, script: str) -> None:
        self.scripts.append(script)


def never() -> Any:
    raise AssertionError("no task needs a sandbox")
