"""The steps of a repair after its baseline. Each may be repeated after a crash.

Belongs here: drafting and quarantine, as functions from facts to facts. Does not belong here:
their order (`workflow`, `candidates`), merging (`land`), closing (`close`), or durability
(`healer.engine`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from healer.draft.edits import EditRefused, apply
from healer.evidence.commands import make_command_to_heal
from healer.evidence.observed_failure import find_related_failures
from healer.evidence.package_history import find_package_history
from healer.evidence.target_code import find_failing_code
from healer.evidence.tests import plan_by_pytest, plan_tests
from healer.evidence.trial import describe_report
from healer.facts.draft import (
    Case,
    Draft,
    Drafter,
    Drafts,
    EarlierAttempt,
    Edit,
    total,
)
from healer.facts.errors import PostponedError
from healer.facts.repair import Attempt, Baseline, QuarantinedPatch, Request
from healer.facts.suspect import Suspect
from healer.failure import Failure
from healer.judge import BAD, Places, find_trace
from healer.memory import notes
from healer.services import Services
from quarantine.candidate import Candidate, point_branch, quarantine_branch, write_candidate
from quarantine.errors import NothingChanges, UnsafePath
from quarantine.inspect_candidate import inspect_candidate
from quarantine.policy.rules.source_text import find_orders
from quarantine.protection import list_open_to_pins, list_protected, match_protected
from quarantine.requirement_pins import read_patch
from quarantine.tree import Tree
from sandbox import Report, TestPlan, TestResult

REJECTED = 3
"""Drafts that people rejected and that the next drafter is shown; the newest."""
LONGEST_EVIDENCE = 8_000
"""Characters of the evidence against an earlier attempt that the next drafter is shown."""
PATIENCE_S = 24 * 3600
"""How long a repair waits for a model endpoint to answer before a person is told."""
WAITS_FOR_CHECKS = "every check passed here; it merges when those of its pull request have, too"


def draft(
    drafter: Drafter,
    request: Request,
    baseline: Baseline,
    attempts: Sequence[Attempt],
    services: Services,
    *,
    missing: tuple[str, ...] = (),
    suspects: tuple[Suspect, ...] = (),
) -> Drafts:
    """The next candidates of one drafter, who is told what an earlier one has measured; with
    `missing` (of the evidence for a fix that passes every check) independent ones. Raises
    PostponedError where no model can be asked now that is needed, and one may be later."""
    tree = services.repository.tree(request.base)
    case = case_of(request, baseline, attempts, tree, services)
    case = case.model_copy(update={"missing": missing, "suspects": suspects})
    drafts = drafter.draft(case, tree)
    if drafts.unavailable and not missing and services.clock.now() < request.opened_at + PATIENCE_S:
        raise PostponedError(
            f"no model gives a draft now: {drafts.reason}; repair {request.repair} stays open: "
            "the same command goes on with it, and a running healer daemon does by itself; "
            "healer doctor says more"
        )
    return drafts


def join(answers: Sequence[tuple[str, Drafts]]) -> Drafts:
    """What several drafters brought (by name, the last one decides), with all their costs."""
    rounds = [drafts for _, drafts in answers]
    cost = total(drafts.spent for drafts in rounds)
    exchanges = tuple(exchange for drafts in rounds for exchange in drafts.exchanges)
    last = rounds[-1] if rounds else Drafts(reason="no drafter is available")
    if not rounds or last.candidates or last.refusal or last.stopped_by_budget:
        return last.model_copy(update={"spent": cost, "exchanges": exchanges})
    return Drafts(
        reason="; ".join(
            f"{name}: {each.reason.rstrip('.')}" for name, each in answers if each.reason
        )
        or "no drafter has a candidate",
        unavailable=any(drafts.unavailable for drafts in rounds),
        spent=cost,
        exchanges=exchanges,
    )


def case_of(
    request: Request,
    baseline: Baseline,
    attempts: Sequence[Attempt],
    tree: Tree,
    services: Services,
) -> Case:
    """All that a drafter may know. Raises ValueError where nothing failed."""
    if baseline.failure is None:
        raise ValueError("nothing failed, so there is nothing to draft")
    code = find_failing_code(tree, baseline.failure)
    report = _without_other_scripts(request.script, code, baseline.report)
    packages = find_package_history(request.failure, services.recordings)
    return Case(
        repair=request.repair,
        script=request.script,
        failure=baseline.failure,
        base=request.base,
        command=baseline.command,
        run=make_command_to_heal(request.failure, baseline.command, tree, services.recordings),
        baseline=report,
        tests=_only(plan_tests(tree, services.config.tests.command), report, tree),
        attempts=tuple(_as_earlier(each) for each in attempts),
        rejected=_rejected_drafts(baseline.failure, services),
        reads=services.recordings.list_reads(request.failure),
        origin=baseline.origin,
        moves=packages.moves,
        packages=packages.now,
        good_packages=packages.before,
        open_to_pins=list_open_to_pins(tree),
        protected=list_protected(tree),
        is_seen=baseline.reproduced or baseline.by_tests,
    )


def _rejected_drafts(failure: Failure, services: Services) -> tuple[EarlierAttempt, ...]:
    """The drafts of this incident that people turned down, or that failed on probation, with the
    reasons."""
    drafts = []
    for row in services.ledger.turned_down(failure.fingerprint):
        dossier = services.ledger.dossier(row.id)
        last = dossier.last_candidate if dossier else None
        if last is not None:
            why = {"verdict": row.outcome, "evidence": row.reason}
            drafts.append(_as_earlier(last).model_copy(update=why))
    return tuple(drafts[-REJECTED:])


def _without_other_scripts(script: str, code: Places, report: Report) -> Report:
    """The report without failing tests that execute neither the script nor the code that the
    failure names: those are other repairs' business."""
    own_nodes = {result.node for result in find_related_failures(script, report)}

    def concerns_script(result: TestResult) -> bool:
        if result.outcome not in BAD or result.node in own_nodes:
            return True
        trace = find_trace(result.node, report.failing)
        return trace is not None and trace.touches(code)

    runs = tuple(
        run.model_copy(update={"results": tuple(filter(concerns_script, run.results))})
        for run in report.tests
    )
    return report.model_copy(update={"tests": runs})


def _only(plan: TestPlan | None, report: Report, tree: Tree) -> TestPlan | None:
    """The plan for the tests that this report has: a search need not heal other scripts' tests."""
    nodes = {result.node for run in report.tests for result in run.results}
    if plan is None or plan.command:
        return plan and plan_by_pytest(plan, tree, sorted(nodes))
    return plan.model_copy(update={"select": tuple(sorted(nodes))})


def _as_earlier(attempt: Attempt) -> EarlierAttempt:
    lines = [check.sentence for check in attempt.verdict.checks]
    lines += attempt.verdict.reasons
    if attempt.report is not None and attempt.verdict.kind != "fixed":
        lines += describe_report(attempt.report)
    return EarlierAttempt(
        draft=attempt.draft,
        diff=attempt.candidate.diff if attempt.candidate else "",
        verdict=attempt.verdict.kind,
        evidence="\n".join(lines)[:LONGEST_EVIDENCE],
        stderr=_stderr_of_failure(attempt.report),
    )


def _stderr_of_failure(report: Report | None) -> str:
    end = report.command if report else None
    return end.stderr if end is not None and end.exit_code != 0 else ""


def quarantine(
    request: Request,
    failure: Failure | None,
    draft: Draft,
    replaces: str | None,
    services: Services,
) -> QuarantinedPatch:
    """The draft as a commit on the quarantine branch, with what protection and policy say.

    `replaces` is the commit of an earlier attempt that the branch points to."""
    base = services.repository.tree(request.base)
    edits: list[Edit] = list(draft.edits)
    if draft.regression_test:
        edits.append(draft.regression_test)
    try:
        fix = apply(edits, base)
        # A pin changes its file alone: that is part of its proof.
        note = {} if draft.pins else update_notes(request, failure, draft, base, services)
        changes = note | fix
        hits = match_protected(changes, base)
        if read_patch(changes, base.read, changes.get):  # whether it is proved, the judge says
            hits = [(path, rule) for path, rule in hits if rule.action != "merge"]
        candidate = write_candidate(
            services.repository,
            base=request.base,
            changes=changes,
            branch=quarantine_branch(request.script, request.repair),
            message=commit_message(request, draft),
            when=request.opened_at,
            replaces=replaces,
        )
    except (EditRefused, NothingChanges, UnsafePath) as refusal:
        return QuarantinedPatch(draft=draft, refused=str(refusal))
    return QuarantinedPatch(
        draft=draft,
        candidate=candidate,
        findings=inspect_candidate(
            services.repository, candidate, own_notes=frozenset(note.keys() - fix.keys())
        ),
        protected="; ".join(f"{path} is protected: {rule.reason}" for path, rule in hits),
        protected_paths=tuple(path for path, _ in hits),
        notify=tuple(address for _, rule in hits for address in rule.notify),
    )


def update_notes(
    request: Request,
    failure: Failure | None,
    draft: Draft,
    base: Tree,
    services: Services,
) -> dict[str, bytes]:
    """The script's notes with this failure mode, as part of the candidate: what is merged is what
    was checked. Nothing where there are no notes (and none are wanted), or where only people may
    change them; a draft that changes them itself goes before this."""
    path = notes.notes_path(request.script)
    before = base.read(path)
    if path == request.script or (before is None and not services.config.notes):
        return {}
    is_folder = any(each.startswith(f"{path}/") for each in base.paths())
    if before is None and (is_folder or base.entry(path) is not None):
        return {}  # a folder, or a link
    if match_protected([path], base):
        return {}
    exception = failure.exception if failure else None
    what = f"{exception.type}: {exception.message}" if exception else "it failed"
    if exception and find_orders(what):
        what = exception.type  # what was raised may hold anybody's words, and a note is read again
    day = datetime.fromtimestamp(request.opened_at, UTC).date().isoformat()
    say = services.redactor.text
    line = notes.describe_failure_mode(day, say(what), say(draft.cause), request.repair)
    try:
        old = before.decode() if before is not None else None
    except UnicodeDecodeError:
        return {}
    new = notes.add_failure_mode(old, request.script, line).encode()
    return {path: new} if new != before else {}


def choose_candidate(candidate: Candidate, replaces: str | None, services: Services) -> Candidate:
    """The branch at this candidate, in the place of another of the same round."""
    point_branch(services.repository, candidate.branch, candidate.commit, replaces)
    return candidate


def commit_message(request: Request, draft: Draft, *, action: str = "Repair") -> str:
    """What a candidate's commit says, with the trailers that are known before it is checked."""
    rule = f" ({draft.rule})" if draft.rule else ""
    failure = request.failure
    cause = " ".join(draft.cause.split())[:600]
    return "\n".join(
        [
            f"{action} {request.script}{rule}"[:72],
            "",
            cause,
            "",
            *_list_rivals(draft),
            f"Healer-Repair: {request.repair}",
            f"Healer-Failure: {failure.fingerprint if failure else 'own-checks'}",
            f"Healer-Drafter: {draft.drafter}",
        ]
    )


def _list_rivals(draft: Draft) -> list[str]:
    """What else the failure may mean, for the person who reviews the commit."""
    readings = [" ".join(rival.reading.split())[:300].rstrip(".") for rival in draft.rivals[:3]]
    return [*(f"Or else: {reading}." for reading in readings), *([""] if readings else [])]
