"""Says what kind of failure this is, and by which rule.

Belongs here: which exception of a chain is judged, and the answer. Does not belong here: the rules
themselves (`rules`), or whether a script may be changed at all (`protected.toml`).

Only a code fault is drafted. Everything else is reported as what it is: a network that is away is
not "fixed" by swallowing the error. What no rule is sure of counts as a code fault that a person
reviews.
"""

from collections.abc import Iterable
from dataclasses import replace

from healer.failure import Fact, Failure, Raised
from healer.triage.conditions import REVIEW, Kind, Rule, words
from healer.triage.observation import Observation
from healer.triage.rules import END_RULES, EXCEPTION_RULES

_MAX_QUOTE = 200
_CODE_FAULTS = words(
    """ArithmeticError AssertionError AttributeError BufferError EOFError FloatingPointError
    ImportError IndentationError IndexError IsADirectoryError KeyError LookupError NameError
    NotADirectoryError NotImplementedError OverflowError RecursionError ReferenceError
    RuntimeError StopAsyncIteration StopIteration SyntaxError TabError TypeError
    UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError
    ValueError ZeroDivisionError ModuleNotFoundError JSONDecodeError InvalidOperation
    UnsupportedOperation ParserError ValidationError UndefinedError InvalidIndexError MergeError
    EmptyDataError DateParseError OutOfBoundsDatetime IntCastingNaNError ExceptionGroup
    BaseExceptionGroup EndlessTestError struct.error re.error csv.Error _csv.Error binascii.Error
    zlib.error sqlite3.ProgrammingError PatternError PydanticUserError PydanticImportError
    ArgumentError ObjectNotExecutableError"""
)
"""Exceptions that Python or a well-known library raises for what the code did."""


class Triage(Fact):
    """What a failure is, and why."""

    kind: Kind
    rule: str
    """The rule's name in the table."""
    reason: str
    """One sentence: what happened."""
    next_step: str
    """What a person does about it; for a sure code fault, that it will be drafted."""
    sure: bool = True
    """False: drafted as a code fault, but a person reviews the fix whatever the checks say."""


def triage(
    failure: Failure,
    *,
    root: str = "",
    declared_modules: Iterable[str] = (),
    own_modules: Iterable[str] = (),
) -> Triage:
    """Sorts one failure by the first rule that fits.

    `root` is the repository's absolute path as the failing run saw it; `declared_modules` are the
    top-level import names of declared dependencies, `own_modules` those of the repository's own
    modules. Without them, rules that need them do not fit.
    """
    end = Observation(failure, None, root, frozenset(declared_modules), frozenset(own_modules))
    if not failure.chain:
        return _apply_first(END_RULES, end) or _unknown_end(failure)
    for exception in _choose_exceptions(failure.chain):
        answer = _apply_first(EXCEPTION_RULES, replace(end, exception=exception))
        if answer:
            return answer
    *_others, root_exception = _choose_exceptions(failure.chain)
    return _code_fault(failure, root_exception)


def _choose_exceptions(chain: tuple[Raised, ...]) -> Iterable[Raised]:
    """The exception that ended the program, then those that it only wraps.

    An exception with `from`, or raised on purpose while another was handled, passes that one on.
    One that happened by itself in a handler is a fault of its own: what was handled is past.
    """
    last = len(chain) - 1
    yield chain[last]
    members = [exception for exception in chain if exception.relation == "group"]
    for index in range(last - 1, -1, -1):
        exception, after = chain[index], chain[index + 1]
        if exception.relation == "context" and not _is_on_purpose(after):
            return
        if exception.relation == "group" and len(members) > 1:
            return  # several members, several reasons: none speaks for the group
        yield exception


def _is_on_purpose(exception: Raised) -> bool:
    return bool(exception.frames) and exception.frames[-1].source.startswith("raise")


def _apply_first(rules: Iterable[Rule], observation: Observation) -> Triage | None:
    for rule in rules:
        if rule.when(observation):
            quote = " ".join(observation.quote.split())[:_MAX_QUOTE].rstrip(". ")
            return Triage(
                kind=rule.kind,
                rule=rule.name,
                reason=f"{rule.reason}: {quote}." if quote else f"{rule.reason}.",
                next_step=rule.next_step,
                sure=rule.is_sure,
            )
    return None


def _code_fault(failure: Failure, exception: Raised) -> Triage:
    """No rule said otherwise: a code fault, and a sure one where Python itself raised it."""
    what = " ".join(f"{exception.type}: {exception.message}".split())[:_MAX_QUOTE].rstrip(":. ")
    name = exception.type.rpartition(".")[2]
    is_own_decision = _is_on_purpose(exception) and exception.frames[-1].own
    if is_own_decision and failure.source not in ("check", "baseline"):
        return _unsure("raised on purpose", f"The script's own code refused to go on: {what}.")
    if not {name, exception.type} & _CODE_FAULTS:
        return _unsure("unknown exception", f"No rule knows this exception: {what}.")
    if failure.culprit is None and not any(f.own for r in failure.chain for f in r.frames):
        return _unsure("no own code", f"No frame lies in the repository's own code: {what}.")
    return Triage(
        kind="code",
        rule="code fault",
        reason=f"The script's code failed: {what}.",
        next_step="A fix is drafted and proved.",
    )


def _unknown_end(failure: Failure) -> Triage:
    how = f"signal {failure.signal}" if failure.signal else f"exit code {failure.exit_code}"
    return _unsure("unknown end", f"The job ended with {how} and no traceback was seen.")


def _unsure(rule: str, reason: str) -> Triage:
    return Triage(
        kind="code",
        rule=rule,
        reason=reason,
        next_step=REVIEW,
        sure=False,
    )
