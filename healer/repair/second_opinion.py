"""Two drafts of one failure by different models: each held against the other's test.

Belongs here: when a second opinion is worth asking for, whether two drafts agree, and which is
shown where none do. Does not belong here: who is asked (`healer.draft.llm`), the order of the steps
(`workflow`), what agreement does to a verdict (`healer.judge`).

A draft's own test makes nothing strong. Another model's does, where that model saw neither the
draft nor its test: as if a person had added it to the tests, it must fail on the unfixed commit,
pass with the fix, and with all laws of evidence single the fix out; and the other way round.
"""

import re
from collections.abc import Iterable, Mapping
from functools import partial

from healer.engine.workflows import step
from healer.evidence.baseline import examine
from healer.evidence.gather import prove
from healer.facts.draft import Drafts, Exchange, total
from healer.facts.repair import Attempt, Baseline, QuarantinedPatch, Request
from healer.failure import Fact
from healer.judge import apply_agreement, lacks_only_values
from healer.repair.candidates import Candidates
from healer.repair.rivals import UNCOMPARED, Agreement, compare_fixes, strongest_first
from healer.services import Services
from quarantine.candidate import Candidate, write_detached
from quarantine.policy.rules.source_text import find_orders

MODEL = "model"
"""The drafter that is asked."""
SHARE = 0.5
"""Of a repair's budget has to be left for an opinion that nobody asked for."""
_SET = "models may share one wrong guess (second_opinions in [model] makes it one)"
_INVESTIGATING, _AGAIN = " (investigating)", " (again)"
_RELEASE = re.compile(r"(?:[-:](?:latest|preview|free|\d{4}-\d{2}-\d{2}|\d{6,8}))+$")


class MutualProof(Fact):
    """Whether two drafts hold against each other's tests."""

    why_not: str = ""
    """Empty where they do."""


class SecondOpinions:
    """The fixes of one repair that pass every check, of which nothing says which values are right.
    What it keeps, steps have given."""

    def __init__(self, request: Request, services: Services, candidates: Candidates) -> None:
        self._request, self._services, self._candidates = request, services, candidates
        self.unproved: list[Attempt] = []
        self._agreement = ""
        """What two models agree on, where that is no proof."""

    def list_missing(self) -> tuple[str, ...]:
        """What the evidence for them lacks."""
        return tuple(dict.fromkeys(r for each in self.unproved for r in each.verdict.reasons))

    def are_wanted(self, baseline: Baseline, attempt: Attempt) -> bool:
        """Whether another model's draft could settle what this one lacks, and something would
        follow."""
        is_free = not (attempt.protected or baseline.review_only or attempt.draft.doubt)
        if not (self._request.merge and is_free and lacks_only_values(attempt.verdict)):
            return False
        names = [drafter.name for drafter in self._services.drafters(self._request)]
        settings = self._services.config.model
        if MODEL not in names or not settings.most_opinions:
            return False
        return settings.second_opinions is not None or self._has_money()

    def _has_money(self) -> bool:
        """Whether half of the repair's budget is left."""
        settings = self._services.config.model
        cost = total(attempt.spent for attempt in self._candidates.attempts)
        limit_usd = self._request.budget_usd
        usd = settings.budget_usd_per_repair if limit_usd is None else limit_usd
        tokens = cost.tokens_in + cost.tokens_out
        is_cheap = cost.cost_usd <= usd * SHARE
        return is_cheap and tokens <= settings.budget_tokens_per_repair * SHARE

    def find_agreement(
        self, number: int, attempt: Attempt, rounds: Iterable[Drafts]
    ) -> Attempt | None:
        """The earlier of two drafts that agree, proved; else the attempt is one of the unproved."""
        partner = find_partner(attempt, self.unproved)
        self.unproved.append(attempt)
        if partner is None:
            return None
        exchanges = [exchange for drafts in rounds for exchange in drafts.exchanges]
        prove_both = partial(
            prove_mutually, self._request, partner, attempt, exchanges, self._services
        )
        agreement = step(f"agree {number}", MutualProof, prove_both)
        if agreement.why_not:
            return None
        if not self._services.config.model.is_agreement_proof:
            self._agreement = f"{describe_agreement(partner, attempt)}, which is no proof: {_SET}"
            return None
        proof = settle(partner, attempt)
        self._candidates.prefer(number, partner, proof)
        return proof

    def choose_best(self, baseline: Baseline) -> tuple[Attempt, str]:
        """Where no second opinion has settled it: what is shown, and how the drafts differ."""
        best, number = strongest_first(self.unproved)[0], len(self._candidates.attempts)
        choice = add_reason(best, self._agreement)
        self._candidates.prefer(number, best, choice)
        if len(self.unproved) == 1 or best.question:
            return choice, ""
        compare = partial(compare_fixes, self._request, baseline, self.unproved, self._services)
        doubt = step(f"compare {number} in the end", Agreement, compare).doubt
        return choice, "" if doubt == UNCOMPARED else doubt


def find_partner(attempt: Attempt, earlier: Iterable[Attempt]) -> Attempt | None:
    """An earlier draft by another model, both with a test that tells the fix from the fault."""
    if attempt.reproduction is None or attempt.draft.doubt:
        return None
    for other in earlier:
        is_other = _model_of(other) != _model_of(attempt)
        if is_other and other.reproduction is not None and not (other.draft.rule):
            return other
    return None


def _model_of(attempt: Attempt) -> str:
    """The model's name, whatever its endpoint, its task, its vendor's prefix and its release:
    `openai/gpt-4o-2024-08-06` is `gpt-4o`, and agrees with itself by no merit."""
    name = attempt.draft.drafter.removesuffix(_INVESTIGATING).removesuffix(_AGAIN)
    name = name.partition("@")[0]
    return _RELEASE.sub("", name.rpartition("/")[2].lower())


def prove_mutually(
    request: Request,
    first: Attempt,
    second: Attempt,
    exchanges: Iterable[Exchange],
    services: Services,
) -> MutualProof:
    """Each draft proved with the other's test among the repository's. Data in the prompts that
    gives orders to models makes two of them no independent witnesses."""
    if any(map(_holds_orders, exchanges)):
        return MutualProof(why_not="what both models read gives orders to whoever reads it")
    for attempt, other in ((first, second), (second, first)):
        why_not = _prove_with_test_of(other, attempt, request, services)
        if why_not:
            name = attempt.draft.drafter
            return MutualProof(why_not=f"{name}'s fix is not proved by the other's test: {why_not}")
    return MutualProof()


def _holds_orders(exchange: Exchange) -> bool:
    """Whether the data in a prompt, without our own words, tells a model what to do."""
    return bool(find_orders(exchange.prompt.partition("\n\n[user]\n")[2]))


def _prove_with_test_of(
    other: Attempt, attempt: Attempt, request: Request, services: Services
) -> str:
    """Why the draft is not proved where the other's test is one of the repository's, or acts
    otherwise than the other's fix; or nothing."""
    test = other.reproduction
    if test is None:
        return "there is no test"
    base = _write({test.path: test.content.encode()}, request.base, request, services)
    request = request.model_copy(update={"base": base.commit})
    baseline = examine(request, services)
    if baseline.healthy or baseline.stop or not baseline.by_tests:
        return baseline.reason or "that test does not show the failure"
    fixes = [_move(each, request, services) for each in (attempt, other)]
    patch = QuarantinedPatch(
        draft=attempt.draft.model_copy(update={"regression_test": None}),
        candidate=fixes[0].candidate,
        findings=attempt.findings,
    )
    verdict = prove(request, baseline, patch, services).verdict
    if not verdict.strong:
        return verdict.sentence
    trees = {each.candidate.tree for each in fixes if each.candidate}
    return compare_fixes(request, baseline, fixes, services).doubt if len(trees) > 1 else ""


def _move(attempt: Attempt, request: Request, services: Services) -> Attempt:
    """The draft without its own test, on the request's base."""
    candidate = attempt.candidate
    if candidate is None:
        raise ValueError("there is no candidate to prove")
    own_test = attempt.reproduction.path if attempt.reproduction else ""
    tree = services.repository.tree(candidate.commit)
    changes = {path: tree.read(path) for path in candidate.paths if path != own_test}
    on_base = _write(changes, request.base, request, services)
    return attempt.model_copy(update={"candidate": on_base})


def _write(
    changes: Mapping[str, bytes | None], base: str, request: Request, services: Services
) -> Candidate:
    return write_detached(
        services.repository, base=base, changes=changes, message="A try", when=request.opened_at
    )


def add_reason(attempt: Attempt, reason: str) -> Attempt:
    """The attempt with one more word on its evidence; as it is where there is none."""
    if not reason:
        return attempt
    verdict = attempt.verdict.model_copy(update={"reasons": (*attempt.verdict.reasons, reason)})
    return attempt.model_copy(update={"verdict": verdict})


def settle(attempt: Attempt, other: Attempt) -> Attempt:
    """The attempt with what the agreement of both is worth."""
    why = describe_agreement(attempt, other)
    return attempt.model_copy(update={"verdict": apply_agreement(attempt.verdict, why)})


def describe_agreement(attempt: Attempt, other: Attempt) -> str:
    """Who agrees, and on what."""
    return f"{attempt.draft.drafter} and {other.draft.drafter} agree, each on the other's test"
