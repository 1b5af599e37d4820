"""The verdict: a pure function of baseline, evidence and policy.

Belongs here: the names by which the rest of healer asks the judge. Does not belong here: any code.
"""

from healer.judge.checks import FAULT_RULES, describe_end
from healer.judge.facts import (
    Check,
    Evidence,
    MutationScore,
    Places,
    Rival,
    Rivals,
    Target,
    Verdict,
    WeaknessKind,
)
from healer.judge.kills import classify_mutant
from healer.judge.nights import Nights
from healer.judge.objection import apply_agreement, apply_objection, lacks_only_values
from healer.judge.outcomes import (
    BAD,
    GOOD,
    compare_tests,
    explain_abort,
    explain_no_start,
    find_failing_tests,
    find_trace,
    find_uncollected,
    is_concerned,
)
from healer.judge.pins import PinProof
from healer.judge.replays import Replay, ReplayComparison, compare_replays
from healer.judge.verdict import judge, refuse_by_policy

__all__ = [
    "BAD",
    "FAULT_RULES",
    "GOOD",
    "Check",
    "Evidence",
    "MutationScore",
    "Nights",
    "PinProof",
    "Places",
    "Replay",
    "ReplayComparison",
    "Rival",
    "Rivals",
    "Target",
    "Verdict",
    "WeaknessKind",
    "apply_agreement",
    "apply_objection",
    "classify_mutant",
    "compare_replays",
    "compare_tests",
    "describe_end",
    "explain_abort",
    "explain_no_start",
    "find_failing_tests",
    "find_trace",
    "find_uncollected",
    "is_concerned",
    "judge",
    "lacks_only_values",
    "refuse_by_policy",
]
