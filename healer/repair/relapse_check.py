"""Whether a merged fix is to blame for what failed on its probation, and may be taken out.

Belongs here: what the sandbox has to show before a revert, and what a revert must not break. Does
not belong here: noticing that something failed (`probation`), the steps of a revert (`rollback`).

Taking out needs evidence as strong as merging: the failure is seen on today's tip and with the fix
alone, it was not there before the merge, and the revert makes it better. The repaired failure
itself is the exception: that it was there before is why the fix was made. Not so with a broken
expectation, also of the same words: a night's data alone may break it, with the fix and without.
"""

from healer.evidence.baseline import choose_command
from healer.evidence.observed_failure import did_fail, failure_of_command
from healer.evidence.plan import plan_checks
from healer.evidence.wrong_ends import find_wrong_end, is_as_expected, is_wrong_end
from healer.facts.repair import Request
from healer.failure import Fact, Failure
from healer.ledger.rows import RepairRow
from healer.repair.probation import Probation
from healer.repair.refusals import require_request
from healer.services import Services
from quarantine.candidate import Candidate
from sandbox import Plan, ProcessEnd, SandboxError


class RevertCheck(Fact):
    """Why a revert must not be merged; empty when it may."""

    reason: str = ""
    is_doubt: bool = False
    """What failed is not shown to be the fix's fault."""


class RelapseCheck:
    """What the sandbox says of one merged repair, and of what failed since."""

    def __init__(self, row: RepairRow, failure: Failure | None, services: Services) -> None:
        """`failure`: what showed on probation that the fix is wrong; None where a person asked."""
        self._row, self._failure, self._services = row, failure, services
        self._request = require_request(row)

    def find_doubt(self) -> RevertCheck:
        """Why what failed is not shown to be the fix's fault. Raises SandboxError where that cannot
        be told now."""
        services, target = self._services, self._request.target
        tip = services.repository.tip(target)
        if self._failure is None or self._row.state != "merged" or tip is None:
            return RevertCheck()
        if not self._is_shown(self._failure, tip):
            return _doubt(f"in the sandbox it does not fail so on today's {target}")
        probation = Probation(services.repository, services.config, services.ledger)
        fix_commit = probation.merged_commit(self._row)
        if not self._is_shown(self._failure, fix_commit):
            return _doubt("with the fix alone it does not fail so: later commits do it")
        parent = services.repository.parents(fix_commit)[0]
        return self._find_doubt_without(self._failure, parent, "before the fix was merged")

    def find_harm(self, candidate: Candidate) -> RevertCheck:
        """A revert brings the old failure back, so it cannot pass like a fix. It must break
        nothing else: what passes today and passed before the repair has to pass still.

        Raises SandboxError when nothing can be checked: that is no outcome, and is tried again, in
        the daemon after longer and longer rests.
        """
        base = self._request.base
        regressions = self._find_passing_tests(base) & self._find_passing_tests(candidate.base)
        regressions -= self._find_passing_tests(candidate.commit)
        if self._failure is not None:
            doubt = self._find_doubt_without(self._failure, candidate.commit, "without the fix")
            if doubt.reason:
                return doubt
        if regressions:
            return RevertCheck(
                reason=f"later commits need the repair: without it {min(regressions)} fails"
            )
        return RevertCheck()

    def _find_doubt_without(self, failure: Failure, commit: str, when: str) -> RevertCheck:
        """Why a commit without the fix is not better than one with it; nothing where it is."""
        if is_wrong_end(failure):
            if self._is_as_expected(failure, commit):
                return RevertCheck()
            return _doubt(f"{when} the same run is not as expected either, or it is not known")
        is_other = failure.fingerprint != self._row.incident
        if is_other and self._is_shown(failure, commit):
            return _doubt(f"{when} it fails in the same way")
        return RevertCheck()

    def _is_shown(self, failure: Failure, commit: str) -> bool:
        """Whether the sandbox shows this failure on a commit."""
        end = self._run(failure, commit)
        if end is None:
            return False
        tree, request = self._services.repository.tree(commit), self._request_of(failure, commit)
        if is_wrong_end(failure):
            wrong_end = find_wrong_end(request, end, tree, self._services)
            is_same = wrong_end is not None and wrong_end.fingerprint == failure.fingerprint
            return is_same and not did_fail(end)
        if not did_fail(end):
            return False
        observation = failure_of_command(request, failure.argv, end)
        return not failure.chain or observation.fingerprint == failure.fingerprint

    def _is_as_expected(self, failure: Failure, commit: str) -> bool:
        """Whether the same run, on a commit, ends well and leaves what is expected there."""
        end = self._run(failure, commit)
        if end is None or did_fail(end):
            return False
        tree, request = self._services.repository.tree(commit), self._request_of(failure, commit)
        return is_as_expected(request, end, tree, self._services)

    def _run(self, failure: Failure, commit: str) -> ProcessEnd | None:
        """How the failing command ends on a commit; None where none is known."""
        tree, request = self._services.repository.tree(commit), self._request_of(failure, commit)
        command = choose_command(request, tree, self._services)
        if command is None:
            return None
        report = self._services.runner.run(tree, Plan(command=command), from_cache=True)
        if report.fault:
            raise SandboxError(f"the relapse could not be checked: {report.fault.message}")
        return report.command

    def _request_of(self, failure: Failure, commit: str) -> Request:
        """The failing run on a commit: what failed now, and not the command that was repaired."""
        command = () if failure.argv else self._request.command
        changes = {"failure": failure, "base": commit, "command": command}
        return self._request.model_copy(update=changes)

    def _find_passing_tests(self, commit: str) -> set[str]:
        """The tests that pass on a commit, in every run of them."""
        services = self._services
        tree, command = services.repository.tree(commit), services.config.tests.command
        plan = plan_checks(tree, self._request.script, command, None)
        report = services.runner.run(tree, plan, from_cache=True)
        if report.fault:
            raise SandboxError(f"the revert could not be checked: {report.fault.message}")
        runs = [{r.node for r in run.results if r.outcome == "passed"} for run in report.tests]
        return set.intersection(*runs) if runs else set()


def _doubt(reason: str) -> RevertCheck:
    return RevertCheck(reason=reason, is_doubt=True)
