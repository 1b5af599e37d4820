"""What cannot be told from here: a person reviews the fix.

Belongs here: the rows of this kind. Does not belong here: what a closer look could tell (the other
tables).
"""

from healer.triage.conditions import REVIEW, Condition, Rule, is_type, says

IS_OF_JOB = Condition(lambda it: it.failure.source not in ("check", "baseline"))
"""Not of a test, where assertions, and programs that it starts to look at, are what fails."""

UNCLEAR_RULES: tuple[Rule, ...] = (
    Rule(
        "failed program",
        "code",
        is_type("CalledProcessError") & IS_OF_JOB,
        "A program that the script started failed",
        REVIEW,
    ),
    Rule(
        "unreadable answer",
        "code",
        is_type("JSONDecodeError") & says(r"\(char 0\)"),
        "What should have been JSON is not: an empty or a changed answer",
        REVIEW,
    ),
    Rule(
        "assertion",
        "code",
        is_type("AssertionError") & IS_OF_JOB,
        "The script's own check of its data failed",
        REVIEW,
    ),
)
