"""Whether a fix leaves the job's recorded good nights as they were.

Belongs here: replaying good nights on both trees, each in its world. Does not belong here: how
good nights are kept (`healer.tape.good_nights`), or what a difference means (`healer.judge`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from healer.evidence.commands import make_night_command
from healer.evidence.effects import effects_of
from healer.judge import Replay
from healer.nights import compare_effects
from healer.redact import Redactor
from healer.services.runner import PackableTree, SandboxRunner
from healer.support.work_count import show_count
from healer.tape.effects import effects_of as effects_of_tape
from healer.tape.facts import Tape
from healer.watch.runner.tail import TAIL_BYTES
from sandbox import Plan, ProcessEnd, Report, SandboxError


@dataclass(frozen=True)
class NightRuns:
    """A recorded good night, and how it ends on both trees; None: it could not be run."""

    tape: Tape
    before: ProcessEnd | None
    after: ProcessEnd | None

    @property
    def name(self) -> str:
        """Its command and day, for a person."""
        day = datetime.fromtimestamp(self.tape.started_at, UTC).date()
        return f"{' '.join(self.tape.argv)}, {day}"


def run_good_nights(
    nights: Iterable[Tape],
    base: PackableTree,
    tree: PackableTree,
    changed_paths: Iterable[str],
    runner: SandboxRunner,
) -> tuple[NightRuns, ...]:
    """Each night that has words, on both trees; the base's runs cost nothing twice. Raises
    SandboxError."""
    every, runs = tuple(nights), list[NightRuns]()
    for number, night in enumerate(every, start=1):
        show_count("good nights run again", number, len(every))
        run = run_good_night(night, base, tree, changed_paths, runner)
        runs += [run] if run is not None else []
    return tuple(runs)


def run_good_night(
    night: Tape,
    base: PackableTree,
    tree: PackableTree,
    changed_paths: Iterable[str],
    runner: SandboxRunner,
) -> NightRuns | None:
    """None where its command has no words."""
    command = make_night_command(night, base, changed_paths)
    if command is None:
        return None
    before = runner.run(base, Plan(command=command), from_cache=True)
    after = runner.run(tree, Plan(command=command))
    return NightRuns(night, _read_end(before), _read_end(after))


def _read_end(report: Report) -> ProcessEnd | None:
    """None where the sandbox can never run it, as a tree with a night's files that is too large.
    Raises SandboxError where it only failed at it."""
    if report.fault and report.fault.retryable:
        raise SandboxError.of(report.fault)
    return report.command


def make_replays(nights: Iterable[NightRuns], redactor: Redactor) -> tuple[Replay, ...]:
    """What was printed on each night, and whether all else was done as well. Nights that the
    sandbox could not make are left out: they say nothing for or against the fix."""
    return tuple(
        Replay(
            run=night.name,
            recorded=_tail((night.tape.stdout or b"").decode("utf-8", "replace")),
            before=_tail(night.before.stdout) if is_good(night.before) else None,
            after=_tail(night.after.stdout) if is_good(night.after) else None,
            does_the_same=not compare_effects(
                effects_of_tape(night.tape), effects_of(night.after, night.tape, redactor)
            ),
        )
        for night in nights
        if night.before is not None and night.after is not None
    )


def is_good(end: ProcessEnd | None) -> bool:
    """It ended as a good night does."""
    return (
        end is not None
        and end.exit_code == 0
        and end.signal is None
        and not (end.timed_out or end.oom)
    )


def _tail(text: str) -> str:
    """The last lines, as many as a record keeps."""
    if len(text.encode()) <= TAIL_BYTES:
        return text
    cut = text.encode()[-TAIL_BYTES:].decode("utf-8", "ignore")
    return cut.partition("\n")[2] or cut
