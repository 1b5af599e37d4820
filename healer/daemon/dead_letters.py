"""What healer itself cannot handle has an end: set aside with its trace, told once, and no more.

Belongs here: what is done with a failure that met an error which comes again each time
(`healer.facts.errors.POISON`). Does not belong here: errors of the surroundings, such as a full
disk, after which a failure waits and is tried again (`daemon`).
"""

import traceback

from healer.facts.progress import Progress
from healer.failure import Failure
from healer.render.notice import Notice
from healer.repair.incident_events import end_incident
from healer.repair.notices import send_notice
from healer.services import Services
from healer.watch.inbox import Inbox


class DeadLetters:
    """For the one daemon of a repository."""

    def __init__(self, services: Services, inbox: Inbox) -> None:
        self._services, self._inbox = services, inbox

    def bury(self, failure: Failure, error: Exception) -> None:
        """Sets a failure aside that breaks healer, with the trace, and tells a person once."""
        trace = "".join(traceback.format_exception(error))
        self._inbox.set_aside(failure.id, self._services.redactor.text(trace))
        place = self._inbox.broken_file(failure.id)
        reason = (
            "healer could not handle this failure, which is a bug in healer: "
            f"{type(error).__name__}; the record is {place}, with the trace beside it"
        )
        if failure.fingerprint:
            end_incident(
                failure.fingerprint, "fail", self._services, reason=reason, script=failure.script
            )
        self._tell(failure.fingerprint or f"record:{failure.id}", failure.script, reason)

    def tell_broken(self, record_id: str) -> None:
        """A record that cannot be read was set aside."""
        place = self._inbox.broken_file(record_id)
        reason = f"a recorded failure cannot be read; look at {place}, then delete it"
        self._tell(f"record:{record_id}", "", reason)

    def _tell(self, fingerprint: str, script: str, reason: str) -> None:
        note = Progress(repair="", step="failure", state="note", detail=reason)
        self._services.progress(note)
        notice = Notice(
            kind="unhandled",
            fingerprint=fingerprint,
            script=script,
            reason=reason,
            when=self._services.clock.moment(),
            commands=("healer incidents",),
        )
        send_notice(notice, self._services)
