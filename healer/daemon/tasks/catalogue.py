"""The plain list of what the daemon does now and then. A new task is a file here, and a line below.

Belongs here: which tasks there are. Does not belong here: what one does, and when it runs
(`healer.daemon.scheduler`).
"""

import os
from collections.abc import Callable

from healer.daemon.daemon import Daemon
from healer.daemon.scheduler import Task
from healer.daemon.tasks.changed_scripts import CheckChangedScripts
from healer.daemon.tasks.checkpoints import DropCheckpoints
from healer.daemon.tasks.close_incidents import CloseIncidents
from healer.daemon.tasks.decisions import CarryOutDecisions
from healer.daemon.tasks.end_probations import EndProbations
from healer.daemon.tasks.expected_runs import ExpectedRuns
from healer.daemon.tasks.held_repairs import StartHeldRepairs
from healer.daemon.tasks.issues import FollowIncidents
from healer.daemon.tasks.mails import SendMails
from healer.daemon.tasks.nightly import ConsolidateNightly
from healer.daemon.tasks.old_images import RemoveOldImages
from healer.daemon.tasks.orphans import AdoptOrphans
from healer.daemon.tasks.pull_requests import FollowPullRequests
from healer.daemon.tasks.replies import TakeReplies
from healer.daemon.tasks.reruns import RerunHealed
from healer.daemon.tasks.retention import ForgetOldRepairs
from healer.daemon.tasks.retries import RetryUnjudged, RetryUnpaid
from healer.daemon.tasks.sandbox_health import WatchSandbox
from healer.daemon.tasks.shared_runs import CopySharedRuns
from healer.daemon.tasks.telemetry import TellTelemetry, is_telemetry_wanted, open_telemetry
from healer.daemon.tasks.watchdog_notes import MailWatchdogNotes
from healer.daemon.tasks.weekly_letter import SendWeeklyLetter
from sandbox import EngineStatus


def standard_tasks(
    daemon: Daemon,
    engine_status: Callable[[], EngineStatus],
    prune_images: Callable[[float], object],
) -> tuple[Task, ...]:
    """Those that every daemon has; `engine_status` looks at Docker Engine, and `prune_images` has
    it remove outdated images that were built before a moment (seconds)."""
    services, state_dir, intake = daemon.services, daemon.state_dir, daemon.intake
    records = services.shared_records
    is_told = is_telemetry_wanted(os.environ)
    return (
        AdoptOrphans(daemon.orphans, daemon.return_failures, every_s=services.fleet.look_s),
        CheckChangedScripts(services, state_dir, intake.check),
        ForgetOldRepairs(services, daemon.engine.forget),
        DropCheckpoints(services, daemon.engine),
        RemoveOldImages(prune_images),
        RetryUnjudged(services.ledger, intake.retry),
        RetryUnpaid(services.ledger, intake.retry),
        MailWatchdogNotes(services, state_dir),
        CloseIncidents(services),
        *((daemon.shared_failures,) if daemon.shared_failures else ()),
        *((CopySharedRuns(records.runs, state_dir),) if records else ()),
        StartHeldRepairs(services, daemon.inbox),
        ExpectedRuns(services, state_dir),
        RerunHealed(services),
        TakeReplies(services),
        *((CarryOutDecisions(services, services.decisions),) if services.decisions else ()),
        EndProbations(services, daemon.orphans),
        FollowPullRequests(services, daemon.engine),
        *((FollowIncidents(services, state_dir),) if services.config.forge.issues else ()),
        WatchSandbox(services, engine_status),
        ConsolidateNightly(services, state_dir),
        SendWeeklyLetter(services, state_dir),
        *((TellTelemetry(services, state_dir, open_telemetry),) if is_told else ()),
        SendMails(services.notifier),  # last: nobody is reminded of what a task has just closed
    )
