"""Waits for changes without ever depending on having heard of one.

Belongs here: the loops over wake-ups and over watchfiles, each with a scan that finds what neither
told. Does not belong here: what is done with a failure. A daemon runs `watch_logs` in a thread and
consumes `watch_inbox`; everything passes through the inbox, so it is on disk before anybody acts on
it.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from watchfiles import watch

from healer.failure import Failure
from healer.watch.inbox import Inbox
from healer.watch.logs.follow import LogFollower
from healer.watch.wakeup import WakeupPipe

RECONCILE_S = 15.0
"""What no event told is found in the logs after this time."""
LOOK_S = 1.0
"""The inbox, and whether the logs' folders exist, are looked at this often without an event."""
QUIET_S = 0.1
"""After this long without a new line, a traceback at the end of a log is complete."""
_WITHOUT_PIPE_S = 0.1
"""Where there can be no pipe, the inbox is looked at this often."""
_STEP_MS = 100
"""watchfiles wakes up this often to see whether something came: it is most of what idling costs
(some 0.02 % of a core for each time a second on a quiet machine), and once or twice of it is added
to each failure's way (see `benchmarks.daemon`: log has to stay within its figure)."""


def watch_inbox(
    inbox: Inbox, stop: threading.Event, on_look: Callable[[], None] = lambda: None
) -> Iterator[Failure]:
    """Every failure that waits or arrives, claimed: call `inbox.done` once it is held elsewhere.

    Ends when `stop` is set. Several may run at once; each failure goes to one of them. `on_look` is
    called at each look, at least every LOOK_S, as a sign that nothing hangs.
    """
    with wait_for_failures(inbox) as wait:
        while True:
            yield from inbox.claim_all()
            if stop.is_set():
                return
            wait(LOOK_S)
            on_look()


@contextmanager
def wait_for_failures(inbox: Inbox) -> Iterator[Callable[[float], object]]:
    """How to wait for the next failure; without a pipe, the inbox is looked at more often."""
    try:
        pipe = WakeupPipe(inbox.state_dir)
    except OSError:
        yield lambda _seconds: time.sleep(_WITHOUT_PIPE_S)
        return
    with pipe:
        yield pipe.wait


def watch_logs(follower: LogFollower, stop: threading.Event) -> None:
    """Puts what appears in the logs into the inbox until `stop` is set; then saves and closes.

    Raises OSError where the disk refuses to take an offset or a failure.
    """
    try:
        while not stop.is_set():
            _watch_these(follower, follower.folders(), stop)
    finally:
        follower.close()


def _watch_these(
    follower: LogFollower, folders: Mapping[Path, bool], stop: threading.Event
) -> None:
    """Follows until `stop` is set, or the logs lie in other folders than they did."""
    _scan(follower, stop)
    scanned_at = 0.0  # what was written before the events began is found at the first look
    for has_changed in _changes(folders, stop):
        if has_changed or time.monotonic() - scanned_at > RECONCILE_S:
            _scan(follower, stop)
            scanned_at = time.monotonic()
        if not has_changed and follower.folders() != folders:
            return


def _scan(follower: LogFollower, stop: threading.Event) -> None:
    """Scans until no traceback is open, or one stays open for want of its end."""
    follower.scan()
    while follower.is_unsettled and not stop.wait(QUIET_S):
        before = follower.bytes_read
        follower.scan()
        if follower.bytes_read == before:
            follower.settle()
            return


def _changes(folders: Mapping[Path, bool], stop: threading.Event) -> Iterator[bool]:
    """Whether something has changed: at once when it has, else after each LOOK_S."""
    if not folders:
        while not stop.wait(LOOK_S):
            yield False
        return
    for changes in watch(
        *folders,
        recursive=any(folders.values()),
        debounce=2 * _STEP_MS,
        step=_STEP_MS,
        rust_timeout=int(LOOK_S * 1000),
        yield_on_timeout=True,
        stop_event=stop,
        watch_filter=None,
        raise_interrupt=False,
    ):
        yield bool(changes)
