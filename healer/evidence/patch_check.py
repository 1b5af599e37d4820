"""The judge alone, for a patch that somebody brought: what is to be healed, and what came of it.

Belongs here: from a candidate to a verdict without an incident. With tests that fail on its base
and execute what it changes, these are to be healed; without, what was right is to stay. Does not
belong here: where the patch comes from (`healer.app.check`).
"""

import time
from collections.abc import Iterator, Sequence

from healer.evidence.baseline import run_baseline
from healer.evidence.gather import prove
from healer.evidence.observed_failure import JOB_ROOTS
from healer.evidence.target_code import find_target_code
from healer.facts.patch_check import CheckOutcome, FailedTest, PatchCheck
from healer.facts.progress import Progress
from healer.facts.repair import Baseline, Judged, QuarantinedPatch, Request
from healer.failure import Raised, parse_traceback
from healer.judge import Evidence, Verdict, find_failing_tests, is_concerned
from healer.services import Services
from healer.support.work_count import watch_work
from quarantine.candidate import Candidate
from sandbox import Report, TestResult

NAME = "check"
"""In the place of a repair's id."""
LONGEST_MESSAGE = 300
"""Characters of what a failing test said."""


def check_patch(patch: QuarantinedPatch, services: Services) -> PatchCheck:
    """Runs every check on the candidate and on its base, and judges. Writes nothing.

    Raises ValueError without a candidate."""
    candidate, start = patch.candidate, time.monotonic()
    if candidate is None:
        raise ValueError("there is no candidate to check")
    request = Request(repair=NAME, script=_main_file(candidate), target="", base=candidate.base)
    baseline = _find_what_fails(request, candidate, services)
    answer = _judge(request, baseline, patch, services)
    verdict = answer.verdict
    for check in verdict.checks:
        _show(services, check.name, check.status, check.detail, check.seconds)
    fault = baseline.report.fault or (answer.report and answer.report.fault)
    return PatchCheck(
        outcome=_outcome(verdict),
        reason=verdict.sentence,
        origin="",
        base=candidate.base,
        paths=candidate.paths,
        heals=_nodes_to_heal(request, candidate, baseline.report, services),
        checks=verdict.checks,
        missing=verdict.reasons if verdict.kind == "fixed" else (),
        failing=tuple(_find_failing(request, candidate, baseline, answer, services)),
        findings=patch.findings,
        evidence=_without_texts(answer.evidence),
        environment_failed=fault is not None,
        seconds=time.monotonic() - start,
    )


def _main_file(candidate: Candidate) -> str:
    python = [path for path in candidate.paths if path.endswith(".py")]
    return (python or list(candidate.paths))[0]


def _judge(
    request: Request, baseline: Baseline, patch: QuarantinedPatch, services: Services
) -> Judged:
    if (fault := baseline.report.fault) is not None:
        detail = f"the sandbox could not run it: {fault.message}"
        return Judged(verdict=Verdict(kind="unjudged", reasons=(detail,)))
    what = "the same with the change"
    _show(services, "check", "running", what)
    with watch_work(lambda count: _show(services, "check", "running", f"{what}: {count}")):
        return prove(request, baseline, patch, services)


def _find_what_fails(request: Request, candidate: Candidate, services: Services) -> Baseline:
    _show(services, "baseline", "running", f"commit {request.base[:12]} as it is")
    report = run_baseline(request, services.repository.tree(request.base), None, services)
    nodes = _nodes_to_heal(request, candidate, report, services)
    if report.fault is None:
        what = f"{len(nodes)} failing test(s) are to be healed" if nodes else "nothing to heal"
        _show(services, "baseline", "pass", what)
    is_to_heal = bool(nodes)
    return Baseline(
        healthy=not is_to_heal, reproduced=is_to_heal, by_tests=is_to_heal, report=report
    )


def _nodes_to_heal(
    request: Request, candidate: Candidate, report: Report, services: Services
) -> tuple[str, ...]:
    """Tests that fail on the base and execute what the patch changes."""
    base = services.repository.tree(request.base)
    tree = services.repository.tree(candidate.commit)
    code = find_target_code(base, tree, candidate.paths, None)
    failing = find_failing_tests(report.tests)
    return tuple(node for node in failing if is_concerned(node, report.failing, code))


def _find_failing(
    request: Request,
    candidate: Candidate,
    baseline: Baseline,
    answer: Judged,
    services: Services,
) -> Iterator[FailedTest]:
    """Tests that fail with the patch, but for those that failed before and are not concerned."""
    before = find_failing_tests(baseline.report.tests)
    concern = _nodes_to_heal(request, candidate, baseline.report, services)
    for node, result in find_failing_tests(answer.report.tests if answer.report else ()).items():
        if node not in before or node in concern:
            yield _locate(result)


def _locate(result: TestResult) -> FailedTest:
    path = result.node.partition("::")[0]
    chain = parse_traceback(result.detail, roots=JOB_ROOTS)
    frames = chain[-1].frames if chain else ()
    own = [frame.line for frame in frames if frame.file == path]
    return FailedTest(
        node=result.node, path=path, line=own[-1] if own else 0, message=_last_words(result, chain)
    )


def _last_words(result: TestResult, chain: Sequence[Raised]) -> str:
    """The exception that ended the test; else the last line of its text."""
    lines = [line.strip() for line in result.detail.splitlines() if line.strip()]
    if chain:
        first = chain[-1].message.partition("\n")[0]
        return f"{chain[-1].type}: {first}"[:LONGEST_MESSAGE]
    return lines[-1][:LONGEST_MESSAGE] if lines else f"it ended with {result.outcome}"


def _outcome(verdict: Verdict) -> CheckOutcome:
    if verdict.kind == "unjudged":
        return "unjudged"
    if verdict.kind != "fixed":
        return "refused"
    return "strong" if verdict.strong else "weak"


def _without_texts(evidence: Evidence | None) -> Evidence | None:
    """Evidence without whole files: a rival is known by what tells it apart."""
    if evidence is None or evidence.rivals is None:
        return evidence
    rivals = tuple(each.model_copy(update={"content": ""}) for each in evidence.rivals.rivals)
    return evidence.model_copy(
        update={"rivals": evidence.rivals.model_copy(update={"rivals": rivals})}
    )


def _show(services: Services, step: str, state: str, detail: str, seconds: float = 0.0) -> None:
    services.progress(Progress(repair=NAME, step=step, state=state, detail=detail, seconds=seconds))
