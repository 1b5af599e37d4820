"""The step that matters: a candidate's evidence from fresh containers, and its verdict.

Belongs here: which trees are run with which plan, and the facts for the judge. A new kind of
evidence is a field of `judge.Evidence`, filled in `_gather`. Does not belong here: what the facts
mean (`healer.judge`).
"""

from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice

from healer.draft.rules.drafter import RulesDrafter
from healer.draft.search.operators.mutation import operator_of
from healer.draft.search.survivors import SEARCH
from healer.draft.search.variant_maker import REVERT
from healer.evidence.baseline import is_base_in_time, run_baseline
from healer.evidence.changed_lines import changes_code, find_executable_changes
from healer.evidence.commands import make_command_to_heal
from healer.evidence.comparison import compare_with_base
from healer.evidence.experiment import Experiment
from healer.evidence.fail_to_pass import find_fail_to_pass
from healer.evidence.good_nights import NightRuns, is_good, make_replays, run_good_nights
from healer.evidence.kept_output import is_output_kept
from healer.evidence.mutation import try_mutants
from healer.evidence.neighbours import MOST_NEW_KEYS, find_neighbours, swap_new_keys
from healer.evidence.nights import (
    NightCase,
    ask_nights,
    choose_neighbours,
    read_expectations,
    try_neighbours,
)
from healer.evidence.observed_failure import shows_failure
from healer.evidence.other_scripts import find_script_changes
from healer.evidence.own_test import run_alone
from healer.evidence.pins import PinCase, prove_pin
from healer.evidence.plan import leave_out, plan_checks
from healer.evidence.redacted_report import (
    redact_evidence,
    redact_report,
    redact_verdict,
    truncate_report,
)
from healer.evidence.rivals import find_rivals
from healer.evidence.slowed_tests import run_fix
from healer.evidence.speculative_mutants import SpeculativeRun, expect_success, is_predictable
from healer.evidence.target_code import find_target_code
from healer.evidence.wrong_ends import is_still_wrong
from healer.evidence.wrong_values import find_wrong_values
from healer.facts.draft import Case, Draft, ReadData
from healer.facts.repair import Baseline, Judged, QuarantinedPatch, Request
from healer.judge import (
    Evidence,
    Rivals,
    Target,
    Verdict,
    compare_replays,
    find_failing_tests,
    judge,
    refuse_by_policy,
)
from healer.services import Services
from quarantine.candidate import Candidate
from quarantine.history import files_of_repairs
from sandbox import Report, SandboxError
from sandbox.screen import Screening

NOTHING_MEASURED = Evidence(reproduced=False, lines_changed=0, lines_executed=0)


def prove(
    request: Request, baseline: Baseline, patch: QuarantinedPatch, services: Services
) -> Judged:
    """Runs every check on the candidate's tree and judges what was seen."""
    if patch.candidate is None:
        raise ValueError("there is no candidate to prove")
    if verdict := refuse_by_policy(patch.findings):
        return Judged(verdict=verdict)
    experiment = _set_up(request, baseline, patch.candidate, services)
    if patch.draft.packages:
        try:
            services = services.on_packages(request, patch.draft.packages)
        except SandboxError as error:
            return Judged(verdict=Verdict(kind="unchanged", reasons=(f"not proved: {error}",)))
    with services.runner.open_screening() as screening:
        return _Proof(request, baseline, patch, services, screening, experiment).judge()


@dataclass(frozen=True)
class _Proof:
    """One candidate on its way to its verdict."""

    request: Request
    baseline: Baseline
    patch: QuarantinedPatch
    services: Services
    screening: Screening
    """One container for all that is tried beside the fix."""
    experiment: Experiment
    """With the report to hope for until the checks have been run."""

    def judge(self) -> Judged:
        """Runs the checks, measures what they are worth, and judges both."""
        speculation = self._speculate()
        proof = replace(self, experiment=run_fix(self.experiment, self.services.runner))
        after = proof.experiment.after
        try:
            evidence, verdict = proof._weigh(speculation)
        except SandboxError as error:  # no weakness of the fix: nothing is judged then
            after = after.model_copy(update={"fault": error.fault})
            proof = replace(self, experiment=replace(self.experiment, after=after))
            evidence, verdict = NOTHING_MEASURED, proof._decide(None)(evidence=NOTHING_MEASURED)
        redactor = self.services.redactor
        return Judged(
            verdict=redact_verdict(verdict, redactor),
            report=redact_report(truncate_report(after), redactor),
            evidence=redact_evidence(evidence, redactor),
        )

    def _speculate(self) -> SpeculativeRun | None:
        """What is tried beside it, under way where it can be told what the checks will say."""
        before, brings_a_test = self.experiment.before, self.patch.draft.regression_test is not None
        if is_predictable(before, brings_a_test=brings_a_test):
            return SpeculativeRun(self.experiment, self.screening, self._draft_by_rules)
        if find_failing_tests(before.tests):
            self.services.runner.prepare_screening()  # those are to kill mutants
        return None

    def _weigh(self, speculation: SpeculativeRun | None) -> tuple[Evidence, Verdict]:
        """All that is to be known, the dearest last and only where it can still matter. Raises
        SandboxError where the sandbox failed at any of it."""
        experiment, baseline, redactor = self.experiment, self.baseline, self.services.redactor
        values = self._gather(speculation)
        nights = _make_night_case(experiment, self.request, self.services)
        answer = ask_nights(nights)
        evidence = values.model_copy(
            update={
                "good_runs": compare_replays(make_replays(nights.good_nights, redactor)),
                "nights": answer,
                "pins": prove_pin(self._make_pin_case(), nights, answer),
                "reproduced": baseline.reproduced,
                "difference": baseline.difference,
                "missed": experiment.after.command.missed if experiment.after.command else (),
                "forced": self.patch.draft.forced,
                "tests_changed": self.patch.tests_changed,
                "base_in_time": is_base_in_time(self.experiment, self.services.runner),
            }
        )
        decide = self._decide(_run_own_test(self.patch, experiment, self.services))
        verdict = decide(evidence=evidence)
        is_open = not self.patch.draft.doubt and bool(evidence.nights and evidence.nights.is_open)
        if evidence.nights and is_open and set(verdict.weaknesses) == {"value-unknown"}:
            neighbours = find_neighbours(experiment, self._draft_by_rules())
            others = swap_new_keys(experiment, self._list_reads())
            others = chain(islice(others, MOST_NEW_KEYS), find_wrong_values(experiment))
            neighbours = choose_neighbours(neighbours, others)
            answer = try_neighbours(evidence.nights, nights, neighbours)
            evidence = evidence.model_copy(update={"nights": answer})
            verdict = decide(evidence=evidence)
        if verdict.strong and not evidence.pins:  # only then may another fix pass as well
            early = speculation.rivals(experiment, evidence.fail_to_pass) if speculation else None
            rivals = early or self._find_rivals(evidence)
            evidence = evidence.model_copy(update={"rivals": rivals})
            verdict = decide(evidence=evidence)
        if verdict.strong:
            changes = find_script_changes(experiment, self.request.script, evidence, self.services)
            evidence = evidence.model_copy(update={"script_changes": changes})
            verdict = decide(evidence=evidence)
        return evidence, verdict

    def _make_pin_case(self) -> PinCase:
        services, request = self.services, self.request
        return PinCase(
            draft=self.patch.draft,
            failure=request.failure,
            base=services.repository.tree(request.base),
            fix=self.experiment.tree,
            paths=self.experiment.paths,
            recordings=services.recordings,
        )

    def _decide(self, own_test_before: Report | None) -> partial[Verdict]:
        """The judge, who only lacks the evidence."""
        return partial(
            judge,
            _target(self.baseline, self.patch, self.experiment),
            self.experiment.before,
            self.experiment.after,
            self.patch.findings,
            shows_failure=lambda end: (
                shows_failure(end, self.baseline.failure, self.request)
                or is_still_wrong(end, self.request, self.experiment.base, self.services)
            ),
            own_test_before=own_test_before,
        )

    def _gather(self, speculation: SpeculativeRun | None) -> Evidence:
        """What speaks for the values that the fix computes, and against them. Nothing is measured
        where the command does not even succeed. Where nothing failed, every test speaks."""
        experiment, baseline = self.experiment, self.baseline
        command = experiment.after.command
        if experiment.after.fault or (command and command.exit_code != 0):
            return NOTHING_MEASURED
        fail_to_pass = find_fail_to_pass(experiment, self.services.runner)
        score = speculation.score(experiment, fail_to_pass) if speculation else None
        telling = experiment.witness_nodes if baseline.healthy else fail_to_pass
        return Evidence(
            reproduced=False,
            heals=not baseline.healthy,
            changes_code=changes_code(experiment.base, experiment.tree, experiment.paths),
            lines_changed=sum(len(lines) for lines in experiment.changed_lines.values()),
            lines_executed=experiment.count_executed(),
            mutation=score or try_mutants(experiment, telling, self.screening),
            fail_to_pass=fail_to_pass,
            fail_to_pass_of_repairs=experiment.nodes_of_repairs,
            output_kept=is_output_kept(experiment.before.command, command),
        )

    def _find_rivals(self, evidence: Evidence) -> Rivals | None:
        """Among them what the rules would draft for the same failure. Where nothing failed, the
        only one is the code as it was."""
        case, screening = self.experiment, self.screening
        if self.baseline.healthy:
            return compare_with_base(case, case.passing_nodes, screening)
        return find_rivals(case, evidence.fail_to_pass, screening, self._draft_by_rules())

    def _list_reads(self) -> tuple[ReadData, ...]:
        return self.services.recordings.list_reads(self.request.failure)

    def _draft_by_rules(self) -> tuple[Draft, ...]:
        """What the rules would draft for the same failure."""
        if self.baseline.failure is None:
            return ()
        case = Case(
            repair=self.request.repair,
            script=self.request.script,
            failure=self.baseline.failure,
            base=self.request.base,
            command=self.baseline.command,
            baseline=self.experiment.before,
            reads=self._list_reads(),
        )
        return RulesDrafter().draft(case, self.experiment.base).candidates


def _set_up(
    request: Request, baseline: Baseline, candidate: Candidate, services: Services
) -> Experiment:
    """Both trees with their plan, the report on the unfixed one, and the one to hope for."""
    base = services.repository.tree(request.base)
    tree = services.repository.tree(candidate.commit)
    command = make_command_to_heal(request.failure, baseline.command, base, services.recordings)
    lines = find_executable_changes(base, tree, candidate.paths)
    test_command = services.config.tests.command
    plan = plan_checks(base, request.script, test_command, command, candidate.paths, trace=lines)
    plan = leave_out(plan, {path for path in candidate.paths if tree.entry(path) is None})
    # The checkpoint holds a cut report; the whole one is remembered by the runner.
    before = run_baseline(request, base, command, services)
    has_tests = any(run.results for run in before.tests)
    of_repairs = files_of_repairs(services.repository, base) if has_tests else frozenset()
    trees = (base, tree, candidate.paths)
    return expect_success(Experiment(*trees, lines, plan, before, before, of_repairs))


def _target(baseline: Baseline, patch: QuarantinedPatch, experiment: Experiment) -> Target:
    test = patch.draft.regression_test
    return Target(
        paths=experiment.paths,
        command=experiment.plan.command is not None,
        tests=baseline.by_tests,
        code=find_target_code(experiment.base, experiment.tree, experiment.paths, baseline.failure),
        lines=experiment.changed_lines,
        own_test=test.path if test else "",
        own_test_dropped=patch.dropped,
        is_guess=patch.draft.drafter == SEARCH and operator_of(patch.draft.rule) != REVERT,
    )


def _make_night_case(experiment: Experiment, request: Request, services: Services) -> NightCase:
    """With the good nights of the script, and of every file that the patch changes; without them
    where the command fails."""
    base, tree, command = experiment.base, experiment.tree, experiment.after.command
    nights: tuple[NightRuns, ...] = ()
    if not experiment.after.fault and (command is None or is_good(command)):
        tapes = services.recordings.of_good_nights((request.script, *experiment.paths))
        nights = run_good_nights(tapes, base, tree, experiment.paths, services.runner)
    tape = services.recordings.of_failure(request.failure) if request.failure else None
    expectations = read_expectations(base, request.script)
    return NightCase(experiment, tape, nights, services.runner, services.redactor, expectations)


def _run_own_test(
    patch: QuarantinedPatch, experiment: Experiment, services: Services
) -> Report | None:
    """The draft's own test on the unfixed tree, where it must fail."""
    test = patch.draft.regression_test
    if test is None or experiment.plan.tests is None:
        return None
    return run_alone(test, experiment.plan.tests, experiment.base, services)
