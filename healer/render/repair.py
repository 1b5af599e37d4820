"""One repair on one screen: what failed, the cause, the diff, the evidence, what to type. Pure.

Belongs here: which facts are said, in which order, in which words. Does not belong here: the look
(`document`, `terminal`, `page`).
"""

from healer.render.clean import first_lines, one_line
from healer.render.diff import diff_lines
from healer.render.document import Block, Commands, Diff, Document, Lines, Section, Table, Words
from healer.render.one_line import (
    as_sentence,
    failure_in_three_lines,
    format_count,
    format_duration,
    format_money,
)
from healer.render.repair_view import AttemptView, RepairView, State

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


def repair_document(repair: RepairView, *, history: bool = True) -> Document:
    """The whole screen of `healer show`. Sections without facts are left out."""
    last = repair.last
    sections = (
        Section("", _head(repair)),
        Section("The question", _question(repair)),
        Section("What failed", _failure(repair)),
        Section("Cause, as drafted", _cause(last)),
        Section("Patch", _diff(repair, last)),
        Section("Another way, proved where it is installed", _pin(repair)),
        Section("Checks", (Table(last.checks),) if last and last.checks else ()),
        Section("Evidence", _evidence(repair)),
        Section("Attempts", _attempts(repair)),
        Section(
            "History", (Lines("\n".join(repair.history)),) if history and repair.history else ()
        ),
        Section("Next", (Commands(repair.commands),) if repair.commands else ()),
    )
    return tuple(section for section in sections if section.blocks)


def describe_state(repair: RepairView) -> str:
    """Its state in a person's words: without a fix there is nothing to decide but to end it."""
    if repair.state == "review" and not (repair.has_draft or repair.question):
        why = "no draft passed the checks" if repair.attempts else "there is no draft"
        return f"waits for a person: {why}"
    return STATES[repair.state]


def format_attempt(number: int, attempt: AttemptView) -> str:
    """`2. small-model: no fix: test_total fails (1.2k + 300 tokens, $0.0004, 3.1 s)`."""
    facts = [
        f"{format_count(attempt.tokens_in)} + {format_count(attempt.tokens_out)} tokens"
        if attempt.tokens_in or attempt.tokens_out
        else "",
        format_money(attempt.cost_usd) if attempt.cost_usd else "",
        format_duration(attempt.seconds) if attempt.seconds else "",
    ]
    numbers = ", ".join(fact for fact in facts if fact)
    verdict = one_line(attempt.verdict, _VERDICT_SHOWN)
    return f"{number}. {attempt.drafter}: {verdict}" + (f" ({numbers})" if numbers else "")


def _head(repair: RepairView) -> tuple[Block, ...]:
    title = f"{repair.script or 'A script'} {describe_state(repair)}"
    where = [
        f"repair {repair.repair}",
        f"branch {repair.branch}" if repair.branch else "",
        f"merged as {repair.merged[:12]}" if repair.merged else "",
    ]
    facts = Words(" · ".join(word for word in where if word))
    reason = (Words(repair.reason),) if repair.reason else ()
    probation = (Words(f"It is {repair.watched}."),) if repair.watched else ()
    return (Words(title, strong=True), *reason, *probation, facts)


def _question(repair: RepairView) -> tuple[Block, ...]:
    if not repair.question:
        return ()
    lines = [f"{number}  {choice}" for number, choice in enumerate(repair.choices, 1)]
    return (Words(repair.question, strong=True), Lines("\n".join(lines)))


def _failure(repair: RepairView) -> tuple[Block, ...]:
    if repair.failure is None:
        return ()
    lines = Lines(failure_in_three_lines(repair.failure))
    if not repair.unseen:
        return (lines,)
    return (lines, Words(as_sentence(f"It was never seen in the sandbox: {repair.unseen}")))


def _cause(last: AttemptView | None) -> tuple[Block, ...]:
    return (Words(first_lines(last.cause, 8), is_quote=True),) if last and last.cause else ()


def _diff(repair: RepairView, last: AttemptView | None) -> tuple[Block, ...]:
    if last is None or not last.diff:
        return ()
    marks: dict[tuple[str, int], str] = {}
    for mark in repair.marks:
        place = (mark.path, mark.line)
        marks[place] = f"{marks[place]}; {mark.reason}" if place in marks else mark.reason
    lines = diff_lines(last.diff, marks=marks, limit=DIFF_LINES_SHOWN)
    placed_marks = {line.mark for line in lines}
    others = (f"! {p}: {reason}" for (p, _), reason in marks.items() if reason not in placed_marks)
    return (Diff(lines), *map(Words, others))


def _pin(repair: RepairView) -> tuple[Block, ...]:
    """The pin of what moved, beside a change of code that is to be decided on."""
    pin = next((each for each in repair.attempts[:-1] if each.is_pin), None)
    if pin is None:
        return ()
    return (Words(first_lines(pin.cause, 4)), Diff(diff_lines(pin.diff, limit=DIFF_LINES_SHOWN)))


def _evidence(repair: RepairView) -> tuple[Block, ...]:
    if not repair.strength and not repair.missing:
        return ()
    verdict = {
        "strong": "The evidence is strong.",
        "weak": "The evidence is weak. What is missing:",
        "": "It is no fix yet. What is missing:",
    }[repair.strength]
    news = tuple(missing for missing in repair.missing if missing not in repair.reason)
    if repair.missing and not news:
        verdict = verdict.replace(" What is missing:", " What is missing is said above.")
    if not news:
        return (Words(verdict.removesuffix(" What is missing:")),)
    return (Words(verdict), *(Words(f"– {missing}") for missing in news))


def _attempts(repair: RepairView) -> tuple[Block, ...]:
    if not repair.attempts:
        return ()
    lines = [format_attempt(n, attempt) for n, attempt in enumerate(repair.attempts, start=1)]
    if len(lines) > _EARLIER_SHOWN:
        lines = [f"… {len(lines) - _EARLIER_SHOWN} earlier", *lines[-_EARLIER_SHOWN:]]
    lines.append(f"In all {format_money(repair.cost_usd, is_known=repair.cost_known)}.")
    return tuple(Words(line) for line in lines)
