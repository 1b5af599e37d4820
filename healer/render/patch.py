"""A diff as a patch file that `git am` takes, and what is said above it. Pure.

Belongs here: the form of the file, and whether it is a fix. Does not belong here: the rest of a
mail (`mail`), how lines of a diff look (`diff`).
"""

from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from healer.render.clean import one_line, printable
from healer.render.notice import Kind, Notice

# The date that `git format-patch` writes on the separator line, whatever the commit's own date:
# file(1) and git know a patch by it.
_SEPARATOR_DATE = "Mon Sep 17 00:00:00 2001"

_ATTACHMENTS: dict[Kind, str] = {
    "reverted": "The fix that was taken out, attached",
    "relapsed": "The fix that failed, attached",
}


def describe_patch(notice: Notice, name: str, *, whole: bool) -> str:
    """What a mail says above a diff: whether it is a fix, and where the file `name` is. It is not
    `whole` where secrets were masked in it."""
    if not notice.is_fix:
        return f"The last draft; it did not pass the checks. `healer show {notice.repair}` has it."
    if not notice.offers_patch:
        return "What was merged."
    if not whole:
        return "Secrets were masked in it, so it is not attached. `healer show` has it whole."
    return f"{_ATTACHMENTS.get(notice.kind, 'Attached')} as {name}; `git am` applies it."


def mailbox_patch(
    diff: str, *, subject: str, body: str, author: str, when: datetime, base: str = ""
) -> bytes:
    """`diff` (git's own form, untouched) with the headers of a patch mail, UTF-8.

    `author` is an address. Lines of `body` that git would take for the start of the diff are
    indented, so that no text can pose as one.
    """
    head = [
        f"From {base or '0' * 40} {_SEPARATOR_DATE}",
        f"From: healer <{one_line(author, 200)}>",
        f"Date: {format_datetime(when)}",
        f"Subject: {_header(f'[PATCH] {one_line(subject, 70)}')}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        *(_harmless(line) for line in printable(body).splitlines()),
        "---",
        "",
    ]
    ending = "" if diff.endswith("\n") else "\n"
    return ("\n".join(head) + "\n" + diff + ending + "-- \nhealer\n").encode(
        errors="surrogateescape"
    )


def _header(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8").encode(linesep="\n")


def _harmless(line: str) -> str:
    """Indents what `git am` reads as a scissors line, a separator, a header or a diff."""
    starts = ("---", "diff ", "Index: ", "From ", ">From ", "From:", "Date:", "Subject:", "-- >8")
    return f"  {line}" if line.startswith(starts) or ">8" in line or "8<" in line else line
