"""Makes and sends the mails that are due.

Belongs here: how often. Does not belong here: which mails (`healer.notify`).
"""

from datetime import UTC, datetime

from healer.notify.notifier import Notifier


class SendMails:
    """As `Notifier.tick` decides, on the machine's own clock: the digest has its hour."""

    name = "mails"
    every_s = 5.0

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    def run(self, now: float) -> None:
        """Sends what is due."""
        self._notifier.tick(datetime.fromtimestamp(now, UTC).astimezone())
