"""Why a fix that passes every check is still not proved: one law for each function.

Belongs here: what a green result is worth, and the sentence that says how to add to it. A new law
is a function in `LAWS` with a kind of its own in `facts`. Does not belong here: whether it is green
(`checks`), or how evidence is gathered (`healer.evidence`).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from healer.judge.facts import Evidence, MutationScore, WeaknessKind
from healer.judge.outcomes import Comparison, name_some
from quarantine.policy import Finding

LEAST_KILLED = 0.5
"""Of the mutants of the changed lines, the share that must be killed for strong evidence.
Half, because operators also make equivalent mutants (typically a quarter) that nothing kills."""
MOST_WORDS = 3
"""That are named of those that a fix takes away."""


class Weakness(NamedTuple):
    """One gap in the evidence."""

    kind: WeaknessKind
    sentence: str


class Case(NamedTuple):
    """All that a law may look at."""

    evidence: Evidence
    findings: Sequence[Finding]
    tests: Comparison | None
    """None: neither tree has tests."""


def find_weaknesses(case: Case) -> list[Weakness]:
    """Why a person should decide, the most telling first; empty for strong evidence."""
    return [Weakness(kind, sentence) for kind, find in LAWS for sentence in find(case) if sentence]


def _policy_findings(case: Case) -> Iterator[str]:
    for finding in case.findings:
        if finding.severity == "person" and not case.evidence.settles(finding):
            yield f"{finding.path}:{finding.line}: {finding.reason}"


def _failure_not_seen(case: Case) -> Iterator[str]:
    if case.evidence.heals and not case.evidence.reproduced:
        why = case.evidence.difference or "its input may not be recorded"
        yield (
            f"the reported failure was not seen on the unfixed commit: {why}; "
            "a test that shows it helps too"
        )


def _questions_without_answer(case: Case) -> Iterator[str]:
    if case.evidence.missed:
        yield (
            f"the fix asks the world something that is not recorded ({case.evidence.missed[0]}); "
            "what it does with the answer cannot be proved here"
        )


def _lines_that_nothing_runs(case: Case) -> Iterator[str]:
    total, count = case.evidence.lines_changed, case.evidence.lines_executed
    if total and not count and case.tests and case.tests.uncollected:
        yield (
            f"no check runs the changed lines, and the tests of {case.tests.uncollected[0]} could "
            "not be run; what they import must be committed, or installed where healer's sandbox "
            "takes its packages from (healer doctor names it)"
        )
    elif total and not count:
        yield "no check runs the changed lines; add a test that does"
    elif count < total:
        yield f"{total - count} of {total} changed lines are run by no check"


def _values_that_nothing_confirms(case: Case) -> Iterator[str]:
    """Values are known to be right where the failure leaves no other fix, where a run gives again
    what it gave when all was well, or where a test that failed before tells the changed lines from
    small mistakes; or where the job's nights single the fix out."""
    evidence, nights = case.evidence, case.evidence.nights
    is_known = evidence.forced or evidence.is_known_by_nights or evidence.pins
    if is_known or not (evidence.heals or evidence.changes_code):
        return
    if evidence.heals and not evidence.fail_to_pass and nights:
        if not nights.differs:  # else another law says so
            yield f"no test says what the failing case should give, and {nights.doubt}"
    elif evidence.heals and not evidence.fail_to_pass and evidence.fail_to_pass_of_repairs:
        yield (
            f"{name_some(evidence.fail_to_pass_of_repairs)} failed before and passes now, but an "
            "earlier repair left it and nobody has changed it since: it says what that repair made "
            "of the code, and not what is right"
        )
    elif evidence.heals and not evidence.fail_to_pass:
        yield (
            "no test of the repository fails before the fix and passes after it, so nothing says "
            "what the failing case should give; add such a test, or let the job run "
            "well under: healer run"
        )
    elif evidence.mutation is None:
        yield "whether the tests would notice a wrong change was not measured"
    elif evidence.mutation.cut_short:
        yield "the time ran out before every small mistake in the changed lines was tried"
    elif not evidence.mutation.is_measured:
        yield (
            "nothing in the change can be made wrong in a small way, so nothing shows that the "
            "tests would notice it; a person has to look at what is taken away"
        )
    else:
        nodes = evidence.fail_to_pass if evidence.heals else ()
        yield from _mistakes_that_survive(evidence.mutation, name_some(nodes))


def _pins_that_nothing_proves(case: Case) -> Iterator[str]:
    if case.evidence.pins:
        yield case.evidence.pins.doubt


def _mistakes_that_survive(score: MutationScore, fail_to_pass: str) -> Iterator[str]:
    if score.killed < LEAST_KILLED * score.total:
        example = f", such as {score.survived[0]}" if score.survived else ""
        yield (
            f"the tests notice only {score.killed} of {score.total} small mistakes in the "
            f"changed lines{example}; a test that tells them apart would make this strong"
        )
    elif score.lines_without_kill:
        yield (
            "no test notices a small mistake in one of the changed lines: "
            f"{score.lines_without_kill[0]}; a test that does would make this strong"
        )
    elif score.made_up:
        yield (
            f"the fix brings {score.made_up[0]}, which stands nowhere in the code or in the tests "
            "that failed, and no test notices another number; a test of where it matters would"
        )
    elif fail_to_pass and not score.killed_by_fail_to_pass and (score.total or score.results):
        yield (
            f"{fail_to_pass} failed before and passes now, and yet says nothing of the result; "
            "assert in it what the failing case should give"
        )


def _good_runs_that_differ(case: Case) -> Iterator[str]:
    if case.evidence.good_runs.same is False:
        yield f"a recorded good run gives other output: {case.evidence.good_runs.difference}"


def _nights_that_differ(case: Case) -> Iterator[str]:
    """A good night is to stay as it was, whatever else speaks for the fix. How the failing one is
    to end, only a test may say better than the good ones."""
    nights = case.evidence.nights
    if nights and (nights.change or (nights.differs and not case.evidence.fail_to_pass)):
        yield nights.doubt


def _output_that_is_lost(case: Case) -> Iterator[str]:
    if case.evidence.output_kept is False:
        yield "what the script printed before it failed is no longer printed"


def _tests_set_aside(case: Case) -> Iterator[str]:
    if case.tests and case.tests.flaky:
        yield f"flaky tests were set aside: {name_some(case.tests.flaky)}"


def _tests_of_today(case: Case) -> Iterator[str]:
    if case.tests and case.tests.by_date:
        yield (
            f"{name_some(case.tests.by_date)} passes today, and not on the first of the next month"
        )


def _tests_that_were_changed(case: Case) -> Iterator[str]:
    changes = name_some(case.evidence.tests_changed)
    if changes:
        yield (
            f"tests that were there are changed or gone ({changes}); "
            "whether they asked for the right thing before or now, a person has to say"
        )


def _tests_that_say_nothing(case: Case) -> Iterator[str]:
    if case.tests and case.tests.not_started:
        yield f"{case.tests.not_started}; what they would say of the fix is not known"
    elif case.tests and case.tests.is_by_status and case.tests.unrelated:
        yield (
            f"the tests fail before and after ({name_some(case.tests.unrelated)}), and only their "
            "exit status is known; whether the fix has a part in it is not"
        )
    elif case.tests and case.tests.is_by_status:
        yield (
            "of the tests only the exit status is known; whether they would notice a wrong change "
            "is not (tests that pytest runs would say so)"
        )


def _values_of_the_command_alone(case: Case) -> Iterator[str]:
    """Where a good run or the nights say what comes out, no test has to."""
    rivals, is_known = case.evidence.rivals, case.evidence.is_known_by_nights
    if rivals and rivals.unseen_words and not is_known:
        words = ", ".join(f"`{word}`" for word in rivals.unseen_words[:MOST_WORDS])
        yield (
            f"only the failing command needs {words}, and no test says what it should give for "
            "that input; add a test of it"
        )


def _examples_that_fail(case: Case) -> Iterator[str]:
    rivals = case.evidence.rivals
    if rivals and rivals.failing_examples:
        function, _, example = rivals.failing_examples[0].partition(": ")
        yield (
            f"the docstring of `{function}` shows `{example}`, and with the fix that raises or "
            "gives something else; mend that too, or correct the docstring"
        )


_ORDER = {"base": 0, "part": 1}
"""Which rival is told first: a changed answer, then what rides along with a fix."""


def _fixes_that_pass_as_well(case: Case) -> Iterator[str]:
    """The evidence must single the fix out among its neighbours."""
    rivals = case.evidence.rivals
    if rivals is None:
        yield "whether another fix passes as well was not measured; the same command tries it again"
    elif rivals.rivals:
        first = min(rivals.rivals, key=lambda rival: (_ORDER.get(rival.shape, 2), len(rival.given)))
        if first.shape == "base":
            yield (
                f"for {first.given} the fix gives {first.fix_gives}, and before it the answer was "
                f"{first.rival_gives}: nothing says that this was wrong"
            )
        elif first.shape == "again":
            yield (
                f"the same call, {first.given}, gives {first.rival_gives} the first time and "
                f"{first.fix_gives} the second"
            )
        else:
            call = (
                f"for {first.given} this one gives" if first.given else "run as it failed, this one"
            )
            yield (
                f"another fix passes every check and differs: {call} {first.fix_gives}, "
                f"the other {first.rival_gives}; a test of that would decide"
            )
    elif rivals.unpinned:
        function, _, other = rivals.unpinned[0].partition(": ")
        yield (
            f"no test says what `{function}` gives where it failed before: {other} passes as well; "
            "assert what the failing case should give"
        )
    elif rivals.lost_words:
        words = ", ".join(f"`{word}`" for word in rivals.lost_words[:MOST_WORDS])
        yield (
            f"the fix takes away {words}, which had nothing to do with the failure, and no test "
            "asks for that; keep it, or add a test that it would fail"
        )
    elif rivals.unseen_functions:
        name = rivals.unseen_functions[0]
        yield f"no call of `{name}` by the tests can be repeated, to compare what it gave before"
    elif rivals.cut_short:
        yield "the time ran out before every neighbour of the fix was tried"


def _scripts_that_differ(case: Case) -> Iterator[str]:
    for change in case.evidence.script_changes[:1]:
        start = f"`{change.command}` uses what the fix changes, and"
        if change.breaks:
            yield f"{start} ends well no more: {change.after}"
        elif change.file:
            yield f"{start} writes {change.file} otherwise than before"
        else:
            yield f"{start} prints {change.after!r} where it printed {change.before!r}"


LAWS: tuple[tuple[WeaknessKind, Callable[[Case], Iterator[str]]], ...] = (
    ("finding", _policy_findings),
    ("not-reproduced", _failure_not_seen),
    ("not-recorded", _questions_without_answer),
    ("lines-not-run", _lines_that_nothing_runs),
    ("tests-unknown", _tests_that_say_nothing),
    ("value-unknown", _values_that_nothing_confirms),
    ("pin-unproved", _pins_that_nothing_proves),
    ("good-run-differs", _good_runs_that_differ),
    ("night-differs", _nights_that_differ),
    ("output-lost", _output_that_is_lost),
    ("flaky-tests", _tests_set_aside),
    ("date-differs", _tests_of_today),
    ("tests-changed", _tests_that_were_changed),
    ("command-unseen", _values_of_the_command_alone),
    ("example-fails", _examples_that_fail),
    ("ambiguous", _fixes_that_pass_as_well),
    ("script-differs", _scripts_that_differ),
)
"""In the order in which a person reads them."""
