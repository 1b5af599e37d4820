"""`healer agent`: on a machine where jobs run, brings what fails to the hub.

Belongs here: the loop, and which checkout, hub and token are meant. Does not belong here: what is
sent (`healer.watch.agent`). It needs no Docker Engine, no database and no right to push.
"""

import os
import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from healer.app.configuration import read_settings
from healer.app.diagnosis import Diagnosis
from healer.app.environment_packer import EnvironmentPacker
from healer.app.state import make_state_dir
from healer.app.trust import require_trust, trust_first_use
from healer.config import Config, ConfigError
from healer.daemon.heartbeat import notify_systemd
from healer.engine.locks import hold_executor_lock
from healer.facts.errors import UsageError, WorkflowError
from healer.facts.progress import Progress
from healer.redact import Redactor
from healer.watch.agent import FailureSender, RunSender, Source
from healer.watch.events import LOOK_S, wait_for_failures, watch_logs
from healer.watch.hub_client import HubClient, HubError
from healer.watch.inbox import Inbox
from healer.watch.logs.follow import LogFollower
from quarantine.remote import canonical_url, remote_url, upstream_of
from quarantine.repository import Repository

RUNS_EVERY_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
"""After the hub could not take something; each time twice as long, less a part by chance: many
agents shall not come back at one moment."""
LOG_PAUSE_S = 5.0
JOIN_S = 5.0
Show = Callable[[Progress], object]


class HubAwayError(WorkflowError):
    """The hub could not take what waits; it stays spooled."""


class _Senders(NamedTuple):
    failures: FailureSender
    runs: RunSender

    def send(self, *, with_runs: bool) -> int:
        """How many failures went; raises HubError."""
        count = self.failures.send_waiting()
        if with_runs:
            self.runs.send_new()
        return count


def send_once(repository: Repository, show: Show) -> int:
    """Brings what is spooled; gives how many failures. Raises HubAwayError."""
    with _open(repository, show) as (senders, _):
        try:
            return senders.send(with_runs=True)
        except HubError as error:
            raise HubAwayError(f"{error}; what is spooled stays") from error


def serve_agent(repository: Repository, show: Show) -> None:
    """Brings what comes until SIGTERM or SIGINT. While the hub is away all stays spooled."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with _open(repository, show) as (senders, inbox):
        config = read_settings(repository)
        follower = threading.Thread(
            target=_follow_logs, args=(repository, config, inbox, stop, show), daemon=True
        )
        follower.start()
        notify_systemd("READY=1")
        with wait_for_failures(inbox) as wait:
            _send_until_stopped(senders, stop, wait, show)
        follower.join(timeout=JOIN_S)


def _send_until_stopped(
    senders: _Senders, stop: threading.Event, wait: Callable[[float], object], show: Show
) -> None:
    pause_s, trouble, runs_at = FIRST_PAUSE_S, "", 0.0
    while not stop.is_set():
        notify_systemd("WATCHDOG=1")
        is_due = time.monotonic() >= runs_at
        try:
            senders.send(with_runs=is_due)
        except (HubError, OSError) as error:
            if str(error) != trouble:
                _note(show, f"{error}; it is tried again, and what is spooled stays")
            trouble = str(error)
            asked_s = error.retry_after_s if isinstance(error, HubError) else 0.0
            stop.wait(asked_s + pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            continue
        if trouble:
            _note(show, "the hub takes what comes again")
        pause_s, trouble = FIRST_PAUSE_S, ""
        runs_at = time.monotonic() + RUNS_EVERY_S if is_due else runs_at
        wait(LOOK_S)


@contextmanager
def _open(repository: Repository, show: Show) -> Iterator[tuple[_Senders, Inbox]]:
    """What sends, while no daemon or other agent takes the same failures."""
    config = require_trust(repository, read_settings(repository))
    client, source = find_hub(repository, config)
    state_dir = make_state_dir(repository)
    with hold_executor_lock(state_dir, "daemon"):
        trust_first_use(repository, config, show)
        inbox = Inbox(state_dir)
        inbox.recover()
        inbox.on_broken = lambda record: _note(show, f"{inbox.broken_file(record)} is no record")

        def note(detail: str) -> None:
            _note(show, detail)

        packer = EnvironmentPacker(repository, config, note)
        failures = FailureSender(inbox, client, source, note, packer.pack)
        yield _Senders(failures, RunSender(state_dir, client, source, note)), inbox


def find_hub(repository: Repository, config: Config) -> tuple[HubClient, Source]:
    """The hub of healer.toml, and by which name it knows this checkout. Raises ConfigError and
    UsageError."""
    settings = config.agent
    if not settings.hub:
        raise ConfigError("[agent] hub is not set; give it the hub's https:// URL")
    token = os.environ.get(settings.token_env, "").strip()
    if not token.isascii() or not token.isprintable() or not token:
        raise ConfigError(
            f"{settings.token_env} has to hold the token that healer hub token make printed"
        )
    upstream = upstream_of(repository, config.target)
    url = remote_url(repository, upstream.remote) if upstream else ""
    if not url:
        raise UsageError(
            f"{config.target} has no remote, by which others would know this repository; next: "
            "git remote add origin URL"
        )
    host = socket.gethostname()
    return HubClient(settings.hub, token), Source(canonical_url(url, host), host)


def examine_hub(repository: Repository, config: Config) -> Iterator[Diagnosis]:
    """Whether the hub takes what this machine brings, where one is named."""
    if not config.agent.hub:
        return
    try:
        client, source = find_hub(repository, config)
        client.check()
    except (ConfigError, UsageError, HubError) as error:
        yield Diagnosis(name="hub", status="note", detail=str(error))
        return
    detail = f"{config.agent.hub} takes what fails in {source.repository}"
    yield Diagnosis(name="hub", status="pass", detail=detail)


def _follow_logs(
    repository: Repository, config: Config, inbox: Inbox, stop: threading.Event, show: Show
) -> None:
    """Follows the logs until `stop` is set, anew where something went wrong."""
    root, globs = repository.root, config.watch.logs
    redactor = Redactor.from_environment(os.environ, names=(config.agent.token_env,))
    while root is not None and globs and not stop.is_set():
        try:
            watch_logs(LogFollower(inbox, inbox.state_dir, root, globs, redactor), stop)
        except OSError as error:
            _note(show, f"logs are read anew: {error}")
            stop.wait(LOG_PAUSE_S)


def _note(show: Show, detail: str) -> None:
    show(Progress(repair="", step="agent", state="note", detail=detail))
