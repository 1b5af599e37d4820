"""Whose container is this? Labels that let anybody tell a living owner from a dead one.

Belongs here: what a label says, and whether an owner lives. Does not belong here: removing anything
(`sweeper`).
"""

import os
import secrets
import time
from pathlib import Path

from sandbox.facts import Fact

MARK = "healer"
SESSION = "healer.session"
OWNER = "healer.owner"
CREATED = "healer.created"
DEADLINE = "healer.deadline"
IDLE_S = 600.0
"""How long a prepared container may wait for a job."""
MARGIN_S = 60.0


class Owner(Fact):
    """One process of one machine since it started; a process id alone is used again."""

    machine: str
    pid: int
    started: str

    def label(self) -> str:
        return f"{self.machine}/{self.pid}/{self.started}"

    @classmethod
    def parse(cls, label: str) -> "Owner | None":
        parts = label.split("/")
        if len(parts) != 3 or not parts[1].isdigit():  # noqa: PLR2004 - as `label` writes it
            return None
        return cls(machine=parts[0], pid=int(parts[1]), started=parts[2])


def new_session() -> str:
    return secrets.token_hex(6)


def owner_of_this_process() -> Owner:
    pid = os.getpid()
    return Owner(machine=_machine(), pid=pid, started=_start_time(pid))


def is_dead(owner: Owner) -> bool:
    """True only when it is certain: the owner was on this machine and runs no more."""
    return owner.machine == _machine() and _start_time(owner.pid) != owner.started


def labels(session: str, owner: Owner, timeout_s: float) -> dict[str, str]:
    """What every container carries. The deadline is the latest moment at which it is of use."""
    now = time.time()
    return {
        MARK: "1",
        SESSION: session,
        OWNER: owner.label(),
        CREATED: f"{now:.0f}",
        DEADLINE: f"{now + IDLE_S + timeout_s + MARGIN_S:.0f}",
    }


def _machine() -> str:
    """This boot of this machine, and the process namespace that ids are counted in."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - not a path
    except OSError:
        return "unknown"
    return f"{boot}-{namespace.strip('pid:[]')}"


def _start_time(pid: int) -> str:
    """When the process began, in clock ticks since boot; empty when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
