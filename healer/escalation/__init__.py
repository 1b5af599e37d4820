"""Asks people: one thread of mail for each incident, durable before it is sent."""

from healer.escalation.facts import Delivery
from healer.escalation.files import EscalationError
from healer.escalation.notifier import Notifier, NotifierStatus, Told
from healer.escalation.settings import MailSettings
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
