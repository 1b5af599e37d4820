"""Whether a fix leaves the job's recorded good runs as they were.

Belongs here: replaying good runs on both trees and comparing what they print. Does not belong
here: how good runs are kept (`healer.watch.runner.run_log`), or what a difference means
(`healer.judge`).
"""

import base64
import binascii
from collections.abc import Iterable
from typing import TYPE_CHECKING

from healer.evidence.commands import make_command
from healer.judge import Replay
from healer.services.runner import PackableTree, SandboxRunner
from healer.watch.runner.tail import TAIL_BYTES
from sandbox import Command, Plan, ProcessEnd

if TYPE_CHECKING:
    from healer.watch.runner.run_log import GoodRun


def replay_good_runs(
    records: "Iterable[GoodRun]",
    base: PackableTree,
    tree: PackableTree,
    changed_paths: Iterable[str],
    runner: SandboxRunner,
) -> tuple[Replay, ...]:
    """One comparison per good run that can be told; the base's runs cost nothing twice.

    A run whose command has no words, or whose record cannot be read, is left out. So are runs
    that the sandbox could not make: they say nothing for or against the fix.
    """
    replays = []
    for record in records:
        command = _recorded_command(record, set(changed_paths))
        if command is None:
            continue
        before = runner.run(base, Plan(command=command), from_cache=True).command
        after = runner.run(tree, Plan(command=command)).command
        if before is not None and after is not None:
            replays.append(_make_replay(record, before, after))
    return tuple(replays)


def _recorded_command(record: "GoodRun", changed_paths: set[str]) -> Command | None:
    """The recorded command; an input that the fix changes is taken as the fix has it."""
    try:
        words = [str(word) for word in record.get("command") or record["argv"]]
        inputs = {
            str(path): base64.b64decode(data)
            for path, data in dict(record.get("inputs") or {}).items()
            if path not in changed_paths and not str(path).endswith(".py")
        }
        stdin = base64.b64decode(record.get("stdin") or "")
    except (KeyError, TypeError, ValueError, binascii.Error):
        return None
    folder = str(record.get("folder", ""))
    return make_command(words, stdin, inputs, folder) if words else None


def _make_replay(record: "GoodRun", before: ProcessEnd, after: ProcessEnd) -> Replay:
    return Replay(
        run=f"{' '.join(map(str, record['argv']))}, {str(record.get('occurred_at', ''))[:10]}",
        recorded=_tail(str(record.get("stdout", ""))),
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
