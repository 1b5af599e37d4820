"""Everything that `healer run` learns of one run of a job, as it was: nothing is redacted yet.

Belongs here: the facts of a run. Does not belong here: how they are learnt (`run`, `pipes`,
`child`), or what of them is recorded (`failure_record`, `run_log`).
"""

from pathlib import Path

from healer.tape.good_nights import KEPT
from healer.watch.runner.child import SIGNAL_BASE
from healer.watch.runner.options import RunOptions
from healer.watch.runner.tail import Tail

MAX_HOOK_BYTES = 16 << 20
MAX_TAPE_BYTES = 32 << 20


class Recording:
    """What a tape may hold, as `[capture]` says."""

    def __init__(
        self,
        *,
        is_on: bool = True,
        network: bool = True,
        max_bytes: int = MAX_TAPE_BYTES,
        good_nights: int = KEPT,
        skip: tuple[str, ...] = (),
    ) -> None:
        """`good_nights`: how many tapes of good runs are kept of a script. `skip`: globs of hosts,
        files and variables of which nothing is kept."""
        self.is_on = is_on
        self.network = network
        self.max_bytes = max_bytes
        self.good_nights = good_nights
        self.skip = skip


class JobRun:
    """One run, filled in as it goes on."""

    def __init__(self, options: RunOptions, cwd: Path, started_at: float) -> None:
        """`started_at` is in seconds since the epoch."""
        self.options = options
        self.cwd = cwd
        self.started_at = started_at
        self.commit = ""
        self.script = ""
        """Relative to the repository's root; empty where the command names none."""
        self.exit_code: int | None = None
        self.signal: int | None = None
        self.timed_out = False
        self.duration_s = 0.0
        self.stdout = Tail()
        self.stderr = Tail()
        self.hook_messages = Tail(MAX_HOOK_BYTES)
        """JSON lines from the Python processes of the job."""
        self.stdin: bytes | None = None
        self.captures = False
        """Whether the job's standard input is to be kept (`capture = true`)."""
        self.recording = Recording()
        self.expect: tuple[dict[str, object], ...] = ()
        """The script's `[[job.expect]]`, as healer.toml has them."""
        self.broken = ""
        """What is otherwise than expected after a run that ended well."""
        self.tape = -1
        """The handle of the memory that the job's Pythons note on what they ask; -1: none."""
        self.printed: Tail | None = None
        """What went to stdout, alone or, where both are one file, with stderr; None: a terminal."""

    @property
    def has_failed(self) -> bool:
        return self.exit_code != 0

    @property
    def hides_error(self) -> bool:
        """It ended well, and a Python of it ended with an exception (in a pipe, say), or logged one
        as an error and went on."""
        return not self.has_failed and bool(self.hook_messages.bytes())

    @property
    def is_failure(self) -> bool:
        """It failed, hides an error, or left something else than what is expected."""
        return self.has_failed or self.hides_error or bool(self.broken)

    @property
    def shell_code(self) -> int:
        """The exit code as a shell reports it."""
        return SIGNAL_BASE + self.signal if self.signal else self.exit_code or 0
