"""A command started as a step starts one that runs tests: its channel and its end are kept."""

import os
import subprocess
import sys
from pathlib import Path

from sandbox.inside.pytest_checks.command_run import CommandTests
from tests.support.git import write_files

_REPOSITORY = Path(__file__).parents[3]
_START = """\
import os, sys
sys.path.insert(0, sys.argv[1])
from sandbox.inside.tracing import heirs
kinds = dict.fromkeys(sys.argv[3].split(","))
heirs.hand_down(heirs.make_request(kinds, sys.argv[2]))
os.chdir(sys.argv[2])
os.execv(sys.executable, [sys.executable, *sys.argv[4:]])
"""


class Ended:
    """How a command ended, and what its tests reported."""

    def __init__(self, channel: bytes, end: subprocess.CompletedProcess[str]) -> None:
        self.channel = channel
        self.end = end
        self.tests = CommandTests(channel.splitlines())

    @property
    def outcomes(self) -> dict[str, str]:
        return {node: each["outcome"] for node, each in self.tests.results.items()}


def run_python(
    folder: Path, files: dict[str, str], *words: str, kinds: str = "results", **variables: str
) -> Ended:
    """Runs this Python with the words in the folder that holds the files."""
    write_files(folder, files)
    read, write = os.pipe()
    with os.fdopen(read, "rb") as channel:
        try:
            end = subprocess.run(
                [
                    *("bash", "-c", f'exec "$@" 3>&{write}', "-", sys.executable, "-c", _START),
                    *(str(_REPOSITORY), str(folder), kinds, *words),
                ],
                env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **variables},
                pass_fds=[write],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        finally:
            os.close(write)
        return Ended(channel.read(), end)
