"""Asks people: one thread of mail for each incident, durable before it is sent."""

from healer.notify.facts import Delivery
from healer.notify.files import EscalationError
from healer.notify.notifier import Notifier, NotifierStatus, Told
from healer.notify.settings import MailSettings
from healer.render.notice import CheckRow, Notice

__all__ = [
    "CheckRow",
    "Delivery",
    "EscalationError",
    "MailSettings",
    "Notice",
    "Notifier",
    "NotifierStatus",
    "Told",
]
