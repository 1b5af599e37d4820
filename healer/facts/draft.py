"""What a drafter is given and what it may answer: frozen facts and one Protocol.

Belongs here: the case, the draft, its edits. Does not belong here: how a draft comes about
(`rules`, `search`, `llm`), or how edits become file contents (`edits`).
"""

from collections.abc import Iterable
from typing import Annotated, Literal, Protocol

from pydantic import Field

from healer.facts.suspect import Suspect
from healer.failure import Fact, Failure
from sandbox import Command, Report, TestPlan


class ReplaceText(Fact):
    """Quoted text, found exactly once, becomes other text."""

    kind: Literal["replace_text"] = "replace_text"
    path: str
    find: str
    replace: str


class ReplaceSymbol(Fact):
    """A function, method or class, by qualified name (`Report.total`), gets a new source."""

    kind: Literal["replace_symbol"] = "replace_symbol"
    path: str
    symbol: str
    source: str


class WriteFile(Fact):
    """A new file; a path that exists is refused, except for drafters of whole files (`rules`,
    `search`)."""

    kind: Literal["write_file"] = "write_file"
    path: str
    content: str
    replaces: bool = False


Edit = Annotated[ReplaceText | ReplaceSymbol | WriteFile, Field(discriminator="kind")]


class Reading(Fact):
    """What else a failure may mean: a rival of a draft."""

    reading: str
    """What may have been meant, or what was wrong then, in a sentence."""
    rule: str = ""
    """The rule that drafts it; empty where none does."""
    diff: str = ""
    """What that rule would change, as a unified diff; empty where nothing was drafted."""


class PackageMove(Fact):
    """A package that another release has taken the place of since the last good night."""

    name: str
    old: str
    new: str


class Draft(Fact):
    """One proposed fix, not yet believed by anybody."""

    drafter: str
    """`rules`, `search`, or the model's name."""
    edits: tuple[Edit, ...] = ()
    rule: str = ""
    """The rule's or operator's name, for drafters without a model."""
    cause: str = ""
    """At most two sentences: what was wrong, and why this edit. From a model: untrusted text."""
    category: str = ""
    """A model's word for the kind of fault; one of `healer.draft.llm.replies.schema.CATEGORIES`."""
    confidence: float = 0.0
    """A model's own guess from 0 to 1. It is shown, never believed."""
    doubt: str = ""
    """Why a person has to look at it although it may pass everything; empty: nothing known."""
    forced: str = ""
    """Why the failure leaves no other fix, in one sentence; only from a rule that was measured to
    be right. Then the fix may merge although no test says what it should compute. Empty for all
    else."""
    rivals: tuple[Reading, ...] = ()
    """What else the failure may mean, those that were drafted first; none where it is forced."""
    regression_test: WriteFile | None = None
    packages: tuple[str, ...] = ()
    """What is installed where it is to be proved, each as `pandas==2.2.3`; empty: what is installed
    where the job runs."""
    pins: tuple[PackageMove, ...] = ()
    """Packages that are asked for in their old release again; the fix is in effect where that is
    installed."""


class Spent(Fact):
    """What drafting cost."""

    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    cost_known: bool = True
    """False: the configuration has no price for this model, or the endpoint gave no usage."""
    seconds: float = 0.0


Purpose = Literal[
    "", "draft", "second opinion", "investigation", "review", "similar failures", "patterns"
]
"""What a model was asked for; empty where an earlier version did not say."""


class Exchange(Fact):
    """One call to a model, kept as evidence."""

    model: str
    purpose: Purpose = ""
    prompt: str
    reply: str
    problem: str = ""
    """Why the reply could not be used; empty when it could."""
    spent: Spent = Spent()


class Review(Fact):
    """What a second model says of a fix that passed every check."""

    objection: Literal["none", "weaker", "reject"]
    """`none` leaves the verdict as it is; there is nothing that makes it better."""
    reason: str = ""
    """One sentence, untrusted text."""
    exchanges: tuple[Exchange, ...] = ()
    spent: Spent = Spent()


class ModelRemarks(Fact):
    """What a model adds to the patterns of one script."""

    model: str = ""
    sentences: tuple[str, ...] = ()
    exchanges: tuple[Exchange, ...] = ()


class Difference(Fact):
    """An input on which candidates that pass every test behave differently."""

    given: str
    """The arguments, as text."""
    results: tuple[str, ...]
    """What each candidate of `Drafts.candidates` makes of it, in their order."""


ExhaustedBudget = Literal["", "repair", "day"]
"""The budget that had no room for a call; empty where none is known to have stopped one."""


class Drafts(Fact):
    """What one call of a drafter brought: candidates best first, or the reason for none."""

    candidates: tuple[Draft, ...] = ()
    refusal: Literal["", "not_code_fault", "test_is_wrong", "needs_person"] = ""
    """An explicit way out: a good answer, and it ends the repair with an escalation."""
    reason: str = ""
    """One sentence when there are no candidates."""
    side_by_side: bool = False
    """Of candidates that were drafted for the same question all are checked, and the strongest
    evidence wins; otherwise the first that passes."""
    ambiguity: tuple[Difference, ...] = ()
    """Not empty: the candidates pass every test and still differ; a person chooses."""
    stopped_by_budget: bool = False
    exhausted_budget: ExhaustedBudget = ""
    unavailable: bool = False
    """No endpoint answered. Not the drafter's fault: worth another time."""
    spent: Spent = Spent()
    exchanges: tuple[Exchange, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    """What it has measured of where the fault may be, the most suspicious first."""


class EarlierAttempt(Fact):
    """An earlier candidate of this repair and the evidence against it."""

    draft: Draft
    diff: str
    verdict: str
    evidence: str
    """Plain text, capped, what the next draft should know."""
    stderr: str = ""
    """Of the failing command with this candidate, where it still failed."""

    @property
    def is_judged(self) -> bool:
        """The checks came to an end: the same change again would bring the same."""
        return self.verdict != "unjudged"


class ReadData(Fact):
    """A file that the job read, or an answer that it got, on the bad night and the last good one.
    Redacted; only text that is UTF-8, with its byte order mark."""

    name: str
    """The path, or the address without what follows `?`."""
    text: str
    """At most 256 KiB."""
    before: str = ""
    """The same on the last good night; empty where that is not known."""
    next_page: str = ""
    """The address that the answer's `Link` header gives as the next page; empty where it gives
    none, or gave one on the last good night."""
    has_new_pages: bool = False
    """It says that there is more, as it did not on the last good night, and the job asked for no
    more than it did then."""


class Case(Fact):
    """Everything a drafter may know of one repair. Redacted."""

    repair: str
    script: str
    failure: Failure
    base: str
    """The commit that the repair starts from."""
    command: tuple[str, ...] = ()
    """The failing command; empty when only tests or checks fail."""
    run: Command | None = None
    """The same with its folder and captured input, as the sandbox runs it."""
    baseline: Report
    """The evidence on the unfixed tree."""
    tests: TestPlan | None = None
    """How the baseline ran the tests; None: pytest as it comes."""
    attempts: tuple[EarlierAttempt, ...] = ()
    rejected: tuple[EarlierAttempt, ...] = ()
    """What people turned down in earlier repairs of this incident; `evidence` says why."""
    reads: tuple[ReadData, ...] = ()
    """What the failing run read, where that was recorded."""
    origin: str = ""
    """What changed between the last good night and the bad one, in a sentence."""
    moves: tuple[PackageMove, ...] = ()
    """Of packages between these nights; first those that the failure names."""
    packages: tuple[str, ...] = ()
    """All of the failing night, as `name==version`; empty where they are not known."""
    good_packages: tuple[str, ...] = ()
    """All of the last good night; empty where they are not known."""
    protected: tuple[str, ...] = ()
    """Paths of the tree that no draft may change (existing tests among them)."""
    open_to_pins: tuple[str, ...] = ()
    """Of these, requirements files in which a pin that is proved may merge by itself."""
    suspects: tuple[Suspect, ...] = ()
    """Of functions that failing tests ran, by an earlier drafter; empty where nobody measured."""
    missing: tuple[str, ...] = ()
    """Not empty: some attempt passes every check, and this is what its evidence lacks; an
    independent draft by another model is asked for."""
    is_seen: bool = True
    """False: neither the command nor a test shows the failure in the sandbox."""


class Source(Protocol):
    """Read-only sight of the base commit's files."""

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None where there is no regular file."""

    def paths(self) -> tuple[str, ...]:
        """Every regular file, sorted."""


class Drafter(Protocol):
    """Drafts fixes. Sees no network but its own endpoint, writes nothing."""

    name: str

    def draft(self, case: Case, source: Source) -> Drafts:
        """Candidates that are not in `case.attempts`. Errors of an endpoint are in the answer."""


class Reviewer(Protocol):
    """Reads a fix that passed every check, and can only make its verdict stricter."""

    def review(self, repair: str, failure: str, diff: str, evidence: str) -> Review:
        """The objection, or none. An answer that cannot be had is an objection."""


def total(spents: Iterable[Spent]) -> Spent:
    """The sum; its cost is known where every part's is."""
    parts = tuple(spents)
    return Spent(
        tokens_in=sum(part.tokens_in for part in parts),
        tokens_out=sum(part.tokens_out for part in parts),
        cost_usd=sum(part.cost_usd for part in parts),
        cost_known=all(part.cost_known for part in parts),
        seconds=sum(part.seconds for part in parts),
    )


def list_tried_edits(case: Case) -> Iterable[tuple[Edit, ...]]:
    """The edits of judged attempts, and of drafts that people rejected, to be left out."""
    attempts = (*case.rejected, *(each for each in case.attempts if each.is_judged))
    return (attempt.draft.edits for attempt in attempts)
