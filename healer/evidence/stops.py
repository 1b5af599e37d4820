"""Why a repair ends before anything is drafted: it is off, protected, or no fault of the code.

Belongs here: one function for each reason; None where it does not hold. Does not belong here: their
order and what is run between them (`baseline`), or what an end leads to (`healer.repair`).
"""

from pathlib import PurePosixPath

from healer.config import Config
from healer.facts.draft import Source
from healer.facts.repair import Baseline, Request
from healer.failure import Failure
from healer.judge import (
    BAD,
    GOOD,
    explain_abort,
    explain_no_start,
    find_trace,
    find_uncollected,
)
from healer.support.tree_text import read_text
from healer.survey.place_of_tests import list_imports
from healer.triage import Triage
from quarantine.project_tests import ProjectTests
from quarantine.protection import Protection
from quarantine.tree import Tree
from sandbox import Report, TestRun


def stop_if_off(request: Request, config: Config) -> Baseline | None:
    """Where nothing may be drafted for this script."""
    if config.autonomy_of(request.script) != "off":
        return None
    return Baseline(
        stop="escalated",
        failure=request.failure,
        reason=f"autonomy is off for {request.script}",
        next_step='set autonomy to "review" or "merge" in healer.toml to have a fix drafted',
    )


def stop_if_protected(failure: Failure | None, request: Request, tree: Tree) -> Baseline | None:
    """Where what fails is protected with `escalate`."""
    if failure is None:
        return None
    protection = Protection.load(tree)
    for path in _paths_at_fault(failure, request, ProjectTests.load(tree)):
        rule = protection.match(path, exists=True)
        if rule is not None and rule.action == "escalate":
            return Baseline(
                stop="escalated",
                failure=failure,
                reason=f"{path} is protected: {rule.reason}",
                protected=True,
                notify=tuple(rule.notify),
                next_step="repair it by hand, or change protected.toml",
            )
    return None


def _paths_at_fault(failure: Failure, request: Request, tests: ProjectTests) -> list[str]:
    """The script, and where the exception arose unless that is a test reporting on it."""
    paths = [request.script]
    culprit = failure.culprit
    if culprit and culprit.file not in paths and not tests.is_test(culprit.file):
        paths.append(culprit.file)
    return paths


def stop_if_unknown(
    report: Report, *, has_tests: bool, script: str, tree: Source
) -> Baseline | None:
    """Where the tests did not start or come to their end, where none was collected although the
    project has some (`has_tests`), where those of a module that imports the script could not be
    run, or where a command of them fails of which only the exit status is known: then nothing is
    known to be healthy."""
    for run in report.tests:
        if why := explain_abort(run):
            next_step = "raise [sandbox] timeout_s or memory_mb in healer.toml"
        elif why := explain_no_start(run):
            next_step = "set [tests] command or [sandbox] image so that they run in the sandbox"
        elif has_tests and not (run.results or run.collected):
            why = "pytest collects no test, although the repository has test files"
            next_step = (
                "look at what `python -m pytest --collect-only` says, or set [tests] command"
            )
        elif module := _find_uncollected(report, script, tree):
            why = f"the tests of {module} could not be run in the sandbox"
            next_step = (
                "commit what they import, or install it where the sandbox takes its packages from "
                "(healer doctor names it)"
            )
        elif unknown := _find_unknown(run, report):
            why = f"the tests fail ({unknown[0]}), and nothing tells for which script"
            next_step = "name the failing command: healer fix SCRIPT -- ARGS"
        else:
            continue
        return Baseline(stop="unjudged", report=report, reason=why, next_step=next_step)
    return None


def _find_uncollected(report: Report, script: str, tree: Source) -> str:
    """The first module of tests that could not be run and may be about the script, with why: one
    that imports from its place, or any where no test passes."""
    has_passed = any(each.outcome == GOOD for run in report.tests for each in run.results)
    places = {*PurePosixPath(script).with_suffix("").parts}
    for path, why in find_uncollected(report.tests).items():
        modules = {name.partition(".")[0] for name, _ in list_imports(read_text(tree, path))}
        if modules & places or not has_passed:
            return f"{path} ({why})"
    return ""


def _find_unknown(run: TestRun, report: Report) -> list[str]:
    """Failures of a command that may be any script's: its own, and those of tests of which it is
    not known what they execute."""
    is_of_command = run.is_of_command or run.by_status
    failing = [each.node for each in run.results if each.outcome in BAD and is_of_command]
    return [n for n in failing if "::" not in n or find_trace(n, report.failing) is None]


def stop_if_logged(failure: Failure, report: Report) -> Baseline | None:
    """Where the job went on after what it logged: nothing fails that a fix could be proved by."""
    if not failure.is_logged or failure.exception is None:
        return None
    place = f" at {failure.culprit.file}:{failure.culprit.line}" if failure.culprit else ""
    what = f"{failure.exception.type}: {failure.exception.message.partition(chr(10))[0][:120]}"
    return Baseline(
        stop="escalated",
        failure=failure,
        report=report,
        reason=f"the job logged {what}{place} as an error and went on: nothing fails that a fix "
        "could be proved by",
        next_step="let the job end with an exit code other than 0 where this is to be repaired",
    )


def stop_if_by_sandbox(failure: Failure, report: Report, by_sandbox: str) -> Baseline | None:
    """Where all that failed is what the sandbox lacks (`by_sandbox` says what)."""
    if not by_sandbox:
        return None
    return Baseline(
        stop="escalated",
        failure=failure,
        report=report,
        reason=f"it cannot be told whether this fails outside of the sandbox: {by_sandbox}",
        difference=by_sandbox,
    )


def stop_if_no_code_fault(
    failure: Failure, report: Report, triage: Triage, *, do_tests_fail: bool = False
) -> Baseline | None:
    """Where another draft of the code would heal nothing. A job that ended itself may have been
    right to, unless tests of it fail as well (`do_tests_fail`)."""
    if triage.kind == "code" or (triage.kind == "deliberate" and do_tests_fail):
        return None
    return Baseline(
        stop="escalated",
        failure=failure,
        report=report,
        reason=f"not a code fault ({triage.kind}): {triage.reason}",
        next_step=triage.next_step,
    )
