"""When a person is asked one question instead of being shown a patch.

Belongs here: from rivals to a question, or none, and from a person's words to an answer. Does not
belong here: what becomes of it (`answer`). Pure.
"""

import ast
import re

from healer.facts.errors import UsageError
from healer.facts.question import Choice, Question
from healer.judge import Evidence, Rival, Verdict

MOST_CHOICES = 4
_RAISES = re.compile(r"raises [A-Za-z_][\w.]*")


def ask_question(verdict: Verdict, evidence: Evidence | None) -> Question | None:
    """The question whose answer would settle it; None where the evidence lacks more than that, or
    no rival is told apart by a call that can be written down."""
    rivals = evidence.rivals if evidence else None
    if verdict.kind != "fixed" or verdict.strong or rivals is None:
        return None
    if set(verdict.weaknesses) != {"ambiguous"}:
        return None
    telling = [rival for rival in rivals.rivals if _can_be_asked(rival)]
    if not telling:
        return None
    first = min(telling, key=lambda rival: (len(rival.given), rival.given))
    choices = {first.fix_gives: Choice(outcome=first.fix_gives, is_fix=True)}
    for rival in telling:
        is_same_call = (rival.path, rival.function, rival.given) == (
            first.path, first.function, first.given,
        )  # fmt: skip
        if is_same_call and len(choices) < MOST_CHOICES:
            content = "" if rival.shape == "base" else rival.content
            outcome = rival.rival_gives
            choices.setdefault(outcome, Choice(outcome=outcome, content=content))
    if len(choices) < 2:  # noqa: PLR2004 - a question has two answers
        return None
    return Question(
        path=first.path, function=first.function, given=first.given, choices=tuple(choices.values())
    )


def _can_be_asked(rival: Rival) -> bool:
    """A call of a plain function with literal arguments, both of whose outcomes can be asserted."""
    is_plain = rival.function.isidentifier() and not _is_method(rival)
    return is_plain and all(
        (
            is_literal(rival.given, of=tuple),
            is_outcome(rival.fix_gives),
            is_outcome(rival.rival_gives),
        )
    )


def _is_method(rival: Rival) -> bool:
    """A function that does not stand at the top of its module cannot be imported by its name."""
    try:
        module = ast.parse(rival.content)
    except (SyntaxError, ValueError, RecursionError):
        return True
    return not any(
        isinstance(node, ast.FunctionDef) and node.name == rival.function for node in module.body
    )


def is_outcome(text: str) -> bool:
    """Whether a test can assert it: a literal, or the name of an exception after `raises`."""
    return bool(_RAISES.fullmatch(text)) or is_literal(text)


def is_literal(text: str, of: type = object) -> bool:
    """Whether the text is a Python literal of this type."""
    try:
        return isinstance(ast.literal_eval(text), of)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


def choose_outcome(question: Question, choice: str, value: str) -> str:
    """What a person's words choose, empty for none of these. Raises UsageError.

    `choice` is a number from 1, an outcome as it stands there, or `none`; `value` another Python
    literal, or `raises NameOfException`."""
    if value:
        if not is_outcome(value):
            raise UsageError(
                f"--value {value!r} is neither a Python literal nor like 'raises KeyError'"
            )
        outcomes = (each.outcome for each in question.choices)
        return next((each for each in outcomes if _is_same(each, value)), value)
    word = choice.strip()
    if word.casefold() in ("none", "none of these"):
        return ""
    if word.isdecimal() and 1 <= int(word) <= len(question.choices):
        return question.choices[int(word) - 1].outcome
    for each in question.choices:
        if _is_same(each.outcome, word):
            return each.outcome
    raise UsageError(
        f"{choice!r} is none of the choices; give 1 to {len(question.choices)}, or none"
    )


def _is_same(outcome: str, words: str) -> bool:
    if not (is_literal(outcome) and is_literal(words)):
        return outcome == words
    first, second = ast.literal_eval(outcome), ast.literal_eval(words)
    return bool(first == second and type(first) is type(second))
