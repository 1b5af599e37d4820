"""A command of healer's own that runs beside the daemon: an approval runs for a minute, and a crash
of it is not one of the daemon.

Belongs here: starting it, whether it is over, and its last word. Does not belong here: which one,
and what follows from its end (`healer.daemon.tasks`).
"""

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from quarantine.repository import Repository


class CommandEnd(NamedTuple):
    """How it ended."""

    exit_code: int
    sentence: str
    """The last line that it printed, or else its exit code."""


class OwnCommand:
    """One that runs; whoever has started it finishes it once it is over."""

    def __init__(
        self,
        repository: Repository,
        words: Sequence[str],
        *,
        data: bytes = b"",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Starts `healer` with these words in the repository; `data` is its standard input, and
        `environment` the process's own where it is None."""
        root = repository.root or repository.git_dir
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `finish`
        with tempfile.TemporaryFile() as source:
            source.write(data)
            source.seek(0)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "healer", "--repo", str(root), *words],
                stdin=source,
                stdout=self._output,
                stderr=subprocess.STDOUT,
                cwd=root,
                env=environment,
                start_new_session=True,
            )

    @property
    def is_over(self) -> bool:
        return self._process.poll() is not None

    def finish(self) -> CommandEnd:
        """Waits for its end, and gives back what it needed. Once."""
        code = self._process.wait()
        with self._output:
            self._output.seek(0)
            lines = self._output.read().decode("utf-8", "replace").strip().splitlines()
        return CommandEnd(code, lines[-1] if lines else f"exit {code}")
