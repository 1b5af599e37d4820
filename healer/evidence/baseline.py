"""The first step: what is broken on the unfixed commit, and may healer touch it?

Belongs here: the order of a repair's first questions. Does not belong here: what a report shows
(`observed_failure`), the reasons for an early end (`stops`), drafting, or any write to the
repository.
"""

import os

from healer.evidence import stops
from healer.evidence.commands import (
    make_command,
    make_recorded_command,
    make_script_command,
)
from healer.evidence.experiment import Experiment
from healer.evidence.observed_failure import (
    did_fail,
    find_failure,
    find_related_failures,
    is_shown_by_a_test,
)
from healer.evidence.origin import explain_origin, explain_surroundings
from healer.evidence.plan import plan_checks
from healer.evidence.redacted_report import redact_failure, redact_report, truncate_report
from healer.evidence.reproduction import explain_difference, is_gone
from healer.evidence.sandbox_differences import explain_by_sandbox
from healer.evidence.target_code import find_failing_code
from healer.evidence.tests import has_test_files
from healer.evidence.wrong_ends import find_wrong_end, is_wrong_end
from healer.facts.repair import Baseline, Request
from healer.failure import Failure
from healer.judge import find_failing_tests, is_concerned
from healer.judge.outcomes import name_some
from healer.services import Services
from healer.services.runner import SLOWER, PackableTree, SandboxRunner
from healer.triage import Triage, find_declared_modules, find_own_modules, triage
from quarantine.tree import Tree
from sandbox import Command, Plan, Report
from sandbox.inside.tree import ROOT


def examine(request: Request, services: Services) -> Baseline:
    """Runs the baseline and says what is to be healed, or why the repair ends here."""
    baseline = _examine(request, services)
    failure = baseline.failure and redact_failure(baseline.failure, services.redactor)
    report = redact_report(truncate_report(baseline.report), services.redactor)
    origin = services.redactor.text(baseline.origin)
    return baseline.model_copy(update={"failure": failure, "report": report, "origin": origin})


def _examine(request: Request, services: Services) -> Baseline:
    tree = services.repository.tree(request.base)
    stop = stops.stop_if_off(request, services.config)
    stop = stop or stops.stop_if_protected(request.failure, request, tree)
    if stop:
        return stop  # known before anything runs: no container is needed to say so
    command = choose_command(request, tree, services)
    has_tests = has_test_files(tree)
    if has_tests:
        services.runner.prepare_screening()  # a search or the mutants will want it: see `prove`
    report = run_baseline(request, tree, command, services)
    if report.fault:
        return Baseline(stop="unjudged", reason=report.fault.message, failure=request.failure)
    observation = find_failure(request, command, report) or find_wrong_end(
        request, report.command, tree, services
    )
    failure = request.failure or observation
    if failure is None:
        healthy = Baseline(healthy=True, report=report, reason=_say_healthy(command, report))
        stop = stops.stop_if_unknown(report, has_tests=has_tests, script=request.script, tree=tree)
        return stop or healthy
    if is_gone(request, report, services):
        return Baseline(healthy=True, report=report, failure=failure, reason=_say_gone(failure))
    by_sandbox = _explain_by_sandbox(request.failure, observation, tree, services)
    kind = _sort(failure, tree, services)
    stop = stops.stop_if_protected(failure, request, tree)
    if request.failure is None and command is not None:
        stop = stop or stops.stop_if_by_sandbox(failure, report, by_sandbox)
    stop = stop or stops.stop_if_no_code_fault(
        failure, report, kind, do_tests_fail=bool(find_related_failures(request.script, report))
    )
    stop = stop or stops.stop_if_logged(failure, report)
    if stop:
        return stop.model_copy(update={"origin": explain_surroundings(failure, services)})
    is_reproduced = _is_reproduced(request.failure, observation)
    return Baseline(
        failure=failure,
        reproduced=is_reproduced,
        difference=""
        if is_reproduced
        else _explain_difference(failure, observation, report, services, by_sandbox),
        origin=_explain_origin(request, command, services) if is_reproduced else "",
        command=command.argv if command and _shows_fault(failure, report, is_reproduced) else (),
        by_tests=_are_tests_to_heal(failure, request, tree, report),
        report=report,
        review_only=_why_review_only(failure, request, kind, services, report),
    )


def run_baseline(
    request: Request, tree: PackableTree, command: Command | None, services: Services
) -> Report:
    """The unfixed commit's whole report, remembered from run to run."""
    plan = plan_checks(tree, request.script, services.config.tests.command, command)
    return services.runner.run(tree, plan, from_cache=True)


def is_base_in_time(experiment: Experiment, runner: SandboxRunner) -> bool:
    """Where the time limit ended the fix's tests and not the base's: whether these end now, too,
    in a small part of the time; a busy machine holds both up, and tracing the fix. False where
    nobody has to ask."""
    before, after = experiment.before, experiment.after
    is_late = any(run.ended.timed_out for run in after.tests)
    if not is_late or any(run.ended.timed_out for run in before.tests):
        return False
    again = runner.run(experiment.base, Plan(tests=experiment.plan.tests), known_s=before.seconds)
    if again.fault or any(run.ended.timed_out for run in again.tests):
        return False
    return SLOWER * again.step_seconds.get("tests", 0.0) <= after.step_seconds.get("tests", 0.0)


def choose_command(request: Request, tree: Tree, services: Services) -> Command | None:
    """The command that fails; None where only checks do."""
    job = services.config.job_of(request.script)
    if request.command:
        return make_command(request.command)
    if request.failure and request.failure.argv:
        return make_recorded_command(request.failure, tree, services.recordings)
    if request.failure and job and job.command:
        return make_command(job.command)
    if request.failure and request.failure.source in ("log", "report"):
        return make_command(make_script_command(request.script))
    return None


def _sort(failure: Failure, tree: Tree, services: Services) -> Triage:
    paths = tree.paths()
    is_from_sandbox = failure.source in ("baseline", "check")
    return triage(
        failure,
        root=ROOT if is_from_sandbox else str(services.repository.root or ""),
        declared_modules=find_declared_modules(paths, tree.read),
        own_modules=find_own_modules(paths),
    )


def _explain_difference(
    failure: Failure,
    observation: Failure | None,
    report: Report,
    services: Services,
    by_sandbox: str,
) -> str:
    tape = services.recordings.of_failure(failure)
    return explain_difference(failure, observation, report.command, tape, by_sandbox)


def _shows_fault(failure: Failure, report: Report, is_reproduced: bool) -> bool:
    """Whether the command itself shows what is to be healed."""
    return did_fail(report.command) or (is_reproduced and is_wrong_end(failure))


def _are_tests_to_heal(failure: Failure, request: Request, tree: Tree, report: Report) -> bool:
    """Whether failing tests show the failure: they execute the code that it names."""
    code = find_failing_code(tree, failure)
    is_from_tests = request.failure is None and not did_fail(report.command)
    if is_from_tests or not code:
        return bool(find_related_failures(request.script, report))
    failing = find_failing_tests(report.tests)
    return any(is_concerned(node, report.failing, code) for node in failing)


def _is_reproduced(report: Failure | None, observation: Failure | None) -> bool:
    """Whether the failure that was reported is the one that the baseline shows."""
    if observation is None:
        return False
    return report is None or not report.chain or report.fingerprint == observation.fingerprint


def _why_review_only(
    failure: Failure, request: Request, kind: Triage, services: Services, report: Report
) -> str:
    """Why a fix may only wait for a person; empty when it may merge."""
    autonomy = services.config.autonomy_of(request.script)
    if autonomy != "merge":
        return f'autonomy is "{autonomy}"'
    if not kind.sure and not is_shown_by_a_test(request, failure, report):
        return f"it is not sure that this is a code fault: {kind.reason}"
    earlier = services.ledger.turned_down(failure.fingerprint)
    reverts = [row.id for row in earlier if row.outcome == "reverted"]
    if reverts:
        last = reverts[-1]
        return f"an earlier fix of this failure was merged and taken out again (repair {last})"
    return _explain_lacking(report) or services.ledger.sums.explain_breaker(services.clock.now())


def _explain_lacking(report: Report) -> str:
    """A test that is skipped for want of a package, or a way that the job goes without it, says
    nothing of the job where the package is there."""
    names = name_some(report.lacking)
    return (
        f"the sandbox lacks what is declared and cannot be had as a wheel: {names}" if names else ""
    )


def _explain_origin(request: Request, command: Command | None, services: Services) -> str:
    """What changed since the last good night of a failure that was recorded."""
    if request.failure is None or command is None:
        return ""
    return explain_origin(request.failure, request.base, command, services)


def _explain_by_sandbox(
    report: Failure | None, observation: Failure | None, tree: Tree, services: Services
) -> str:
    """What the sandbox lacks that explains what was seen there."""
    if observation is None:
        return ""
    variables = {*os.environ, *(report.environment_names if report else ())}
    return explain_by_sandbox(observation, tree, services.repository.root, variables)


def _say_gone(failure: Failure) -> str:
    return f"it no longer fails: what failed on {failure.commit[:12]} ends well on today's commit"


def _say_healthy(command: Command | None, report: Report) -> str:
    parts = ["the command succeeds"] if command else []
    parts += ["it compiles", "lint finds no fault"]
    count = len(report.tests[0].results) if report.tests else 0
    parts.append(f"{count} tests were run, none of its own fails" if count else "no test was found")
    return "nothing is broken: " + ", ".join(parts)
