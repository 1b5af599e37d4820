"""All tapes of one repository, as those who play them back ask for them.

Belongs here: whose tape is wanted. Does not belong here: where tapes lie (`store`, `good_nights`).
"""

from collections.abc import Iterable
from pathlib import Path

from healer.facts.draft import ReadData
from healer.failure import Failure
from healer.tape.facts import Tape
from healer.tape.good_nights import read_good_nights
from healer.tape.reads import list_reads
from healer.tape.store import read_tape, tape_path


class Recordings:
    """The tapes in one state folder; none without one."""

    def __init__(self, state_dir: Path | None = None) -> None:
        self._state_dir = state_dir

    def of_failure(self, failure: Failure) -> Tape | None:
        """The tape of a recorded failure; None where none is kept."""
        if self._state_dir is None or not failure.id:
            return None
        return read_tape(tape_path(self._state_dir, failure.id))

    def of_good_nights(self, scripts: Iterable[str]) -> tuple[Tape, ...]:
        """Those of each script, newest first."""
        if self._state_dir is None:
            return ()
        return tuple(
            tape
            for script in dict.fromkeys(scripts)
            for tape in read_good_nights(self._state_dir, script)
        )

    def find_last_good(self, failure: Failure) -> Tape | None:
        """The newest good night of the command that failed; None where there is none."""
        tape = self.of_failure(failure)
        nights = self.of_good_nights((failure.script,)) if tape else ()
        return next((night for night in nights if tape and night.argv == tape.argv), None)

    def list_reads(self, failure: Failure | None) -> tuple[ReadData, ...]:
        """What the failing run read, beside the newest good night of the same command."""
        tape = self.of_failure(failure) if failure else None
        if failure is None or tape is None:
            return ()
        return list_reads(tape, self.find_last_good(failure))


NO_RECORDINGS = Recordings()
