"""What a person is told: one event of one incident, as a frozen fact.

Belongs here: the shape of a notice. Does not belong here: whether and when it is mailed
(`healer.notify.rules`), or how it looks (`mail`).
"""

import hashlib
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from healer.failure import Fact, Failure, Raised
from healer.redact import Redactor

Kind = Literal[
    "protected",  # the failure lies in a protected file, or the draft touches one
    "review",  # a draft waits for a person
    "gave_up",  # no draft passed
    "for_people",  # no fix of the code mends it, or none may be drafted
    "unseen",  # the failure does not show itself in the sandbox: nothing can be proved
    "budget",  # stopped by a budget
    "reverted",  # a merged fix was taken out again
    "relapsed",  # a merged fix failed on probation, and could not be taken out
    "unjudged",  # the sandbox could not run for a while
    "missed",  # a job did not run, or did not end
    "rerun",  # after a fix was merged, its failed run was done again and ended well
    "merged",  # a person's yes merged a fix, and it is on probation; said only in an open thread
    "turned_down",  # a person turned a fix down; said only in an open thread, as the next two
    "ended",  # a person ended a repair that had no fix
    "taken_out",  # a person took a merged fix out again
    "unhandled",  # healer itself could not handle a failure
    "restarted",  # the watchdog restarted the daemon
    "resolved",  # the incident is over; it is said only where a person was told of it
    "unconfirmed",  # probation is over, and no good run was seen; said only in an open thread
    "healed",  # healer merged a fix, on probation; where nobody was told it goes into the digest
    "letter",  # the week in a few sentences
    "digest",  # what healed by itself in a day (made here, never told by a caller)
]
CLOSING: frozenset[Kind] = frozenset({"resolved", "unconfirmed"})
"""Nothing of the incident is left to be told."""
GOOD_NEWS: frozenset[Kind] = CLOSING | {"healed", "merged", "rerun"}
"""Nothing is left for a person to do: the rest are fixes on probation, which may fail it."""
BY_PERSON: frozenset[Kind] = frozenset({"turned_down", "ended", "taken_out"})
"""A person has decided so, and it is not repaired."""
WAITING: frozenset[Kind] = frozenset({"review", "protected", "for_people", "unseen"})
"""The repair waits for a person."""
_ID_CHARACTERS = frozenset("0123456789abcdef")
Status = Literal["pass", "fail", "unjudged", "skipped"]


class CheckRow(Fact):
    """One line of the table of checks."""

    name: str
    status: Status
    detail: str = ""
    seconds: float = 0.0


class Notice(Fact):
    """One event of one incident. The same event told twice is one mail."""

    kind: Kind
    fingerprint: str
    """Names the incident, and so the thread. For events without a failure: any stable word."""
    script: str
    """Repository-relative posix path; empty where no script is concerned."""
    reason: str
    """One or two sentences: why a person is told."""
    when: AwareDatetime
    by: str = ""
    """Who decided, where somebody did: they are named in the reason."""
    repair: str = ""
    event: str = ""
    """Tells two events of one kind and repair apart (a due time, say). Not a clock reading of
    the telling: a step that is run again after a crash must give the same word."""
    failure: Failure | None = None
    cause: str = ""
    """As drafted. From a model: untrusted text, shown as a quotation."""
    evidence: str = ""
    """How strong the evidence is, and what would make it strong."""
    diff: str = ""
    """A git diff against `base`; empty where there is no draft."""
    is_fix: bool = True
    """The diff passed the checks; False where it is the last draft that did not."""
    base: str = ""
    checks: tuple[CheckRow, ...] = ()
    commands: tuple[str, ...] = ()
    """What the person can type, whole lines."""
    next_step: str = ""
    """What else the person can do, in words."""
    recipients: tuple[str, ...] = ()
    """Besides `[mail] to`: protected.toml's `notify`, owners of the touched files."""
    link: str = ""
    """A page on which it can be decided from elsewhere; made for each mail, and never masked."""
    has_question: bool = False
    """A choice decides it, and not an approval."""
    takes_reply: bool = False
    """An answer to this very mail decides."""
    whereabouts: tuple[str, ...] = ()
    """Where it failed and since when, a line each: host and repository first, command, counts, last
    good run."""
    repository: str = ""
    """Its name, where a person may have several whose mails look alike; empty: it says nothing."""
    failures: int = 1
    """How often the incident was seen up to now."""
    attempts: int = 0
    cost_usd: float = 0.0

    @property
    def key(self) -> str:
        """16 hexadecimal digits: the same event has the same key, whenever it is told."""
        words = "\0".join((self.kind, self.fingerprint, self.repair, self.event))
        return hashlib.sha256(words.encode(errors="surrogatepass")).hexdigest()[:16]

    @property
    def has_incident(self) -> bool:
        """Its fingerprint is one that `healer incident` takes: of a failure, or a repair."""
        return not set(self.fingerprint) - _ID_CHARACTERS

    @property
    def awaits_person(self) -> bool:
        """A draft is there that somebody has to approve or reject."""
        return self.kind in ("review", "protected") and bool(self.diff) and self.is_fix

    @property
    def takes_rejection(self) -> bool:
        """Its repair waits, and a person may end it, with a draft or without."""
        return self.kind in WAITING and bool(self.repair)

    @property
    def offers_patch(self) -> bool:
        """Its diff is one that somebody may apply."""
        is_news = self.kind not in GOOD_NEWS and self.kind != "digest"
        return bool(self.diff) and self.is_fix and is_news


def redact_notice(notice: Notice, redactor: Redactor) -> Notice:
    """The notice without a secret in any of its texts; names and numbers that healer gave stay."""
    text = redactor.text
    return notice.model_copy(
        update={
            "script": text(notice.script),
            "reason": redactor.spare(notice.by).text(notice.reason),
            "failure": _redact_failure(notice.failure, redactor) if notice.failure else None,
            "cause": text(notice.cause),
            "evidence": text(notice.evidence),
            "diff": redactor.source(notice.diff),
            "checks": tuple(
                row.model_copy(update={"name": text(row.name), "detail": text(row.detail)})
                for row in notice.checks
            ),
            "next_step": text(notice.next_step),
            "commands": tuple(text(command) for command in notice.commands),
            "whereabouts": tuple(text(line) for line in notice.whereabouts),
        }
    )


def _redact_failure(failure: Failure, redactor: Redactor) -> Failure:
    """What a person is shown of a failure; its inputs and environment are never shown."""
    text = redactor.text
    return failure.model_copy(
        update={
            "script": text(failure.script),
            "argv": redactor.argv(failure.argv),
            "chain": tuple(_redact_exception(error, redactor) for error in failure.chain),
            "stdout_tail": text(failure.stdout_tail),
            "stderr_tail": text(failure.stderr_tail),
            "stdin": None,
            "inputs": {},
            "environment": {},
        }
    )


def _redact_exception(error: Raised, redactor: Redactor) -> Raised:
    return error.model_copy(
        update={
            "type": redactor.text(error.type),
            "message": redactor.text(error.message),
            "notes": tuple(redactor.text(note) for note in error.notes),
            "attributes": redactor.mapping(error.attributes),
            "frames": tuple(
                frame.model_copy(
                    update={
                        "file": redactor.text(frame.file),
                        "function": redactor.text(frame.function),
                        "source": redactor.source(frame.source),
                        "locals": redactor.mapping(frame.locals),
                    }
                )
                for frame in error.frames
            ),
        }
    )


def format_time(when: datetime) -> str:
    """`20 Nov 2026, 20:47 UTC`, the one form of times in what people read."""
    zone = when.strftime("%Z") or "UTC"
    return f"{when.day} {when.strftime('%b %Y, %H:%M')} {zone}"
