"""What several nights of one job say about each other: what is usual, and what goes on.

Belongs here: effects of runs as documents, their comparison in words, continuity. Pure functions.
Does not belong here: recording (`healer.tape`), running anything (`healer.evidence`), the verdict.
"""

from healer.nights.compare import compare_effects, find_noise
from healer.nights.continuity import Habits, check_continuity
from healer.nights.facts import Continuity, Difference, Night, Reading

__all__ = [
    "Continuity",
    "Difference",
    "Habits",
    "Night",
    "Reading",
    "check_continuity",
    "compare_effects",
    "find_noise",
]
