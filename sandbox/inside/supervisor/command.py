"""The step that runs one command, the failing one or a test runner that is not pytest.

Belongs here: how a command is started, as a shell would. Does not belong here: its limits
(`child`), and whether its end is good news (the host's).
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import sys
import time
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any

from ..tracing import request
from . import changes, child
from .child import CHANNEL_FD
from .outcome import OUTPUT_BYTES

if TYPE_CHECKING:
    from ..messages import ChangedFile, CommandPlan, Lines, ProcessEnd, SpokenTurns
    from ..world.messages import World
    from .box import Box

_MOST_TOLD = 200
_WORLD_BYTES = 16 << 20
_LINGER_S = 0.02
"""Peers notice within it that the command is gone, and tell its last words."""
_KINDS = ("missed", "borrowed", "began", "sent", "said")


def run(box: Box, plan: CommandPlan, trace: Lines) -> ProcessEnd:
    """Runs one command inside a fresh tree."""
    world = plan.get("world")
    outcome = box.run(
        functools.partial(_start_in_folder, plan, trace),
        files=plan["files"],
        stdin=plan["stdin"],
        shares_channel=bool(trace),
        channel_bytes=_WORLD_BYTES if world else OUTPUT_BYTES,
        linger_s=_LINGER_S if world else 0.0,
    )
    channel = outcome.channel.bytes()
    end: ProcessEnd = {**outcome.fields(), "executed": request.read_channel(channel, trace)}
    if world:
        facts = read_facts(channel)
        for kind in ("missed", "borrowed"):
            end[kind] = list(dict.fromkeys(str(each) for each in facts[kind]))[:_MOST_TOLD]
        end["effects"] = {
            "files": _find_changes(box, plan, world, facts["began"]),
            "requests": facts["sent"],
            "talks": _join_turns(facts["said"]),
        }
    return end


def decode_command(command: CommandPlan | None) -> None:
    """Makes bytes of its byte fields, in place (JSON carries them as base64)."""
    if command is not None:
        command["stdin"] = urlsafe_b64decode(command["stdin"])
        files = {path: urlsafe_b64decode(data) for path, data in command["files"].items()}
        command["files"] = files


def run_variants(
    box: Box, plan: CommandPlan, variants: list[dict[str, bytes]], limit_s: float
) -> list[ProcessEnd]:
    """Runs it with other contents of some files, each time in a fresh tree."""
    ends, deadline = [], box.deadline
    for contents in variants:
        box.deadline = min(deadline, time.monotonic() + limit_s)
        ends.append(run(box, {**plan, "files": {**plan["files"], **contents}}, {}))
    box.deadline = deadline
    return ends


def read_facts(channel: bytes) -> dict[str, list[Any]]:
    """What was told over the channel, by kind; other lines are passed. A long fact comes in
    pieces (`world.reporting.write_report`)."""
    facts: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    pieces: dict[int, str] = {}
    for line in channel.splitlines():
        with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
            fact = json.loads(line)
            if isinstance(fact, list):
                number, piece, is_last = fact
                pieces[number] = pieces.get(number, "") + piece
                if not is_last:
                    continue
                fact = json.loads(pieces.pop(number))
            for kind, value in fact.items():
                facts[kind].append(value)
    return facts


def _join_turns(turns: list[tuple[int, str, int, str]]) -> list[SpokenTurns]:
    """Each is (number of the conversation, host, port, what was said)."""
    talks: dict[int, SpokenTurns] = {}
    for number, host, port, data in turns:
        talk = talks.setdefault(number, {"host": host, "port": port, "turns": []})
        talk["turns"].append(data)
    return list(talks.values())


def _find_changes(box: Box, plan: CommandPlan, world: World, began: list[int]) -> list[ChangedFile]:
    """What the command changed on disk; nothing where it did not even begin."""
    if not began:
        return []
    from ..world import stage

    before = box.list_contents(plan["files"])
    for file in world["files"]:
        path = stage.find_place(file["path"], world)
        before.setdefault(path, urlsafe_b64decode(file["data"]))
    look = functools.partial(changes.report_changes, before, began[0])
    outcome = box.run_after(look, changes.CHANNEL_BYTES)
    return [json.loads(line) for line in outcome.channel.bytes().splitlines()]


def _start_in_folder(plan: CommandPlan, trace: Lines) -> int:
    folder = plan["cwd"]
    world = plan.get("world")
    if world:
        from ..world import stage

        stage.prepare_environment(stage.set_stage(world, CHANNEL_FD))
        os.write(CHANNEL_FD, b'{"began": %d}\n' % changes.read_clock())
    try:
        os.chdir(folder or ".")
    except OSError as error:
        os.write(2, f"{folder}: {error.strerror}\n".encode("utf-8", "replace"))
        return 127
    return become(plan["argv"], plan["env"], trace)


def split_assignments(argv: list[str]) -> tuple[dict[str, str], list[str]]:
    """What `env NAME=VALUE … PROGRAM …` sets, and the rest. Done by `env` itself it would come
    after what is handed down to the program, and may take its place."""
    if argv[0] != "env":
        return {}, argv
    count = next((n for n, word in enumerate(argv[1:], 1) if "=" not in word[1:]), len(argv))
    pairs = (word.partition("=") for word in argv[1:count])
    is_plain = count < len(argv) and not argv[count].startswith("-")
    return ({name: value for name, _, value in pairs}, argv[count:]) if is_plain else ({}, argv)


def become(
    argv: list[str], env: dict[str, str], trace: Lines | None, *, with_results: bool = False
) -> int:
    """Becomes the command; `trace`: None for all that runs; `with_results`: and it reports how
    tests end that it runs. Like a shell: 127 when there is no such program, 126 when it is none."""
    variables, argv = split_assignments(argv)
    os.environ.update({**env, **variables})
    request.prepare_environment(trace, with_results=with_results, shift_s=child.find_shift())
    program = sys.executable if argv[0] in ("python", "python3") else argv[0]
    path = program if "/" in program else shutil.which(program)
    try:
        if path is None:
            raise FileNotFoundError(2, "No such program in the sandbox image")
        os.execv(path, [argv[0] if path != sys.executable else path, *argv[1:]])
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode("utf-8", "replace"))
        return 127 if isinstance(error, FileNotFoundError) else 126
