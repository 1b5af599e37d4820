"""A mail that answers one of ours: who wrote it, which one it answers, and the word in it. Pure.

Belongs here: reading a mail, with all that must not be taken for a person's word: quoted text, a
forwarded mail, an automatic answer, a list's footer. Does not belong here: whether the reference
holds (`asks`), whether the sender may (`healer.app.remote`).

The rule is narrow on purpose: the first line that the person wrote is the whole word. Whoever
writes more ("approve, but …") is asked to say it plainly.
"""

import re
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, getaddresses
from html.parser import HTMLParser
from typing import Literal

from healer.failure import Fact
from healer.notify.mail import Mail
from healer.notify.settings import is_address
from healer.render.clean import one_line, printable

MOST_BYTES = 2_000_000
MOST_WORDS_CHARS = 4_000
Action = Literal["approve", "reject", "answer", "ack", "snooze"]
GRAMMAR = "approve · reject: WHY · a choice's number, or none · ack · snooze 2h"
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_QUOTE = re.compile(r"^\s*[>|]")
_QUOTE_BEGINS = re.compile(
    r"^\s*(?:-{2,}\s*\S.*\S\s*-{2,}"  # -----Original Message-----, in any language
    r"|_{8,}"  # Outlook's line
    r"|(?:From|Von|De|Da|Van|Från|Fra|Od|Lähettäjä)\s*:\s.*)$"
)
_SIGNATURE = "--"
_SENT_FROM = re.compile(r"^(?:sent from|gesendet von|envoyé d|enviado d|get outlook)\b", re.I)
_WORD = re.compile(
    r"(?P<approve>approved?)|(?:reject(?:ed)?)\s*[:,]?\s*(?P<reject>.*)"
    r"|(?P<ack>ack(?:nowledged?)?)|snooze\s+(?P<snooze>[0-9]{1,4}\s?[smhd])"
    r"|(?:answer\s+)?(?:(?P<answer>[1-9])|(?P<none>none)(?:[\s:]+(?P<value>.+))?)",
    re.I,
)
_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "pre", "table", "hr"})
_UNSHOWN = frozenset({"style", "script", "head", "title", "blockquote"})
_VOID = frozenset({"br", "hr", "img", "meta", "link", "input", "wbr", "col", "area", "base"})


class ReplyError(Exception):
    """The mail says nothing that can be done; the message is one sentence with the next step."""


class Reply(Fact):
    """One mail from a person."""

    sender: str
    """The one address in `From`, in lower case."""
    message_id: str
    headers: tuple[str, ...]
    """Where our reference may stand: `In-Reply-To`, then each of `References`, newest first."""
    body: str
    """The whole text with all quotations: a mail server may have dropped the headers."""
    subject: str
    authentications: tuple[str, ...]
    """`Authentication-Results`, the topmost first."""
    action: Action | Literal[""]
    """Empty where nothing plain is said: then `problem` says why."""
    problem: str = ""
    argument: str = ""
    """Why not, how long, or which choice; of `none` the right value may follow in `value`."""
    value: str = ""


def read_reply(raw: bytes) -> Reply:
    """What a mail says, and who says it. Raises ReplyError for what is no person's mail."""
    if len(raw) > MOST_BYTES:
        raise ReplyError(f"the mail is larger than {MOST_BYTES} bytes; answer with one line")
    mail = BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)
    _refuse_automatic(mail)
    action: Action | Literal[""] = ""
    argument = value = problem = ""
    try:
        action, argument, value = read_words(_own_text(mail))
    except ReplyError as error:
        problem = str(error)
    return Reply(
        sender=_read_sender(mail),
        message_id=_header(mail, "Message-ID").strip() or "none",
        headers=(_header(mail, "In-Reply-To"), *reversed(_header(mail, "References").split())),
        body=_whole_text(mail),
        subject=_header(mail, "Subject"),
        authentications=tuple(str(each) for each in mail.get_all("Authentication-Results", [])),
        action=action,
        problem=problem,
        argument=argument,
        value=value,
    )


def compose_answer(answer: Mail, reply: Reply, sentence: str) -> str:
    """What came of `reply`, as the content of `answer`: ASCII. It is marked as automatic, so that
    no program answers it."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["Subject"] = answer.subject
    mail["From"] = Address("healer", addr_spec=answer.sender)
    mail["To"] = Address(addr_spec=reply.sender)
    mail["Date"] = format_datetime(answer.stored_at)
    mail["Message-ID"] = answer.message_id
    if _MESSAGE_ID.fullmatch(reply.message_id):
        mail["In-Reply-To"] = reply.message_id
        mail["References"] = reply.message_id
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(printable(sentence) + "\n", cte="quoted-printable")
    return mail.as_bytes().decode("ascii")


def read_words(text: str) -> tuple[Action, str, str]:
    """The word in what a person wrote above all quoted text, its argument, and a value. Raises
    ReplyError."""
    lines = _own_lines(text)
    if not lines:
        raise ReplyError(f"nothing stands above the quoted text; write one of: {GRAMMAR}")
    first, rest = lines[0].rstrip(" .!"), [line for line in lines[1:] if line]
    match = _WORD.fullmatch(first)
    if match is None:
        raise ReplyError(
            f"{one_line(lines[0], 60)!r} is no word that healer knows; one of: {GRAMMAR}"
        )
    if match["reject"] is not None:
        why = " ".join((match["reject"], *rest)).strip()[:MOST_WORDS_CHARS]
        if not why:
            raise ReplyError("a rejection needs a reason, which is kept: reject: WHY")
        return "reject", why, ""
    if rest:
        raise ReplyError(
            f"after {first!r} more was written, and healer does not guess what it means; write the "
            "word alone, and a signature below a line of two dashes"
        )
    if match["snooze"]:
        return "snooze", match["snooze"].replace(" ", "").lower(), ""
    if match["answer"] or match["none"]:
        return "answer", (match["answer"] or "none"), match["value"] or ""
    return ("approve" if match["approve"] else "ack"), "", ""


def _own_lines(text: str) -> list[str]:
    """The lines that the person wrote, above all quoted text and the signature."""
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        plain = line.replace("\u00a0", " ").strip(" \t\u200b\ufeff")
        is_end = plain == _SIGNATURE or _SENT_FROM.match(plain) or _QUOTE_BEGINS.match(plain)
        if is_end or _QUOTE.match(line):
            break
        if plain or lines:
            lines.append(plain)
    while lines and not lines[-1]:
        lines.pop()
    is_quoted = len(lines) < len(text.split("\n"))
    # "On …, healer wrote:" stands right above what it introduces, on one line or broken into two.
    if is_quoted and lines and lines[-1].endswith(":") and len(lines) > 1:
        while lines and lines[-1]:
            lines.pop()
    return lines


def _read_sender(mail: EmailMessage) -> str:
    addresses = getaddresses([str(each) for each in mail.get_all("From", [])])
    if len(addresses) != 1 or "@" not in addresses[0][1]:
        raise ReplyError("the mail does not say by one address who wrote it; answer with your own")
    sender = addresses[0][1].strip().lower()
    if not is_address(sender):
        raise ReplyError(f"{one_line(sender, 80)!r} is no mail address")
    return sender


def _refuse_automatic(mail: EmailMessage) -> None:
    """An out-of-office note or a bounce quotes our mail, and is no person's word."""
    is_automatic = (
        _header(mail, "Auto-Submitted").strip().lower() not in ("", "no")
        or any(name in mail for name in ("X-Autoreply", "X-Autorespond"))
        or _header(mail, "Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply")
        or mail.get_content_type() in ("multipart/report", "message/delivery-status")
        or _header(mail, "Return-Path").strip() == "<>"
    )
    if is_automatic:
        raise ReplyError("this is an automatic answer, and no person's word")


def _own_text(mail: EmailMessage) -> str:
    """The plain text, or the HTML as text without what it quotes; attachments are not read."""
    part = mail.get_body(("plain",))
    text = _decode(part) if part else ""
    if text.strip():
        return text
    html = mail.get_body(("html",))
    if html is None:
        raise ReplyError(f"the mail has no text; write one of: {GRAMMAR}")
    return _HtmlText.read(_decode(html))


def _whole_text(mail: EmailMessage) -> str:
    """With what is quoted: our reference stands there where a mail server dropped the headers."""
    parts = (mail.get_body(("plain",)), mail.get_body(("html",)))
    return "\n".join(_decode(part) for part in parts if part)


def _decode(part: EmailMessage | object) -> str:
    """The text of a part, whatever it says of its character set."""
    if not isinstance(part, EmailMessage):
        return ""
    raw = part.get_payload(decode=True)
    data = raw if isinstance(raw, bytes) else b""
    try:
        return data.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail.get(name, ""))
    except (ValueError, IndexError, AttributeError):  # the library stumbles over some hostile ones
        return ""


class _HtmlText(HTMLParser):
    """HTML as lines, without quotations and what is not shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._skips: list[str] = []
        """Open elements from the outermost that is not read."""

    @classmethod
    def read(cls, html: str) -> str:
        """The text that the person wrote."""
        parser = cls()
        parser.feed(html)
        parser.close()
        return "".join(parser._pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Skips quotations: the element, and what mail programs call one."""
        if tag in _VOID:
            self._pieces.append("\n" if tag in _BLOCKS and not self._skips else "")
            return
        names = " ".join(value or "" for name, value in attrs if name in ("class", "id")).lower()
        is_quote = any(
            word in names for word in ("quote", "divrplyfwdmsg", "moz-cite", "appendonsend")
        )
        if self._skips or tag in _UNSHOWN or is_quote:
            self._skips.append(tag)
        elif tag in _BLOCKS:
            self._pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Ends what was skipped."""
        if tag in self._skips:
            while self._skips.pop() != tag:
                pass
        elif not self._skips and tag in _BLOCKS:
            self._pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Keeps what is shown; white space in HTML is one space."""
        if not self._skips:
            self._pieces.append(re.sub(r"\s+", " ", data))
