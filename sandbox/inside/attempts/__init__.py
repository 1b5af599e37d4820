"""The attempts to break out that run inside one container, as drafted code runs.

Belongs here: one function per attempt. Attempts that end or flood a whole container are jobs of
their own, in `sandbox.selfcheck`. `python -m attempts` tries them all and prints JSON lines.
"""

from __future__ import annotations

from . import calls, files, network, processes, surroundings
from .tools import PROBES

__all__ = ["PROBES", "calls", "files", "network", "processes", "surroundings"]
