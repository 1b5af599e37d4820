"""Answers to healer's mails, as mail programs write them."""

from email.message import EmailMessage
from email.policy import SMTP

ANNA = "anna@example.com"


def answer(
    text: str = "approve\n",
    *,
    to: str = "<asked@example.com>",
    sender: str = f"Anna <{ANNA}>",
    html: str = "",
    message_id: str = "<answer-1@example.com>",
    **headers: str,
) -> bytes:
    """One mail, as bytes; `html` beside the text, or alone where that is empty."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = "healer@example.com"
    mail["Subject"] = "Re: scripts/prices.py: KeyError: 'te'"
    if message_id:
        mail["Message-ID"] = message_id
    if to:
        mail["In-Reply-To"] = to
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    if text:
        mail.set_content(text)
    if html and text:
        mail.add_alternative(html, subtype="html")
    elif html:
        mail.set_content(html, subtype="html")
    return mail.as_bytes()
