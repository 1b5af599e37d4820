"""Carries out what people have decided on the fleet's page, in a worker's turn.

Belongs here: from a decision to the function that does it. Does not belong here: the table
(`healer.services.decisions`), what a daemon does instead (`healer.daemon.tasks.decisions`), and the
decision itself (`healer.repair`).
"""

from pathlib import Path

from healer.facts.decision import DecisionResult
from healer.facts.errors import UsageError
from healer.facts.question import Question
from healer.facts.repair import Dossier
from healer.repair.question import choose_outcome
from healer.repair.run import run_answer, run_decision
from healer.repair.view import list_objections
from healer.services import Services
from healer.services.decisions import MOST_TRIES, OTHER_FIX, AskedDecision


def carry_out_asked(services: Services, state_dir: Path) -> int:
    """All that nobody is at and that this clone has to do; gives their number."""
    decisions, count = services.decisions, 0
    for one in decisions.list_open() if decisions is not None else ():
        rows = services.ledger.find(one.decision.repair)
        if not all(map(services.fleet.hold, rows)):
            continue
        if decisions is not None and decisions.begin(one.number):
            decisions.end(one.number, _carry_out(services, state_dir, one))
            count += 1
    return count


def _carry_out(services: Services, state_dir: Path, one: AskedDecision) -> str:
    if one.tries >= MOST_TRIES:
        return f"Not done: it was cut short {one.tries} times; see the log of the workers."
    row = services.ledger.repair(one.decision.repair)
    if (row.known_result.commit or "") != one.decision.commit:
        return OTHER_FIX
    try:
        result = _decide(services, state_dir, one)
    except UsageError as error:
        return f"Not done: {error}."
    return f"{'Done' if result.done else 'Not done'}: {result.reason}."


def _decide(services: Services, state_dir: Path, one: AskedDecision) -> DecisionResult:
    word = one.decision

    def choose(question: Question) -> str:
        return choose_outcome(question, word.argument, word.value)

    def is_confirmed(dossier: Dossier) -> bool:
        return word.overrule or not list_objections(dossier.last_candidate)

    if word.action == "answer":
        author = f"{word.by.partition(' (')[0]} <>"
        return run_answer(services, state_dir, word.repair, choose, by=word.by, author=author)
    return run_decision(
        services,
        state_dir,
        word.action,
        word.repair,
        by=word.by,
        why=word.argument,
        is_confirmed=is_confirmed,
    )
