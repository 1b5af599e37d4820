"""The verdict: a pure function of baseline, evidence and policy."""

from healer.judge.facts import Check, Evidence, Mutants, Verdict
from healer.judge.noticing import noticed
from healer.judge.outcomes import Comparison, broken_off, compare, failing, forged
from healer.judge.replays import Recorded, Replay, compare_replays
from healer.judge.stricter import stricter
from healer.judge.verdict import FAULT_RULES, Question, how_ended, judge, refused, weaknesses

__all__ = [
    "FAULT_RULES",
    "Check",
    "Comparison",
    "Evidence",
    "Mutants",
    "Question",
    "Recorded",
    "Replay",
    "Verdict",
    "broken_off",
    "compare",
    "compare_replays",
    "failing",
    "forged",
    "how_ended",
    "judge",
    "noticed",
    "refused",
    "stricter",
    "weaknesses",
]
