"""What was true when a failure was recorded, asked again of today's target branch.

Belongs here: whether a recorded failure still speaks of today's code, and whether a repair is still
needed and may begin. Does not belong here: counting (`incident_events`), the sandbox's runs
(`healer.evidence`), what follows from an answer (`workflow`, `healer.daemon.intake`).
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from healer.evidence.baseline import examine
from healer.evidence.observed_failure import did_fail, find_related_failures
from healer.facts.repair import Baseline, Request
from healer.failure import Fact, Failure
from healer.repair.incident_events import has_commit
from healer.services import Services
from healer.support.tree_text import read_text
from healer.watch.pause import why_paused
from healer.watch.runner import run_log
from healer.watch.runner.run_log import LoggedRun, digest_of
from quarantine.remote import remote_tip, upstream_of
from quarantine.tree import Tree


class Today(Fact):
    """The commit that a repair begins from."""

    base: str = ""
    """Empty: as the request says."""


def look_at_tip(request: Request, services: Services) -> Today:
    """The target's tip, where it still has the script: a request may have waited for days."""
    tip = find_tip(request.target, services)
    if (
        tip is None
        or tip == request.base
        or services.repository.tree(tip).read(request.script) is None
    ):
        return Today()
    return Today(base=tip)


def find_tip(target: str, services: Services) -> str | None:
    """The target's tip. Where several clones share the state it is the remote's, fetched, if that
    has all that is here: what another clone has merged is part of today."""
    repository = services.repository
    tip = repository.tip(target)
    upstream = upstream_of(repository, target) if services.fleet.clone and tip else None
    if tip is None or upstream is None:
        return tip
    there = remote_tip(repository, remote=upstream.remote, branch=upstream.branch)
    return there if isinstance(there, str) and repository.is_ancestor(tip, there) else tip


def examine_today(request: Request, services: Services) -> Baseline:
    """The baseline on today's tip; an empty one where the tip has not moved since `request`."""
    tip = look_at_tip(request, services).base
    return examine(request.model_copy(update={"base": tip}), services) if tip else Baseline()


def is_mended(before: Baseline, today: Baseline) -> bool:
    """Whether what `before` showed in the sandbox is not shown on today's tip any more."""
    if today.healthy:
        return True
    if not before.reproduced or today.stop or today == Baseline():
        return False
    if today.reproduced:  # a run that ends well may still leave something else than is expected
        return False
    end, report = today.report.command, today.report
    is_seen = end is not None if before.command else bool(report.tests)
    if not is_seen or did_fail(end) or before.failure is None:
        return False
    script = before.failure.script
    is_broken = any(p.path == script for p in report.syntax)
    return not (is_broken or find_related_failures(script, report))


def why_held(script: str, services: Services) -> str:
    """Why nothing of a script may begin or be merged now, in a sentence; empty where it may: a
    person has paused it, or a maintenance window is on. An empty name stands for all."""
    pause = why_paused(services.repository.state_dir, script)
    return pause or why_in_maintenance(script, services)


def why_in_maintenance(script: str, services: Services) -> str:
    """The same for a maintenance window alone, which ends by itself."""
    now = services.clock.now()
    for each in services.config.maintenance:
        end = each.end_of(now)
        if end and (each.concerns(script) if script else not each.scripts):
            when = datetime.fromtimestamp(end, ZoneInfo(each.timezone))
            return f"a maintenance window is on until {when:%Y-%m-%d %H:%M} ({each.timezone})"
    return ""


def why_outdated(failure: Failure, services: Services, *, is_asked: bool = False) -> str:
    """Why a recorded failure tells nothing of today's code, in a sentence; empty where it may.

    It ran well since; a fix of its own incident was merged, and the code that failed had it not; or
    the line that failed is not in today's code any more, and without a tape nobody can ask again.
    Where it `is_asked` again in any case, the last one is no reason.
    """
    repository, target = services.repository, services.config.target
    runs = run_log.read(repository.state_dir)
    when = failure.moment(services.clock.now())
    if find_good_run(failure.script, digest_of(failure.argv), when, runs):
        return "it ran well since"
    tip = find_tip(target, services)
    if tip is None or not failure.commit or failure.dirty or failure.commit == tip:
        return ""
    fixes = services.ledger.with_outcome("healed", since=0.0)
    fix = next((row for row in reversed(fixes) if row.incident == failure.fingerprint), None)
    if fix is not None and has_commit(repository, tip, fix.fix_commit):
        is_older = not has_commit(repository, failure.commit, fix.fix_commit)
        why = f"repair {fix.id} was merged since, and the code that failed has it not"
        return why if is_older else ""
    if is_asked or services.recordings.of_failure(failure) is not None:
        return ""
    if not has_commit(repository, tip, failure.commit):
        return ""
    return _why_line_is_gone(failure, repository.tree(tip), target)


def find_good_run(
    script: str, command: str, since: float, runs: Iterable[LoggedRun]
) -> LoggedRun | None:
    """The newest run of a command (a `digest_of`), or of its script where that is not known, that
    began after `since` and ended well; `runs` are oldest first."""
    newest = None
    for run in runs:
        is_its = run.script == script and bool(script) and run.exit_code == 0
        is_same = "" in (run.command, command) or run.command == command
        if is_its and is_same and run.started_at > since:
            newest = run
    return newest


def _why_line_is_gone(failure: Failure, tree: Tree, target: str) -> str:
    frame = failure.culprit
    if frame is None or not frame.source or "<REDACTED" in frame.source:
        return ""
    line = frame.source.splitlines()[0].strip()
    today = read_text(tree, frame.file)
    if any(each.strip() == line for each in today.splitlines()):
        return ""
    return f"its line is not in today's {target} any more ({frame.file}:{frame.line})"
