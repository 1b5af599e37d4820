"""One repair on one screen: what failed, the cause, the diff, the evidence, what to type. Pure.

Belongs here: which facts are said, in which order, in which words. Does not belong here: the look
(`document`, `terminal`, `page`).
"""

from healer.render.clean import first_lines, one_line
from healer.render.diff import diff_lines
from healer.render.document import Block, Diff, Document, Lines, Section, Table, Typed, Words
from healer.render.mail import failure_in_three_lines
from healer.render.one_line import count, duration, money
from healer.render.shown import AttemptShown, RepairShown, State

STATES: dict[State, str] = {
    "waiting": "waits to be started",
    "running": "is being repaired",
    "review": "waits for your decision",
    "healed": "healed",
    "healthy": "was not broken",
    "escalated": "left to people",
    "gave_up": "given up",
    "unjudged": "could not be judged",
    "rejected": "rejected",
    "reverted": "merged and taken out again",
}
DIFF_LINES_SHOWN = 400
_EARLIER_SHOWN = 6
_VERDICT_SHOWN = 100
"""The whole of it stands in the table of checks."""


def repair_document(shown: RepairShown, *, history: bool = True) -> Document:
    """The whole screen of `healer show`. Sections without facts are left out."""
    last = shown.last
    sections = (
        Section("", _head(shown)),
        Section("What failed", _failed(shown)),
        Section("Cause, as drafted", _cause(last)),
        Section("Patch", _diff(shown, last)),
        Section("Checks", (Table(last.checks),) if last and last.checks else ()),
        Section("Evidence", _evidence(shown)),
        Section("Attempts", _attempts(shown)),
        Section("History", (Lines("\n".join(shown.history)),) if history and shown.history else ()),
        Section("Next", (Typed(shown.commands),) if shown.commands else ()),
    )
    return tuple(section for section in sections if section.blocks)


def attempt_line(number: int, attempt: AttemptShown) -> str:
    """`2. small-model: no fix: test_total fails (1.2k + 300 tokens, $0.0004, 3.1 s)`."""
    facts = [
        f"{count(attempt.tokens_in)} + {count(attempt.tokens_out)} tokens"
        if attempt.tokens_in or attempt.tokens_out
        else "",
        money(attempt.cost_usd) if attempt.cost_usd else "",
        duration(attempt.seconds) if attempt.seconds else "",
    ]
    said = ", ".join(fact for fact in facts if fact)
    verdict = one_line(attempt.verdict, _VERDICT_SHOWN)
    return f"{number}. {attempt.drafter}: {verdict}" + (f" ({said})" if said else "")


def _head(shown: RepairShown) -> tuple[Block, ...]:
    title = f"{shown.script or 'A script'} {STATES[shown.state]}"
    where = [
        f"repair {shown.repair}",
        f"branch {shown.branch}" if shown.branch else "",
        f"merged as {shown.merged[:12]}" if shown.merged else "",
    ]
    facts = Words(" · ".join(word for word in where if word))
    reason = (Words(shown.reason),) if shown.reason else ()
    watched = (Words(f"It is {shown.watched}."),) if shown.watched else ()
    return (Words(title, strong=True), *reason, *watched, facts)


def _failed(shown: RepairShown) -> tuple[Block, ...]:
    return (Lines(failure_in_three_lines(shown.failure)),) if shown.failure else ()


def _cause(last: AttemptShown | None) -> tuple[Block, ...]:
    return (Words(first_lines(last.cause, 8), quoted=True),) if last and last.cause else ()


def _diff(shown: RepairShown, last: AttemptShown | None) -> tuple[Block, ...]:
    if last is None or not last.diff:
        return ()
    marks: dict[tuple[str, int], str] = {}
    for mark in shown.marks:
        place = (mark.path, mark.line)
        marks[place] = f"{marks[place]}; {mark.reason}" if place in marks else mark.reason
    lines = diff_lines(last.diff, marks=marks, limit=DIFF_LINES_SHOWN)
    seen = {line.mark for line in lines}
    unplaced = tuple(
        Words(f"! {path}: {reason}") for (path, _), reason in marks.items() if reason not in seen
    )
    return (Diff(lines), *unplaced)


def _evidence(shown: RepairShown) -> tuple[Block, ...]:
    if not shown.strength and not shown.missing:
        return ()
    said = {
        "strong": "The evidence is strong.",
        "weak": "The evidence is weak. What is missing:",
        "": "It is no fix yet. What is missing:",
    }[shown.strength]
    news = tuple(missing for missing in shown.missing if missing not in shown.reason)
    if shown.missing and not news:
        said = said.replace(" What is missing:", " What is missing is said above.")
    if not news:
        return (Words(said.removesuffix(" What is missing:")),)
    return (Words(said), *(Words(f"– {missing}") for missing in news))


def _attempts(shown: RepairShown) -> tuple[Block, ...]:
    if not shown.attempts:
        return ()
    numbered = list(enumerate(shown.attempts, start=1))
    lines = [attempt_line(number, attempt) for number, attempt in numbered[-_EARLIER_SHOWN:]]
    if len(numbered) > _EARLIER_SHOWN:
        lines.insert(0, f"… {len(numbered) - _EARLIER_SHOWN} earlier")
    lines.append(f"In all {money(shown.cost_usd, known=shown.cost_known)}.")
    return tuple(Words(line) for line in lines)
