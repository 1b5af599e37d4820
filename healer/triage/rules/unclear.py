"""What cannot be told from here: a person reviews the fix.

Belongs here: the rows of this kind. Does not belong here: what a closer look could tell (the other
tables).
"""

from healer.triage.conditions import REVIEW, Condition, Rule, is_type, says

UNCLEAR_RULES: tuple[Rule, ...] = (
    Rule(
        "failed program",
        "code",
        is_type("CalledProcessError"),
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
        is_type("AssertionError")
        & Condition(lambda it: it.failure.source not in ("check", "baseline")),
        "The script's own check of its data failed",
        REVIEW,
    ),
)
