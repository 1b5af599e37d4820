"""What older versions wrote, in the words of this one.

Belongs here: the only places where a label or a sentence of a row is taken apart, because its
version wrote nothing better. Does not belong here: reading rows of today (`rows`, `store`).
"""

import json
from typing import Any, Literal, get_args

from pydantic import ValidationError

from healer.facts.repair import Dossier, Request, Result
from healer.facts.states import RepairOutcome
from healer.failure import Fact
from healer.ledger.rows import EntryKind

LONGEST_NUMBER = 18
"""Digits that a column takes."""
_DAY = "budget_usd_per_day"
"""Stands in the reason of a repair that the budget of a day stopped."""


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
