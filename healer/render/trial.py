"""A trial as text: a table of scripts, and one line for each case.

Belongs here: words and columns. Does not belong here: the page (`trial_page`), or printing
(`healer.cli.trial`).
"""

from collections.abc import Iterator
from datetime import date, timedelta

from healer.render.trial_report import CaseEnd, LikenessKind, ScriptTrial, TrialCase, TrialReport

ENDS: dict[CaseEnd, str] = {
    "merged": "would have merged",
    "waits": "would have waited for a person",
    "nothing": "no fix",
    "unusable": "cannot be replayed",
}
LIKENESS: dict[LikenessKind, str] = {
    "same": "the person's code",
    "alike": "does what the person's fix does",
    "differs": "does otherwise than the person's fix",
    "unknown": "not compared",
}
SCRIPT_HEADER = (
    "script", "cases", "merged", "right", "wrong?", "waiting", "no fix", "USD", "min", "autonomy",
)  # fmt: skip


def script_row(script: ScriptTrial) -> tuple[str, ...]:
    """The cells below `SCRIPT_HEADER`."""
    return (
        script.script,
        str(script.cases),
        str(script.merged),
        str(script.right),
        str(script.differing),
        str(script.waiting),
        str(script.nothing),
        f"{script.cost_usd:.2f}",
        f"{script.seconds / 60:.1f}",
        f"{script.proposal}: {script.why}",
    )


def day_of(at: int) -> str:
    """The day of a Unix time, in UTC, such as `2026-05-01`."""
    return (date(1970, 1, 1) + timedelta(seconds=at)).isoformat()


def case_line(case: TrialCase) -> str:
    """`2026-05-01 1a2b3c4d5e6f scripts/x.py: would have merged (rules); …`."""
    by = f" ({case.rule or case.drafter})" if case.drafter else ""
    line = f"{day_of(case.at)} {case.id[:12]} {case.script}: {ENDS[case.end]}{by}"
    if case.likeness:
        line += f"; {LIKENESS[case.likeness.kind]}"
        return f"{line}: {case.likeness.detail}" if case.likeness.detail else line
    return f"{line}: {case.reason}"


def summary(report: TrialReport) -> Iterator[str]:
    """What all cases say, in sentences."""
    usable = report.usable
    merges = [case for case in usable if case.end == "merged"]
    kinds = [case.likeness.kind for case in merges if case.likeness]
    waiting = sum(case.end == "waits" for case in usable)
    yield (
        f"{len(usable)} of {len(report.cases)} could be replayed: {len(merges)} would have merged, "
        f"{waiting} would have waited, {len(usable) - len(merges) - waiting} would not be mended"
    )
    if merges:
        right = kinds.count("same") + kinds.count("alike")
        yield (
            f"of those that would have merged, {right} do what the person's fix does, "
            f"{kinds.count('differs')} otherwise, {len(merges) - right - kinds.count('differs')} "
            "could not be compared"
        )
    cost = sum(case.cost_usd for case in report.cases)
    seconds = sum(case.seconds for case in report.cases)
    yield f"it took {seconds / 60:.1f} minutes and {cost:.2f} USD; nothing was merged"
    if report.stopped:
        yield f"ended early: {report.stopped}"
    if report.has_more:
        yield "what is older was not tried; see --most and --since"
