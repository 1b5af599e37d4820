"""Takes failures that other machines have noticed into this clone's own inbox.

Belongs here: which of them, and that none is lost with the clone that took it. Does not belong
here: what is done with a failure (`healer.daemon.intake`), and the shared inbox itself
(`healer.watch.shared_inbox`).
"""

from math import inf

from healer.services.fleet import Fleet
from healer.tape.store import keep_packed
from healer.watch.environment_files import keep_environment
from healer.watch.inbox import Inbox, InboxError
from healer.watch.shared_inbox import SharedInbox


class TakeSharedFailures:
    """For the daemon of one of several clones."""

    name = "shared failures"
    every_s = 2.0

    def __init__(
        self, failures: SharedInbox, fleet: Fleet, inbox: Inbox, *, most: float = inf
    ) -> None:
        """`most` is how many it takes in all; the rest is for others, or for later."""
        self._shared, self._fleet, self._inbox = failures, fleet, inbox
        self._left = most

    def run(self, now: float) -> None:
        """Takes what waits, and what a dead clone had taken. A record is handled when this clone's
        own inbox says so: until then another one gets it if this one dies."""
        del now
        for each in self._shared.list_open():
            if each.holder and not self._fleet.is_alive(each.holder):
                self._shared.give_back(each.id, each.holder)
            is_own = each.holder == self._fleet.clone
            if not is_own and self._left > 0 and self._shared.claim(each.id):
                self._left -= 1
                is_own = True
            if is_own:
                self._follow(each.id)

    def _follow(self, record_id: str) -> None:
        """Copies a record that is this clone's into its inbox, or says that it is handled there."""
        if self._inbox.is_open(record_id):
            return
        if not self._inbox.contains(record_id) and not self._inbox.broken_file(record_id).exists():
            self._copy(record_id)
        else:
            self._shared.mark_handled(record_id)

    def _copy(self, record_id: str) -> None:
        """The tape and the environment first: who takes the record looks for them."""
        try:
            failure = self._shared.read(record_id)
        except InboxError:
            self._shared.mark_handled(record_id)
            return
        tape = self._shared.read_tape(record_id)
        if tape is not None:
            keep_packed(self._inbox.state_dir, record_id, tape)
        environment = self._shared.read_environment(record_id)
        layer = self._shared.read_blob(environment.digest) if environment.digest else None
        if layer is not None:
            keep_environment(self._inbox.state_dir, record_id, environment, layer)
        self._inbox.put(failure)
