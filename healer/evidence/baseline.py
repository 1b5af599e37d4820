"""The first step: what is broken on the unfixed commit, and may healer touch it?

Belongs here: baseline, failure, triage and protection of one repair. Does not belong here:
drafting, or any write to the repository.
"""

from collections.abc import Iterable

from healer.config import Config
from healer.evidence import plan as planning
from healer.evidence.trim_and_redact import cleared, hidden, trimmed
from healer.facts.repair import Baseline, Request
from healer.failure import Failure, fingerprint, parse_traceback
from healer.judge import FAULT_RULES, failing
from healer.judge.outcomes import broken_off
from healer.services import Services
from healer.services.runner import Packed
from healer.triage import declared, triage
from quarantine.project_tests import ProjectTests
from quarantine.protection import Protection
from sandbox import Command, Ended, Report, TestResult
from sandbox.inside.tree import ROOT

JOB_ROOTS = (ROOT,)
"""Where the tree lies inside the sandbox: frames below it are the repository's own."""


def examine(request: Request, services: Services) -> Baseline:
    """Runs the baseline and says what is to be healed, or why the repair ends here."""
    found = _examined(request, services)
    failure = hidden(found.failure, services.redactor) if found.failure else None
    clear = {"failure": failure, "baseline": cleared(found.baseline, services.redactor)}
    return found.model_copy(update=clear)


def _examined(request: Request, services: Services) -> Baseline:
    source = services.repository.tree(request.base)
    tests = ProjectTests.load(source)
    protection = Protection.load(source)
    early = _off(request, services.config) or _held(request.failure, request, protection, tests)
    if early:
        return early  # known before anything runs: no container is needed to say so
    command = _command(request, services.config)
    if any(map(tests.is_test, source.paths())):
        services.runner.expect_screening()  # a search or the mutants will want it: see `prove`
    report = baseline(request, source, command, services)
    if report.fault:
        return Baseline(stop="unjudged", reason=report.fault.message, failure=request.failure)
    found = _failure(request, command, report)
    failure = request.failure or found
    if failure is None and (stopped := _stopped(report)):
        return Baseline(stop="unjudged", baseline=trimmed(report), reason=stopped)
    if failure is None:
        return Baseline(healthy=True, baseline=trimmed(report), reason=_healthy(command, report))
    examined = _held(failure, request, protection, tests) or _sorted(
        request,
        source=source,
        failure=failure,
        found=found,
        command=command,
        report=report,
        autonomy=services.config.autonomy_of(request.script),
        root=str(services.repository.root or ""),
    )
    return _after_a_relapse(examined, services)


def _after_a_relapse(examined: Baseline, services: Services) -> Baseline:
    """Where an earlier fix was merged and had to be taken out, a person decides on the next."""
    failure = examined.failure
    if failure is None or examined.stop or examined.review_only:
        return examined
    earlier = services.ledger.turned_down(failure.fingerprint)
    reverted = [row.id for row in earlier if row.outcome == "reverted"]
    if not reverted:
        return examined
    said = f"an earlier fix of this failure was merged and taken out again (repair {reverted[-1]})"
    return examined.model_copy(update={"review_only": said})


def _off(request: Request, config: Config) -> Baseline | None:
    """The end of the repair where nothing may be drafted for this script."""
    if config.autonomy_of(request.script) != "off":
        return None
    return Baseline(
        stop="escalated",
        failure=request.failure,
        reason=f"autonomy is off for {request.script}",
        next_step='set autonomy to "review" or "merge" in healer.toml to have a fix drafted',
    )


def own_modules(paths: Iterable[str]) -> frozenset[str]:
    """Top-level import names that the repository itself provides, from its root or beside a
    script."""
    found = set()
    for path in paths:
        parts = path.split("/")
        if path.endswith(".py"):
            found |= {parts[0].removesuffix(".py"), parts[-1].removesuffix(".py")}
    return frozenset(found)


def _sorted(
    request: Request,
    *,
    source: Packed,
    failure: Failure,
    found: Failure | None,
    command: Command | None,
    report: Report,
    autonomy: str,
    root: str,
) -> Baseline:
    """What the triage makes of a failure that may be drafted."""
    paths = source.paths()
    sorted_as = triage(
        failure,
        root=ROOT if failure.source in ("baseline", "check") else root,
        declared=declared(paths, source.read),
        own_modules=own_modules(paths),
    )
    if sorted_as.kind != "code":
        return Baseline(
            stop="escalated",
            failure=failure,
            baseline=trimmed(report),
            reason=f"not a code fault ({sorted_as.kind}): {sorted_as.reason}",
            next_step=sorted_as.next_step,
        )
    return Baseline(
        failure=failure,
        reproduced=_reproduced(request.failure, found),
        command=command.argv if command and _failed(report.command) else (),
        by_tests=bool(related_failures(request.script, report)),
        baseline=trimmed(report),
        review_only=_review_only(autonomy, sorted_as.sure, sorted_as.reason),
    )


def baseline(
    request: Request, source: Packed, command: Command | None, services: Services
) -> Report:
    """The unfixed commit's report."""
    tests = services.config.tests.command
    the_plan = planning.plan(source, request.script, tests, command, ())
    return services.runner.run(source, the_plan, cached=True)


def _command(request: Request, config: Config) -> Command | None:
    job = config.job_of(request.script)
    if request.command:
        return planning.command_of(request.command)
    if request.failure and request.failure.argv:
        return planning.recorded_command(request.failure)
    if request.failure and job and job.command:
        return planning.command_of(job.command)
    if request.failure and request.failure.source in ("log", "report"):
        return planning.command_of(planning.script_command(request.script, ()))
    return None


def _failed(ended: Ended | None) -> bool:
    return ended is not None and (
        ended.exit_code != 0 or ended.timed_out or ended.oom or ended.signal is not None
    )


def _failure(request: Request, command: Command | None, report: Report) -> Failure | None:
    """The failure that the baseline shows, or None when all is well."""
    if command and report.command and _failed(report.command):
        return of_command(request, command.argv, report.command)
    related = related_failures(request.script, report)
    if related:
        return _of_test(request, related[0])
    return _of_checks(request, report)


def of_command(request: Request, argv: tuple[str, ...], ended: Ended) -> Failure:
    """A failing run in the sandbox as a failure."""
    chain = parse_traceback(ended.stderr, roots=JOB_ROOTS)
    failure = Failure(
        id=f"{request.repair}-baseline",
        script=request.script,
        source="baseline",
        argv=argv,
        exit_code=ended.exit_code,
        signal=ended.signal,
        timed_out=ended.timed_out,
        chain=chain,
        stdout_tail=ended.stdout[-8_000:],
        stderr_tail=ended.stderr[-8_000:],
        commit=request.base,
        duration_s=ended.seconds,
    )
    return failure.model_copy(update={"fingerprint": fingerprint(failure)})


def _of_test(request: Request, result: TestResult) -> Failure:
    failure = Failure(
        id=f"{request.repair}-baseline",
        script=request.script,
        source="baseline",
        chain=parse_traceback(result.detail, roots=JOB_ROOTS),
        stderr_tail=result.detail[-8_000:],
        commit=request.base,
    )
    return failure.model_copy(update={"fingerprint": fingerprint(failure)})


def _of_checks(request: Request, report: Report) -> Failure | None:
    """A failure made from syntax or sure lint findings in the script itself."""
    for problem in report.syntax:
        if problem.path == request.script:
            return _of_line(request, "SyntaxError", problem.message, problem.line)
    for finding in report.lint:
        if finding.path == request.script and finding.code.startswith(FAULT_RULES):
            kind = "NameError" if finding.code.startswith("F82") else "LintError"
            return _of_line(request, kind, finding.message, finding.line)
    return None


def _of_line(request: Request, kind: str, message: str, line: int) -> Failure:
    text = f'  File "{JOB_ROOTS[0]}/{request.script}", line {line}\n{kind}: {message}\n'
    failure = Failure(
        id=f"{request.repair}-baseline",
        script=request.script,
        source="check",
        chain=parse_traceback("Traceback (most recent call last):\n" + text, roots=JOB_ROOTS),
        stderr_tail=text,
        commit=request.base,
    )
    return failure.model_copy(update={"fingerprint": fingerprint(failure)})


def related_failures(script: str, report: Report) -> list[TestResult]:
    """Failing tests with a trace of the script in their name or output."""
    stem = script.rsplit("/", 1)[-1].removesuffix(".py")
    results = failing(report.tests).values()
    return [result for result in results if stem in f"{result.node}\n{result.detail}"]


def _reproduced(reported: Failure | None, seen: Failure | None) -> bool:
    if seen is None:
        return False
    return reported is None or not reported.chain or reported.fingerprint == seen.fingerprint


def _held(
    failure: Failure | None, request: Request, protection: Protection, tests: ProjectTests
) -> Baseline | None:
    """The end of the repair when what fails is protected with `escalate`."""
    if failure is None:
        return None
    for path in _at_fault(failure, request, tests):
        rule = protection.match(path, exists=True)
        if rule is not None and rule.action == "escalate":
            return Baseline(
                stop="escalated",
                failure=failure,
                reason=f"{path} is protected: {rule.reason}",
                notify=tuple(rule.notify),
                next_step="repair it by hand, or change protected.toml",
            )
    return None


def _at_fault(failure: Failure, request: Request, tests: ProjectTests) -> list[str]:
    """The script, and where the exception arose unless that is a test reporting on it."""
    paths = [request.script]
    culprit = failure.culprit
    if culprit and culprit.file not in paths and not tests.is_test(culprit.file):
        paths.append(culprit.file)
    return paths


def _review_only(autonomy: str, sure: bool, reason: str) -> str:
    if autonomy != "merge":
        return f'autonomy is "{autonomy}"'
    return "" if sure else f"it is not sure that this is a code fault: {reason}"


def _stopped(report: Report) -> str:
    """Why the tests did not come to their end; then nothing is known to be healthy."""
    why = next((why for run in report.tests if (why := broken_off(run))), "")
    return f"{why}; raise [sandbox] timeout_s or memory_mb in healer.toml" if why else ""


def _healthy(command: Command | None, report: Report) -> str:
    parts = ["it compiles", "lint finds no fault"]
    if command:
        parts.insert(0, "the command succeeds")
    if report.tests:
        parts.append(f"{len(report.tests[0].results)} tests were run, none of its own fails")
    return "nothing is broken: " + ", ".join(parts)
