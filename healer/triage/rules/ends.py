"""Jobs that ended without a traceback, by exit code, signal and output.

Belongs here: the rows of this kind. Does not belong here: exceptions (the other tables).
"""

import re

from healer.triage.conditions import REVIEW, Condition, Rule, has_exit_code, has_signal, says
from healer.triage.observation import Observation

_NEVER_STARTED = (
    r"command not found|: not found$|no such file or directory$|can't open file|No module named"
    r"|permission denied$|cannot execute|exec format error|is a directory$"
)

_OTHER_LANGUAGES = re.compile(
    r"(?:^|/)(?:node|nodejs|deno|bun|ruby|perl|php|java|go|Rscript|lua|julia|pwsh|dotnet|cargo|tclsh)$"
    r"|\.(?:m?js|ts|rb|pl|php|jar|R|lua|jl|ps1|go|rs)$"
)


def _is_other_language(observation: Observation) -> bool:
    """By the program, or the file that it is given. A shell script may start Python."""
    failure = observation.failure
    words = (*failure.argv[:2], failure.script)
    return not failure.script.endswith(".py") and any(map(_OTHER_LANGUAGES.search, words))


END_RULES: tuple[Rule, ...] = (
    Rule(
        "time limit",
        "code",
        Condition(lambda it: it.failure.timed_out),
        "The job ran past its time limit: it hangs, or it needs longer",
        REVIEW,
    ),
    Rule(
        "stopped",
        "interrupted",
        has_signal(1, 2, 3, 15),
        "Someone or the system stopped the job",
        "Start it again if it was not meant.",
    ),
    Rule(
        "reader gone",
        "interrupted",
        has_signal(13),
        "What read the job's output stopped reading",
        "Check the command that follows it in the pipe.",
    ),
    Rule(
        "killed",
        "environment",
        has_signal(9),
        "The job was killed: most often for want of memory",
        "Look at the system's log; give the job more memory, or less data at a time.",
    ),
    Rule(
        "resource limit",
        "environment",
        has_signal(24, 25),
        "The job ran into a limit on processor time or file size",
        "Raise the limit, if the job is right.",
    ),
    Rule(
        "native crash",
        "code",
        has_signal(4, 6, 7, 8, 11) | says(r"^Fatal Python error"),
        "The interpreter or a native library crashed",
        REVIEW,
    ),
    Rule(
        "not started",
        "environment",
        has_exit_code(126, 127)
        | has_exit_code(1, 2) & says(rf"\A[^\n]{{0,300}}(?:{_NEVER_STARTED})[^\n]{{0,200}}\Z"),
        "The command could not be started",
        "Correct the command, its path or its permissions.",
    ),
    Rule(
        "wrong arguments",
        "deliberate",
        has_exit_code(2, 64) & says(r"^usage: |\berror: (?:unrecognized|the following) arguments"),
        "The job was called with arguments that it does not accept",
        "Correct the job's command.",
    ),
    Rule(
        "disk full",
        "environment",
        says(r"no space left on device|disk quota exceeded"),
        "The disk or its quota is full",
        "Free space where the job writes, then run it again.",
    ),
    Rule(
        "another language",
        "environment",
        Condition(_is_other_language),
        "The job is no Python program, and healer repairs Python",
        "Repair it by hand; healer tells of it when it fails.",
    ),
    Rule(
        "deliberate exit",
        "deliberate",
        Condition(lambda it: it.signal is None and it.failure.exit_code not in (None, 0)),
        "The job ended itself without a traceback",
        "Read what it printed; it asked for this.",
    ),
)
