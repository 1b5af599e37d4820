"""The step that runs one command, the failing one or a test runner that is not pytest.

Belongs here: how a command is started, as a shell would. Does not belong here: its limits
(`child`), and whether its end is good news (the host's).
"""

import contextlib
import functools
import json
import os
import shutil
import sys

from ..messages import CommandPlan, Lines, ProcessEnd
from ..tracing import request
from .box import Box
from .child import CHANNEL_FD

_MOST_TOLD = 200


def run(box: Box, plan: CommandPlan, trace: Lines) -> ProcessEnd:
    """Runs one command inside a fresh tree."""
    outcome = box.run(
        functools.partial(_start_in_folder, plan, trace),
        files=plan["files"],
        stdin=plan["stdin"],
        shares_channel=bool(trace),
    )
    channel = outcome.channel.bytes()
    end: ProcessEnd = {**outcome.fields(), "executed": request.read_channel(channel, trace)}
    if plan.get("world"):
        end["missed"] = _read_facts(channel, "missed")
        end["borrowed"] = _read_facts(channel, "borrowed")
    return end


def _read_facts(channel: bytes, kind: str) -> list[str]:
    """What the peers say of this kind, each once; other lines are passed."""
    facts: dict[str, None] = {}
    for line in channel.splitlines():
        with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
            facts[str(json.loads(line)[kind])] = None
    return list(facts)[:_MOST_TOLD]


def _start_in_folder(plan: CommandPlan, trace: Lines) -> int:
    folder = plan["cwd"]
    world = plan.get("world")
    if world:
        from ..world import stage

        stage.prepare_environment(stage.set_stage(world, CHANNEL_FD))
    try:
        os.chdir(folder or ".")
    except OSError as error:
        os.write(2, f"{folder}: {error.strerror}\n".encode("utf-8", "replace"))
        return 127
    return become(plan["argv"], plan["env"], trace)


def become(argv: list[str], env: dict[str, str], trace: Lines | None) -> int:
    """Becomes the command; `trace`: None for all that runs. Like a shell: 127 when there is no such
    program, 126 when it is none."""
    os.environ.update(env)
    if trace is None or trace:
        request.prepare_environment(trace)
    program = sys.executable if argv[0] in ("python", "python3") else argv[0]
    path = program if "/" in program else shutil.which(program)
    try:
        if path is None:
            raise FileNotFoundError(2, "No such program in the sandbox image")
        os.execv(path, [argv[0] if path != sys.executable else path, *argv[1:]])
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode("utf-8", "replace"))
        return 127 if isinstance(error, FileNotFoundError) else 126
