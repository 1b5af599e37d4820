"""Asks people: one thread of mail for each incident, durable before it is sent."""

from healer.notify.fact_files import NotificationError
from healer.notify.mail import Delivery, NoticeOutcome, NotifierStatus
from healer.notify.notifier import Notifier
from healer.notify.settings import MailSettings
from healer.render.notice import CheckRow, Notice

__all__ = [
    "CheckRow",
    "Delivery",
    "MailSettings",
    "Notice",
    "NoticeOutcome",
    "NotificationError",
    "Notifier",
    "NotifierStatus",
]
