"""What a person may decide from elsewhere: signed references to one incident and one repair.

Belongs here: the reference that links and mails carry, how long it holds, and that each decides
once. Does not belong here: whether the repair still waits (`healer.app.remote`), mails (`reply`).
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, Self

from healer.failure import Fact
from healer.notify.fact_tables import KeyRow
from healer.render.notice import Kind, Notice
from healer.support.signature import SIGNATURE_CHARS, KeyFile, Signer
from healer.support.sqlite_file import SqliteFile, statements
from healer.support.tables import Tables

DECIDE_KEY = "decide.key"
DECISIONS = "decisions.sqlite"
"""In the folder of mails: what signs references, and what was used."""
MOST_DAYS = 30
KINDS: frozenset[Kind] = frozenset(
    {
        "review",
        "protected",
        "gave_up",
        "for_people",
        "unseen",
        "reverted",
        "relapsed",
        "turned_down",
        "ended",
        "taken_out",
        "unhandled",
    }
)
"""Notices of an incident that a person may do something about."""
_NAME = re.compile(r"[A-Za-z0-9]{1,64}")
REFERENCE = re.compile(
    rf"\bh1-(?P<minute>[0-9]{{1,10}})-(?P<days>[0-9]{{1,2}})-(?P<repair>[A-Za-z0-9]{{0,64}})"
    rf"-(?P<fingerprint>[A-Za-z0-9]{{1,64}})-(?P<signature>[0-9a-f]{{{SIGNATURE_CHARS}}})\b"
)
"""As it stands in links and Message-Ids, where every mail program leaves it whole."""
_SCHEMA = (
    statements(
        "CREATE TABLE used (name TEXT PRIMARY KEY, at REAL NOT NULL, by TEXT NOT NULL) STRICT"
    ),
)


class AskError(Exception):
    """The reference decides nothing; the message is one sentence with the next step."""


class Ask(Fact):
    """One thing that a person was asked: a reference is made of it, and read back as it."""

    fingerprint: str
    repair: str
    """Empty where no draft waits."""
    minute: int
    """When it was asked, in minutes since the epoch."""
    days: int
    """How long it holds."""

    @property
    def when(self) -> datetime:
        """When it was asked."""
        return datetime.fromtimestamp(self.minute * 60, UTC)

    @property
    def until(self) -> datetime:
        """When it holds no more."""
        return self.when + timedelta(days=self.days)

    @property
    def text(self) -> str:
        """What is signed."""
        return f"h1-{self.minute}-{self.days}-{self.repair}-{self.fingerprint}"


class Asks:
    """The references of one repository. Any number of processes may use the folder, or the tables
    that its machines share."""

    def __init__(self, mail_dir: Path, tables: Tables | None = None) -> None:
        own = KeyFile(mail_dir / DECIDE_KEY)
        self._signer = Signer(KeyRow(tables, own) if tables else own)
        self._place = tables or mail_dir / DECISIONS

    def refer(self, notice: Notice, now: datetime, days: int) -> str:
        """The reference for one notice; empty for one that asks nothing. Raises OSError."""
        names = (notice.fingerprint, *((notice.repair,) if notice.repair else ()))
        if notice.kind not in KINDS or not all(map(_NAME.fullmatch, names)):
            return ""
        ask = Ask(
            fingerprint=notice.fingerprint,
            repair=notice.repair,
            minute=int(now.timestamp() // 60),
            days=min(days, MOST_DAYS),
        )
        return f"{ask.text}-{self._signer.sign(ask.text)}"

    def read(self, reference: str, now: datetime) -> Ask:
        """What a reference asks. Raises AskError for one that is forged, garbled or too old."""
        ask = self.require_signed(reference)
        if now >= ask.until:
            raise AskError(
                f"this link held until {ask.until:%Y-%m-%d %H:%M} UTC; decide on its machine: "
                f"healer incident {ask.fingerprint}"
            )
        return ask

    def require_signed(self, reference: str) -> Ask:
        """What a reference asked, whether it still holds or not. Raises AskError for one that is
        forged or garbled."""
        match = REFERENCE.fullmatch(reference)
        ask = _read(match) if match else None
        if match is None or ask is None or not self._signer.is_signed(ask.text, match["signature"]):
            raise AskError("this is no link of this healer; decide on its machine: healer review")
        return ask

    def find(self, headers: Sequence[str], body: str) -> str:
        """The reference that a mail answers, signed by us, whether it still holds or not; empty
        where there is none: the first in `headers`, else the one that stands in `body`."""
        references = [each for text in headers for each in self._list_signed(text)]
        if references:
            return references[0]
        quotations = set(self._list_signed(body))
        return quotations.pop() if len(quotations) == 1 else ""  # of several, which is meant?

    def _list_signed(self, text: str) -> Iterator[str]:
        for match in REFERENCE.finditer(text):
            ask = _read(match)
            if ask and self._signer.is_signed(ask.text, match["signature"]):
                yield match[0]

    def open_uses(self) -> "Uses":
        """What was used; a with-block."""
        return Uses(self._place)


class Uses:
    """Which reference was used, for what, by whom: each decides once."""

    def __init__(self, place: Path | Tables) -> None:
        """Tables stay open for who gave them."""
        self._file = SqliteFile(place, _SCHEMA) if isinstance(place, Path) else None
        self._database: Tables = self._file or place  # type: ignore[assignment]  # a Path has a file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def claim(self, ask: Ask, what: Literal["decide", "ack", "snooze"], by: str, at: float) -> None:
        """Uses it up for one kind of word. Raises AskError where that was done before."""
        self._insert(f"{ask.text} {what}", by, at, "this link was used")

    def claim_mail(self, message_id: str, by: str, at: float) -> None:
        """Takes one mail, which is read once. Raises AskError where that was done before."""
        self._insert(f"mail {message_id}", by, at, "this mail was read before")

    def require_new(self, message_id: str) -> None:
        """Raises AskError for a mail that was taken before."""
        use = self._describe(f"mail {message_id}")
        if use:
            raise AskError(f"this mail was read before: {use}")

    def find_use(self, ask: Ask, what: Literal["decide", "ack", "snooze"]) -> str:
        """By whom and when it was used so; empty where it was not."""
        return self._describe(f"{ask.text} {what}")

    def forget(self, before: float) -> None:
        """Removes what was used before: what it was used with has expired."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM used WHERE at < ?", (before,))

    def _insert(self, name: str, by: str, at: float, problem: str) -> None:
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO used VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (name, at, by)
            )
            if not cursor.rowcount:
                raise AskError(f"{problem}: {self._describe(name)}")

    def _describe(self, name: str) -> str:
        rows = self._database.query("SELECT at, by FROM used WHERE name = ?", (name,))
        if not rows:
            return ""
        at, by = rows[0]
        return f"by {by}, {datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def _read(match: re.Match[str]) -> Ask | None:
    ask = Ask(
        fingerprint=match["fingerprint"],
        repair=match["repair"],
        minute=int(match["minute"]),
        days=int(match["days"]),
    )
    is_plain = ask.text == match[0].rpartition("-")[0]  # no leading zeros: one text for one ask
    return ask if is_plain and ask.days <= MOST_DAYS and ask.minute < 2**31 else None
