"""Other ways to reach people, by apprise's URLs: chat, push, web hooks.

Belongs here: reading the URLs and handing a message to one. Does not belong here: keeping and
trying again (`outbox`). The URLs hold tokens, so they come from the environment, are never written
anywhere, and no message names more of them than the kind of service.
"""

import hashlib
import logging
from collections.abc import Mapping

from healer.render.clean import first_lines
from healer.support.extras import install_step, is_installed

LINES_SHOWN = 40
"""Chats cut or refuse long messages; the mail and `healer show` have everything."""


def read_channels(environment: Mapping[str, str], variable: str) -> dict[str, str]:
    """The URLs in `variable`, separated by white space, by a name that gives nothing away."""
    urls = environment.get(variable, "").split()
    return {hashlib.sha256(url.encode(errors="replace")).hexdigest()[:12]: url for url in urls}


def hand_over(url: str, title: str, text: str) -> str:
    """Sends one message; why it did not get there, or nothing. Never raises for what a service
    does; apprise's own time limits hold (4 seconds to connect, 4 to answer)."""
    if not is_installed("chat"):
        return f"{_kind(url)} needs the library apprise; {install_step('chat')}"
    from apprise import Apprise, NotifyFormat  # noqa: PLC0415 - slow, and rarely needed

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its lines may hold the URL
    kind = _kind(url)
    service = Apprise.instantiate(url, suppress_exceptions=True)
    if service is None:
        return f"{kind} is no URL that apprise knows; correct it"
    body = first_lines(text, LINES_SHOWN)
    if service.notify(title=title, body=body, body_format=NotifyFormat.TEXT):
        return ""
    return f"{kind} did not take it"


def _kind(url: str) -> str:
    """Only the scheme: all behind it may be secret, and so may a text that is no URL."""
    scheme, separator, _ = url.partition("://")
    return f"a {scheme}:// channel" if separator and scheme.isalnum() else "a channel"
