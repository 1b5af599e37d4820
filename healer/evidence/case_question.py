"""The one question of a case without tests: what should the call that failed give?

Belongs here: the call, and what the fix and its rivals make of it, all seen in the sandbox. Does
not belong here: a question between fixes that tests let pass (`healer.repair.question`), or what
becomes of the answer (`healer.repair.answer`).
"""

import builtins
from collections.abc import Iterable, Iterator

from healer.draft.edits import EditRefused, apply
from healer.evidence.commands import make_command_to_heal
from healer.evidence.overlay import Overlay
from healer.evidence.recorded_call import CallFinder, RecordedCall, read_literal
from healer.facts.draft import Draft
from healer.facts.question import Choice, Question
from healer.facts.repair import Baseline, Request
from healer.services import Services
from healer.services.runner import PackableTree
from quarantine.policy.rules.source_text import find_orders

MOST_CHOICES = 4
MOST_RIVALS = 8


def find_question(
    request: Request,
    baseline: Baseline,
    fix: PackableTree,
    rivals: Iterable[Draft],
    services: Services,
) -> Question | None:
    """What a person is asked where a fix runs well and nothing says what the failing case should
    give: the fix's outcome, those of other drafts, and the failure itself. None where no call that
    a test can make shows the failure. Raises SandboxError."""
    base, failure = services.repository.tree(request.base), baseline.failure
    command = make_command_to_heal(request.failure, baseline.command, base, services.recordings)
    if command is None or failure is None or failure.exception is None:
        return None
    finder = CallFinder(base, fix, command, services.runner)
    for call in finder.find(failure):
        choices = {call.gives: Choice(outcome=call.gives, is_fix=True)}
        for choice in _list_others(call, finder, rivals):
            choices.setdefault(choice.outcome, choice)
        error = failure.exception.type.rpartition(".")[2]
        if len(choices) < MOST_CHOICES and hasattr(builtins, error):
            stays = Choice(outcome=f"raises {error}")
            choices.setdefault(stays.outcome, stays)
        question = Question(
            path=call.path,
            function=call.function,
            given=repr(call.arguments),
            choices=tuple(choices.values())[:MOST_CHOICES],
        )
        if len(choices) > 1 and _can_be_sent(question, services):
            return question
    return None


def _list_others(
    call: RecordedCall, finder: CallFinder, rivals: Iterable[Draft]
) -> Iterator[Choice]:
    """What other drafts of the same file make of the call, as far as it can be written down."""
    for draft in list(rivals)[:MOST_RIVALS]:
        try:
            changes = apply(draft.edits, finder.base)
        except EditRefused:
            continue
        content = changes.get(call.path)
        if set(changes) != {call.path} or content is None:
            continue
        tree = Overlay(finder.base, {call.path: content})
        for end in finder.call(tree, call.path, call.function, [call.arguments]):
            is_value = end.how == "gives" and not (end.touches or end.changes)
            if is_value and (end.what == "None" or read_literal(end.what) is not None):
                yield Choice(outcome=end.what, content=content.decode("utf-8", "replace"))


def _can_be_sent(question: Question, services: Services) -> bool:
    """It holds no secret, and nothing that speaks to whoever reads it."""
    text = " ".join([question.call, *(choice.outcome for choice in question.choices)])
    return services.redactor.text(text) == text and not find_orders(text)
