"""The judge's vocabulary: what is to be healed, what is known, a check, a verdict.

Belongs here: the shapes. Does not belong here: what they mean for a merge (`checks`,
`weaknesses`, `verdict`).
"""

from typing import Literal

from pydantic import Field

from healer.failure import Fact
from healer.judge.nights import Nights
from healer.judge.pins import PinProof
from healer.judge.replays import ReplayComparison
from quarantine.policy import Finding

CheckName = Literal["policy", "syntax", "lint", "reproduce", "tests", "regression", "evidence"]
Status = Literal["pass", "fail", "unjudged", "skipped"]
Kind = Literal["fixed", "unchanged", "regressed", "forbidden", "unjudged"]
WeaknessKind = Literal[
    "finding",
    "not-reproduced",
    "not-recorded",
    "lines-not-run",
    "tests-unknown",
    "value-unknown",
    "pin-unproved",
    "good-run-differs",
    "night-differs",
    "output-lost",
    "flaky-tests",
    "date-differs",
    "tests-changed",
    "command-unseen",
    "example-fails",
    "ambiguous",
    "script-differs",
    "objection",
]
"""Why a fix that passes every check is not proved, for whoever decides from it; the sentences
beside it are for people."""


Places = dict[str, tuple[int, ...]]
"""Code by path: the first lines of functions, 0 for what lies in none (see `FailingTests`)."""


class Target(Fact):
    """What the repair is for, and what the candidate brings."""

    paths: tuple[str, ...]
    """The files that the candidate changes."""
    command: bool = False
    """A failing command is to succeed."""
    tests: bool = False
    """Failing tests are to pass."""
    code: Places = Field(default={})
    """Of the base: what the failure names and what the candidate changes. Every failing test that
    executes any of it is to pass."""
    lines: dict[str, tuple[int, ...]] | None = None
    """First lines of the statements that the candidate adds or changes, by path. None: unknown."""
    own_test: str = ""
    """Node-id prefix of the candidate's own new test; empty when it brings none."""
    own_test_dropped: str = ""
    """Why the candidate's own test was dropped; empty when it was not."""
    is_guess: bool = False
    """Any small edit after which the command succeeds: nothing but that speaks for it."""


_STATUS_WORDS: dict[Status, str] = {
    "pass": "passed",
    "fail": "failed",
    "unjudged": "could not be judged",
    "skipped": "was skipped",
}


class Check(Fact):
    """One row of the table a person sees."""

    name: CheckName
    status: Status
    detail: str
    """One line; names what failed."""
    seconds: float = 0.0

    @property
    def sentence(self) -> str:
        """The row as a line of a prompt. Not `policy: pass: …`, which reads as a password and
        would be redacted as one."""
        return f"{self.name} {_STATUS_WORDS[self.status]}: {self.detail}"


class MutationScore(Fact):
    """Small changes of the changed lines, and how many of them tests told from the fix."""

    killed: int = 0
    """Of `total`, those that a test called wrong."""
    total: int = 0
    """Without those that only crashed: they tell nothing of what the lines compute."""
    killed_by_fail_to_pass: int = 0
    """Of `killed`, or else of `results`, those that a test called wrong which had failed before
    the fix."""
    results: int = 0
    """Other values given back by the functions that hold the changed lines; tried where no such
    test called a mistake in the lines themselves wrong. Without those that only crashed."""
    lines_without_kill: tuple[str, ...] = ()
    """Of each changed line all of whose mutants survived: the first of them."""
    survived: tuple[str, ...] = ()
    """`path:line: before -> after`, for the question put to a person."""
    made_up: tuple[str, ...] = ()
    """Numbers above 2 that the fix brings from nowhere, as they are written: neither the file
    before nor a test that failed has them, and no test tells them from one more or one less."""
    cut_short: bool = False
    """The time limit ended it before every mutant was tried."""

    tried: int = 0
    """With those that only crashed."""

    @property
    def is_measured(self) -> bool:
        """At least one mutant was made and tried."""
        return bool(self.tried or self.total or self.results)


class Rival(Fact):
    """A neighbour of the fix that passes all its tests and acts otherwise."""

    path: str
    line: int
    shape: str
    """What sort of edit it is; `part`: a part of the fix alone."""
    content: str
    """Of the whole file, as the neighbour has it."""
    function: str = ""
    """What is called; a method's first argument is its object. Empty: the failing command."""
    given: str
    """The shortest arguments that tell the two apart, as the text of a tuple."""
    fix_gives: str
    rival_gives: str


class Rivals(Fact):
    """Whether the evidence singles the fix out among its neighbours."""

    tried: int = 0
    passed: int = 0
    """Of the neighbours tried, those that pass every test and the command."""
    rivals: tuple[Rival, ...] = ()
    unpinned: tuple[str, ...] = ()
    """Functions of which no test says what they give where they failed before, with what passes as
    well: another answer, other content, another nothing, another part of a tuple."""
    lost_words: tuple[str, ...] = ()
    """Words that the fix takes away though the failure does not name them, where no program that
    keeps them could be run: nothing shows that they are not needed."""
    unseen_words: tuple[str, ...] = ()
    """Words that the fix brings and that the failing command alone needs: without them every test
    passes, so none sees what they give."""
    failing_examples: tuple[str, ...] = ()
    """What a docstring of a changed function shows and the fix does not do: the function, `: `, and
    the example."""
    unseen_functions: tuple[str, ...] = ()
    """Functions of which nothing was seen that could be held against what they gave before: no call
    of the tests could be repeated, and no check of theirs looked at again."""
    cut_short: bool = False
    """Not every neighbour was tried."""


class ScriptChange(Fact):
    """What a fix changes of another script of the repository, which it is not about."""

    command: str
    """As it was run on both trees."""
    breaks: bool = False
    """It ended well, and does no more."""
    before: str = ""
    after: str = ""
    """The first line of its output that differs; of one that breaks, the last that it says."""
    file: str = ""
    """Where its output is the same: the first file that it writes otherwise."""


class Evidence(Fact):
    """What is known beyond pass and fail."""

    reproduced: bool
    """The failure that was reported was seen on the unfixed commit."""
    difference: str = ""
    """Why it was not, as far as that is known."""
    missed: tuple[str, ...] = ()
    """What the fixed command asked its recorded world that is not recorded."""
    heals: bool = True
    """Something failed and is to be healed. False: what is right is to stay as it is, and all tests
    speak for the change, not only those that failed before it."""
    lines_changed: int
    lines_executed: int
    """Of the changed lines that can be executed, by the failing command or by tests."""
    mutation: MutationScore | None = None
    """None: not tried."""
    changes_code: bool = True
    """False: comments, docstrings and files of other kinds alone are changed."""
    tests_changed: tuple[str, ...] = ()
    """What was there in the tests and is changed or gone with the patch: its own measure."""
    forced: str = ""
    """Why the failure leaves no other fix, from the rule that knows it; empty otherwise."""
    rivals: Rivals | None = Rivals()
    """None: it could not be measured."""
    fail_to_pass: tuple[str, ...] = ()
    """Tests that failed before and pass now, by node id."""
    fail_to_pass_of_repairs: tuple[str, ...] = ()
    """More of these, which an earlier repair left and nobody has changed: no evidence."""
    base_in_time: bool = False
    """The base's tests came to their end at the load at which the time limit ended the fix's."""
    good_runs: ReplayComparison = ReplayComparison()
    """What the recorded good runs say."""
    nights: Nights | None = None
    """What they say, effects and all; None: not asked."""
    pins: PinProof | None = None
    """Of a patch that is proved in another environment; None: it is proved in the job's."""
    script_changes: tuple[ScriptChange, ...] = ()
    """Of other scripts that use what the fix changes."""
    output_kept: bool | None = None
    """What the command printed before it failed is printed again; None: it printed nothing."""

    @property
    def is_known_by_nights(self) -> bool:
        """A recorded run, or the nights, say that what comes out is right."""
        is_singled_out = self.nights is not None and not self.nights.doubt
        return self.good_runs.restored or is_singled_out or self.is_proved_pin

    @property
    def is_proved_pin(self) -> bool:
        """A pin that may merge by itself."""
        return self.pins is not None and not self.pins.doubt

    def settles(self, finding: Finding) -> bool:
        """A pin that is proved, where its owner lets such merge, needs no person to look at the
        file that it changes: all of it was read."""
        return (
            (finding.is_of_protected_kind or finding.is_of_unread_file)
            and finding.severity == "person"
            and self.pins is not None
            and self.is_proved_pin
            and finding.path in self.pins.paths
        )


class Verdict(Fact):
    """What the evidence says of one candidate."""

    kind: Kind
    strong: bool = False
    """Only ever true for `fixed`: enough evidence to merge without a person."""
    reasons: tuple[str, ...] = ()
    """Plain sentences: why not fixed, or why the evidence is weak and how to add to it."""
    weaknesses: tuple[WeaknessKind, ...] = ()
    """Of `fixed` without strong evidence: the kind of each reason, in their order."""
    checks: tuple[Check, ...] = ()

    @property
    def sentence(self) -> str:
        """The first reason, or that all is well."""
        return self.reasons[0] if self.reasons else "every check passed"
