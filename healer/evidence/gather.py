"""The step that matters: a candidate's evidence from fresh containers, and its verdict.

Belongs here: which trees are run with which plan, and the facts for the judge. Does not belong
here: what the facts mean (`healer.judge`).
"""

from dataclasses import replace

from healer.evidence import plan as planning
from healer.evidence.baseline import JOB_ROOTS, of_command
from healer.evidence.changed_lines import executable_changes
from healer.evidence.experiment import Experiment
from healer.evidence.fail_to_pass import healed_tests
from healer.evidence.good_runs import replay
from healer.evidence.mutation import try_mutants
from healer.evidence.own_test import only_this
from healer.evidence.speculative_mutants import Ahead, as_expected, worth_it
from healer.evidence.trim_and_redact import cleared, told, trimmed
from healer.facts.progress import Progress
from healer.facts.repair import Baseline, Judged, QuarantinedPatch, Request
from healer.failure import Failure, fingerprint, parse_traceback
from healer.judge import Evidence, Question, compare_replays, failing, judge, refused
from healer.services import Services
from healer.services.runner import Packed
from sandbox import Command, Ended, Plan, Report


def prove(
    request: Request, examined: Baseline, proposed: QuarantinedPatch, services: Services
) -> Judged:
    """Runs every check on the candidate's tree and judges what was seen."""
    candidate = proposed.candidate
    if candidate is None:
        raise ValueError("there is no candidate to prove")
    forbidden = refused(proposed.findings)
    if forbidden:
        return Judged(verdict=forbidden)
    base = services.repository.tree(request.base)
    tree = services.repository.tree(candidate.commit)
    command = planning.command_to_heal(request.failure, examined.command)
    changed_lines = executable_changes(base, tree, candidate.paths)
    the_plan = planning.plan(base, request.script, _tests(services), command, candidate.paths)
    the_plan = the_plan.model_copy(update={"trace": changed_lines})
    before = _baseline(request, base, command, services)
    hoped = as_expected(before)
    expected = Experiment(base, tree, candidate.paths, changed_lines, the_plan, before, hoped)
    ahead = None
    if worth_it(expected, brings_a_test=proposed.draft.regression_test is not None):
        ahead = Ahead(expected, services.runner.screening())
    elif failing(before.tests):
        services.runner.expect_screening()  # those tests are to notice mistakes: see `try_mutants`
    report = services.runner.run(tree, the_plan)
    question = Question(
        changed=candidate.paths,
        command=command is not None,
        tests=examined.by_tests,
        regression=_regression_node(proposed),
        dropped=proposed.dropped,
    )
    proof = Evidence(reproduced=examined.reproduced, lines_changed=0, lines_executed=0)
    if not _hopeless(report) and not report.fault:
        said = "would the checks notice a small mistake in the changed lines?"
        services.progress(
            Progress(repair=request.repair, step="evidence", state="running", detail=said)
        )
        seen = replace(expected, after=report)
        proof = _proof(seen, request, services, ahead).model_copy(
            update={"reproduced": examined.reproduced, "forced": proposed.draft.forced}
        )
    verdict = judge(
        question,
        before,
        report,
        proposed.findings,
        proof=proof,
        same_failure=lambda ended: _same(examined.failure, ended, request),
        regression_before=_regression_before(proposed, base, the_plan, services),
    )
    clear = cleared(trimmed(report), services.redactor)
    return Judged(verdict=told(verdict, services.redactor), report=clear)


def _tests(services: Services) -> tuple[str, ...]:
    return services.config.tests.command


def _baseline(
    request: Request, base: Packed, command: Command | None, services: Services
) -> Report:
    """The whole baseline; the checkpoint holds a trimmed one, the cache the whole."""
    the_plan = planning.plan(base, request.script, _tests(services), command, ())
    return services.runner.run(base, the_plan, cached=True)


def _same(failure: Failure | None, ended: Ended, request: Request) -> bool:
    """Whether the output still shows the failure that is to be gone."""
    if failure is None or failure.raised is None:
        return False
    chain = parse_traceback(ended.stderr, roots=JOB_ROOTS)
    if not chain:
        return False
    seen = of_command(request, failure.argv, ended)
    return fingerprint(seen) == failure.fingerprint or chain[-1].type == failure.raised.type


def _hopeless(report: Report) -> bool:
    """Nothing beyond pass and fail is worth measuring when it does not even succeed."""
    command = report.command
    return bool(command and command.exit_code != 0)


def _proof(seen: Experiment, request: Request, services: Services, ahead: Ahead | None) -> Evidence:
    """What speaks for the values that the fix computes, and against them."""
    ran = _executed(seen.after)
    healed = healed_tests(seen, services.runner)
    records = services.good_runs(request.script)
    replays = replay(records, seen.base, seen.tree, seen.paths, services.runner)
    recorded = compare_replays(replays)
    mutants = ahead.mutants(seen, healed) if ahead else None
    return Evidence(
        reproduced=False,
        lines_changed=sum(len(lines) for lines in seen.changed.values()),
        lines_executed=sum(len(set(n) & ran.get(path, set())) for path, n in seen.changed.items()),
        mutants=mutants or try_mutants(seen, healed, services.runner.screening()),
        tests_healed=healed,
        recorded_same=recorded.same,
        recorded_restored=recorded.restored,
        recorded_difference=recorded.difference,
        output_kept=_output_kept(seen.before.command, seen.after.command),
    )


def _executed(report: Report) -> dict[str, set[int]]:
    ended = [run.ended for run in report.tests]
    if report.command:
        ended.append(report.command)
    ran: dict[str, set[int]] = {}
    for each in ended:
        for path, lines in each.executed.items():
            ran.setdefault(path, set()).update(lines)
    return ran


def _output_kept(before: Ended | None, after: Ended | None) -> bool | None:
    """Whether what was printed before the failure is still printed first.

    Lines that hold digits are left out: times, counts and addresses may differ in any run.
    """
    if before is None or after is None:
        return None

    def steady(text: str) -> list[str]:
        return [line for line in text.splitlines() if not any(c.isdigit() for c in line)]

    printed = steady(before.stdout)
    if not printed:
        return None
    return steady(after.stdout)[: len(printed)] == printed


def _regression_node(proposed: QuarantinedPatch) -> str:
    test = proposed.draft.regression_test
    return test.path if test else ""


def _regression_before(
    proposed: QuarantinedPatch, base: Packed, the_plan: Plan, services: Services
) -> Report | None:
    """The draft's own test on the unfixed tree, where it must fail."""
    test = proposed.draft.regression_test
    if test is None or the_plan.tests is None:
        return None
    return only_this(test, the_plan.tests, base, services)
