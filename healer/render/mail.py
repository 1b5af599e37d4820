"""A notice as an e-mail: subject, text, HTML and the patch. Pure: the same facts, the same bytes.

Belongs here: the words of a mail and its headers. Does not belong here: when it is sent and to
whom (`healer.notify`), how blocks look (`document`, `page`).
"""

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime

from healer.failure import Fact
from healer.redact import Redactor, contains_placeholder
from healer.render.clean import last_lines, one_line
from healer.render.diff import diff_lines
from healer.render.document import (
    Block,
    Commands,
    Diff,
    Document,
    Lines,
    Section,
    Table,
    Words,
    render_text,
)
from healer.render.headlines import (
    SUBJECT_CHARACTERS,
    compose_headline,
    compose_subject,
    compose_title,
    describe_event,
    name_place,
)
from healer.render.notice import Notice, format_time, redact_notice
from healer.render.one_line import as_sentence, failure_in_three_lines, format_money
from healer.render.page import render_html
from healer.render.patch import describe_patch, mailbox_patch

DIFF_LINES_SHOWN = 200
"""More of a patch than anybody reads in a mail; the whole of it is attached."""
OUTPUT_LINES_SHOWN = 12
DIGEST_SHOWN = 100


class Envelope(Fact):
    """Where a mail belongs: addresses and thread."""

    message_id: str
    """With angle brackets. The same event always has the same."""
    sender: str
    recipients: tuple[str, ...]
    thread_subject: str = ""
    """Subject of the thread's first mail; empty for that one itself."""
    references: tuple[str, ...] = ()
    """Message-Ids of the thread so far, oldest first; the last is the one replied to."""


def compose(notices: tuple[Notice, ...], envelope: Envelope, redactor: Redactor) -> EmailMessage:
    """One mail for one or more notices of one thread, the newest last.

    `redactor` takes secrets out of everything. A patch from which one was taken, here or before,
    is not attached, because it would no longer apply: the mail says where the whole one is.
    """
    notices = tuple(redact_notice(notice, redactor) for notice in notices)
    whole = {notice.key: not contains_placeholder(notice.diff) for notice in notices}
    document = _document(notices, headline := compose_headline(notices), whole)
    mail = EmailMessage(policy=SMTP)
    _put_headers(mail, notices, envelope)
    mail.set_content(render_text(document), cte="quoted-printable")
    mail.add_alternative(render_html(document, headline), subtype="html", cte="quoted-printable")
    for notice in notices:
        if notice.offers_patch and whole[notice.key]:
            _attach(mail, notice, envelope)
    _fix_boundaries(mail, envelope.message_id)
    return mail


def compose_summary(notices: tuple[Notice, ...], redactor: Redactor) -> str:
    """A few plain lines for channels that carry no mail: what, why, and what to type."""
    sections = []
    for notice in (redact_notice(each, redactor) for each in notices):
        place = (Words(line) for line in notice.whereabouts[:1])
        words = (Words(compose_title(notice)), *place, Words(notice.reason))
        sections.append(Section("", (*words, *_failure(notice)[:1], *_next(notice))))
    return render_text(tuple(sections))


def _document(notices: tuple[Notice, ...], headline: str, whole: dict[str, bool]) -> Document:
    if notices[-1].kind == "digest":
        return _digest(notices, headline)
    if len(notices) == 1:
        return _story(notices[0], headline, whole=whole[notices[0].key])
    start = Section("", (Words(headline, strong=True),))
    rest = (_story(notice, compose_title(notice), whole=whole[notice.key]) for notice in notices)
    return (start, *(section for story in rest for section in story))


def _digest(notices: tuple[Notice, ...], headline: str) -> Document:
    head = [Words(headline, strong=True)]
    if len(notices) > DIGEST_SHOWN:
        head.append(Words(f"… and {len(notices) - DIGEST_SHOWN} more: `healer log`."))
    entries = (Section(_digest_title(n), _digest_entry(n)) for n in notices[:DIGEST_SHOWN])
    return (Section("", tuple(head)), *entries)


def _digest_title(notice: Notice) -> str:
    return one_line(f"{notice.script}: {describe_event(notice)}", 100)


def _digest_entry(notice: Notice) -> tuple[Block, ...]:
    place = (Words(line) for line in notice.whereabouts[:1])
    return (Words(notice.reason), *place, Words(_numbers(notice)))


def _story(notice: Notice, headline: str, *, whole: bool) -> Document:
    sections = (
        Section("", (Words(headline, strong=True), Words(notice.reason))),
        Section("Decide" if notice.awaits_person else "Next", _next(notice)),
        Section("What failed", _failure(notice)),
        Section("Cause, as drafted", (Words(notice.cause, is_quote=True),) if notice.cause else ()),
        Section("Patch", _patch(notice, whole=whole)),
        Section("Checks", (Table(notice.checks),) if notice.checks else ()),
        Section("Evidence", (Words(notice.evidence),) if notice.evidence else ()),
        Section(
            "Incident" if notice.has_incident else "Where",
            (*_whereabouts(notice), Words(_numbers(notice))),
        ),
    )
    return tuple(section for section in sections if section.blocks)


def _whereabouts(notice: Notice) -> tuple[Block, ...]:
    lines = (one_line(line, 300) for line in notice.whereabouts)
    return (Lines("\n".join(lines)),) if notice.whereabouts else ()


def _next(notice: Notice) -> tuple[Block, ...]:
    """How to decide: here by a command, from elsewhere on a page or by an answer."""
    blocks: list[Block] = [Commands(notice.commands)] if notice.commands else []
    if notice.next_step:
        blocks.append(Words(as_sentence(f"What else: {notice.next_step}")))
    if notice.link:
        blocks.append(Words("From elsewhere, with the evidence and the buttons:", link=notice.link))
    if notice.takes_reply:
        blocks.append(Words(f"Or answer this mail with one line: {_words_of_reply(notice)}."))
    return tuple(blocks)


def _words_of_reply(notice: Notice) -> str:
    yes = "1 for the first choice, 2 for the second, none" if notice.has_question else "approve"
    words = [yes] if notice.awaits_person else []
    words += ["reject: WHY"] if notice.takes_rejection else []
    return ", ".join((*words, "ack, or snooze 2h"))


def _failure(notice: Notice) -> tuple[Block, ...]:
    failure = notice.failure
    if failure is None:
        return ()
    blocks: list[Block] = [Lines(failure_in_three_lines(failure))]
    if not failure.chain and failure.stderr_tail.strip():
        blocks.append(Lines(last_lines(failure.stderr_tail, OUTPUT_LINES_SHOWN)))
    return tuple(blocks)


def _patch(notice: Notice, *, whole: bool) -> tuple[Block, ...]:
    if not notice.diff:
        return ()
    words = describe_patch(notice, patch_name(notice), whole=whole)
    return (Words(words), Diff(diff_lines(notice.diff, limit=DIFF_LINES_SHOWN)))


def _numbers(notice: Notice) -> str:
    parts = [
        format_time(notice.when),
        f"seen {notice.failures} times" if notice.failures > 1 else "",
        f"{notice.attempts} attempts" if notice.attempts > 1 else "",
        format_money(notice.cost_usd) if notice.cost_usd else "",
        f"repair {notice.repair}" if notice.repair else "",
        f"incident {notice.fingerprint}" if notice.has_incident else "",
    ]
    return " · ".join(part for part in parts if part)


def patch_name(notice: Notice) -> str:
    """A file name that is one on any system."""
    name = f"{name_place(notice)}-{notice.repair or notice.fingerprint}"
    return (
        "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name) + ".patch"
    )


def _put_headers(mail: EmailMessage, notices: tuple[Notice, ...], envelope: Envelope) -> None:
    newest = notices[-1]
    first = one_line(envelope.thread_subject, SUBJECT_CHARACTERS - len("Re: "))
    mail["Subject"] = f"Re: {first}" if first else compose_subject(notices)
    mail["From"] = Address("healer", addr_spec=envelope.sender)
    mail["To"] = tuple(Address(addr_spec=address) for address in envelope.recipients)
    mail["Date"] = format_datetime(newest.when)
    mail["Message-ID"] = envelope.message_id
    if envelope.references:
        mail["In-Reply-To"] = envelope.references[-1]
        mail["References"] = " ".join(envelope.references)
    mail["List-Id"] = f"healer <healer.{envelope.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Healer-Kind"] = newest.kind
    mail["X-Healer-Incident"] = one_line(newest.fingerprint, 60)


def _attach(mail: EmailMessage, notice: Notice, envelope: Envelope) -> None:
    title = f"{name_place(notice)}: {describe_event(notice)}"
    body = (
        f"{notice.reason}\n\nHealer-Repair: {notice.repair}\nHealer-Failure: {notice.fingerprint}"
    )
    patch = mailbox_patch(
        notice.diff,
        subject=title,
        body=body,
        author=envelope.sender,
        when=notice.when,
        base=notice.base,
    )
    # As bytes in base64: a text part would have its line ends rewritten, and a patch for a file
    # with CRLF would no longer apply.
    mail.add_attachment(
        patch, maintype="text", subtype="x-patch", cte="base64", filename=patch_name(notice)
    )


def _fix_boundaries(mail: MIMEPart, seed: str) -> None:
    """Boundaries from the Message-Id: the standard library would draw random ones."""
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            digest = hashlib.sha256(f"{seed}{number}".encode()).hexdigest()[:32]
            part.set_boundary(f"=_{digest}")
