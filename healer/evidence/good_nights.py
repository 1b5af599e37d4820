"""Whether a fix leaves the job's recorded good nights as they were.

Belongs here: replaying good nights on both trees, each in its world. Does not belong here: how
good nights are kept (`healer.tape.good_nights`), or what a difference means (`healer.judge`).
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from healer.evidence.commands import make_night_command
from healer.judge import Replay
from healer.services.runner import PackableTree, SandboxRunner
from healer.tape.facts import Tape
from healer.watch.runner.tail import TAIL_BYTES
from sandbox import Plan, ProcessEnd


def replay_good_nights(
    nights: Iterable[Tape],
    base: PackableTree,
    tree: PackableTree,
    changed_paths: Iterable[str],
    runner: SandboxRunner,
) -> tuple[Replay, ...]:
    """One comparison per good night that can be told; the base's runs cost nothing twice.

    A night whose command has no words is left out. So are those that the sandbox could not make:
    they say nothing for or against the fix.
    """
    replays = []
    for night in nights:
        command = make_night_command(night, base, changed_paths)
        if command is None:
            continue
        before = runner.run(base, Plan(command=command), from_cache=True).command
        after = runner.run(tree, Plan(command=command)).command
        if before is not None and after is not None:
            replays.append(_make_replay(night, before, after))
    return tuple(replays)


def _make_replay(night: Tape, before: ProcessEnd, after: ProcessEnd) -> Replay:
    day = datetime.fromtimestamp(night.started_at, UTC).date()
    return Replay(
        run=f"{' '.join(night.argv)}, {day}",
        recorded=_tail((night.stdout or b"").decode("utf-8", "replace")),
        before=_tail(before.stdout) if _is_good(before) else None,
        after=_tail(after.stdout) if _is_good(after) else None,
    )


def _is_good(end: ProcessEnd) -> bool:
    return end.exit_code == 0 and end.signal is None and not (end.timed_out or end.oom)


def _tail(text: str) -> str:
    """The last lines, as many as a record keeps."""
    if len(text.encode()) <= TAIL_BYTES:
        return text
    cut = text.encode()[-TAIL_BYTES:].decode("utf-8", "ignore")
    return cut.partition("\n")[2] or cut
