"""What the ledger's rows say, as facts, also those that older versions wrote.

Belongs here: a repair as it stands, one step of it, what identifies a step, and the only places
where a label or a sentence of a row is taken apart, because its version wrote nothing better. Does
not belong here: the tables (`tables`), and their queries (`store`).
"""

import json
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import ValidationError, computed_field

from healer.facts.repair import Dossier, Request, Result
from healer.facts.states import STATE_AFTER, RepairOutcome, RepairState
from healer.failure import Fact
from healer.ledger.glance import RepairGlance

if TYPE_CHECKING:
    import sqlalchemy as sa

EntryKind = Literal[
    "examine", "draft", "call", "attempt", "outcome",
    "approval", "rejection", "relapse", "relapse_end", "rollback", "probation", "restart", "answer",
    "rerun", "rerun_end", "acknowledgement", "snooze", "statement", "restoration",
    "request",
    "other",
]  # fmt: skip
"""What was done. `request`: a person has decided on the fleet's page, and a machine is to carry it
out. `other`: a kind that this version does not know."""


class Entry(Fact):
    """One step of one repair. There is one of each kind and number."""

    repair: str
    kind: EntryKind
    number: int = 0
    """Which of several, from 1, a relapse from 0 (an end has its start's); of a rollback, an answer
    and their statements their Unix time; 0 where a repair has only one."""
    outcome: str
    """In a word or two, for people."""
    detail: str = ""
    drafter: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0
    inputs: str = ""
    """A digest of what the decision was made from, or a git object's or a failure's id."""
    cost_known: bool = True
    """False: estimated, or without a price in the configuration."""
    purpose: str = ""
    """Of a call: a `Purpose`, or one that a later version has."""
    at: float = 0.0
    """Seconds since the epoch; set by the ledger."""

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator above a property
    @property
    def label(self) -> str:
        """The step as it is listed, such as `draft 2`."""
        return f"{self.kind} {self.number}" if self.number else self.kind


class RepairRow(Fact):
    """One repair as it stands."""

    id: str
    key: str
    script: str
    fingerprint: str
    """Of the recorded failure; empty for a repair that began with a command or own checks."""
    state: RepairState
    outcome: RepairOutcome | Literal[""]
    """Empty while it is open."""
    created_at: float
    updated_at: float
    request: Request | None
    """None where it cannot be read: another version wrote it, and it can only be closed."""
    result: Result | None = None
    """None until it has ended, and where the row holds no result that can be read."""
    holder: str = ""
    """The clone that takes care of it, of several that share the ledger."""

    @property
    def reason(self) -> str:
        """Why it ended so, in a sentence; empty until then."""
        return self.result.reason if self.result else ""

    @property
    def branch(self) -> str:
        """The quarantine branch of its last candidate; empty without one."""
        return (self.result.branch or "") if self.result else ""

    @property
    def has_draft(self) -> bool:
        """There is something that a person can approve, or could before it ended."""
        return self.result is not None and self.result.has_draft

    @property
    def fix_commit(self) -> str:
        """The commit that brought the fix; empty where none was merged."""
        return (self.result.merged or "") if self.result else ""

    @property
    def known_result(self) -> Result:
        """The result, or as much of one as the columns say where it cannot be read."""
        unread = Result(repair=self.id, script=self.script, outcome="unjudged", reason="")
        return self.result or unread

    @property
    def shown_fingerprint(self) -> str:
        """Of the failure that the repair itself saw; empty where it saw none."""
        failure = self.result.failure if self.result else None
        return failure.fingerprint if failure else ""

    @property
    def incident(self) -> str:
        """The incident that it repairs: what was recorded, else what its own checks showed."""
        return self.fingerprint or self.shown_fingerprint or self.id

    @property
    def glance(self) -> RepairGlance:
        """What a list shows of it."""
        failure = self.result.failure if self.result else None
        return RepairGlance(
            id=self.id,
            script=self.script,
            state=self.state if self.state in ("open", "waiting") else "closed",
            outcome=self.outcome,
            created_at=self.created_at,
            updated_at=self.updated_at,
            fingerprint=self.fingerprint,
            reason=self.reason,
            question=self.result.question if self.result else "",
            error=failure.type if failure else "",
            message=failure.message if failure else "",
            merged=self.fix_commit,
            has_draft=self.has_draft,
        )

    @property
    def outcome_or_state(self) -> str:
        """The outcome, or that it is still open; one word for lists."""
        return self.outcome or self.state


LONGEST_NUMBER = 18
"""Digits that a column takes."""
_DAY = "budget_usd_per_day"
"""Stands in the reason of a repair that the budget of a day stopped."""


def read_entry(*values: Any) -> Entry:
    """A step from its columns in the order of the fields, and its label, by which one is known
    whose kind another version wrote."""
    facts = dict(zip(Entry.model_fields, values[:-1], strict=True))
    if facts["kind"] not in get_args(EntryKind):
        facts["kind"], facts["number"] = kind_and_number(values[-1])
    return Entry.model_validate(facts)


def kind_and_number(label: str) -> tuple[EntryKind, int]:
    """What `draft 2` means. A kind or a number that is not known gives ("other", 0)."""
    word, _, number = label.partition(" ")
    kind: EntryKind = next((kind for kind in get_args(EntryKind) if kind == word), "other")
    is_number = not number or (number.isdecimal() and len(number) <= LONGEST_NUMBER)
    return (kind, int(number or 0)) if kind != "other" and is_number else ("other", 0)


def read_outcome(word: str) -> RepairOutcome | Literal[""]:
    """The outcome of a row; one that this version does not know says as much as `unjudged`."""
    outcome = next((outcome for outcome in get_args(RepairOutcome) if outcome == word), None)
    return outcome or ("unjudged" if word else "")


def read_repair(row: "sa.RowMapping") -> RepairRow:
    """One row of the table of repairs."""
    outcome = read_outcome(row["outcome"])
    return RepairRow(
        id=row["id"],
        key=row["key"],
        script=row["script"],
        fingerprint=row["fingerprint"],
        state=repair_state(row["state"], outcome),
        outcome=outcome,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        request=read_request(row["request"]),
        result=read_result(row["result"]),
        holder=row["holder"],
    )


def repair_state(column: str, outcome: RepairOutcome | Literal[""]) -> RepairState:
    """What the two columns say together."""
    if column == "waiting":
        return "waiting"
    return STATE_AFTER[outcome] if outcome and column == "closed" else "open"


def read_request(text: str) -> Request | None:
    """The request of a row; None where it cannot be read."""
    try:
        return Request.model_validate_json(text)
    except ValidationError:
        return None


def read_result(text: str) -> Result | None:
    """The result of a row; None where there is none yet, or none that can be read.

    A version that did not say which budget was used up named its setting in the reason.
    """
    values = _without_unknown(json.loads(text), Result)
    if values.get("stopped_by_budget") and "exhausted_budget" not in values:
        values["exhausted_budget"] = "day" if _DAY in str(values.get("reason")) else "repair"
    try:
        return Result.model_validate(values)
    except ValidationError:
        return None


def read_dossier(text: str) -> Dossier:
    """The evidence of a row. A version that kept no list of the protected paths that an attempt
    touches named each in the sentence that keeps it from being merged."""
    values = _without_unknown(json.loads(text), Dossier)
    for attempt in values.get("attempts", ()):
        if attempt.get("protected") and "protected_paths" not in attempt:
            paths = (attempt.get("candidate") or {}).get("paths", ())
            attempt["protected_paths"] = [
                path for path in paths if f"{path} is protected" in attempt["protected"]
            ]
    return Dossier.model_validate(values)


def _without_unknown(values: object, fact: type[Fact]) -> dict[str, Any]:
    """Without what this version has no field for; aliases are fields too."""
    if not isinstance(values, dict):
        return {}
    names: set[str] = set()
    for name, field in fact.model_fields.items():
        names |= {name, field.serialization_alias or name}
    return {name: value for name, value in values.items() if name in names}
