"""What the kernel's control group says about this container. Read only."""

from __future__ import annotations

_COUNTERS = (
    "/sys/fs/cgroup/memory.events",  # version 2
    "/sys/fs/cgroup/memory/memory.oom_control",  # version 1
)


def oom_kills() -> int:
    """How many processes of this container the kernel killed for memory so far; 0 if unknown."""
    for path in _COUNTERS:
        try:
            with open(path) as file:
                for line in file:
                    name, _, value = line.partition(" ")
                    if name == "oom_kill":
                        return int(value)
        except (OSError, ValueError):
            continue
    return 0
