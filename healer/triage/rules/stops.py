"""A job that was ended from outside, or by its own decision.

Belongs here: the rows of this kind. Does not belong here: a job without a traceback (`ends`).
"""

from healer.triage.conditions import Rule, is_from, is_type, says

STOP_RULES: tuple[Rule, ...] = (
    Rule(
        "broken expectation",
        "code",
        is_from("healer") & is_type("ExpectationError"),
        "The job ended well and left something else than what is expected",
        "Look at what it read that day; `healer show ID --tape` has it. Where this is right from "
        "now on, change the [[job.expect]] of healer.toml.",
    ),
    Rule(
        "keyboard interrupt",
        "interrupted",
        is_type("KeyboardInterrupt", "CancelledError"),
        "Someone stopped the job",
        "Start it again if it was not meant.",
    ),
    Rule(
        "deliberate exit",
        "deliberate",
        is_type("SystemExit", "Exit", "Abort", "UsageError", "BadParameter", "ClickException"),
        "The script ended itself",
        "Read what it printed; it asked for this.",
    ),
    Rule(
        "reader gone",
        "interrupted",
        is_type("BrokenPipeError") & ~says(r"socket|ssl|http"),
        "What read the job's output stopped reading",
        "Check the command that follows it in the pipe.",
    ),
)
