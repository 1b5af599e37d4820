"""Failures that somebody hands in: a JSON document, a text with a traceback, or a whole log.

Belongs here: from those to redacted `Failure`s. Does not belong here: the inbox.
"""

import json
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from healer.failure import Failure, Raised, fingerprint, parse_all, parse_traceback
from healer.redact import Redactor
from healer.watch.inbox import find_script_in_chain

MAX_TEXT = 64 * 1024
_OUR_OWN = frozenset({"id", "source", "fingerprint", "occurred_at", "chain", "count"})
_TEXTS = ("traceback", "stderr")


class ReportError(Exception):
    """What was handed in holds no failure: one sentence with the next step."""


def read_report(text: str, root: str, redactor: Redactor, occurred_at: str) -> Failure:
    """One failure from a JSON document, or from plain text that holds a traceback.

    A document's keys are those of `Failure`, and `traceback` or `stderr` for the text to read.
    """
    document = _parse_object(text)
    if document is None:
        chain = parse_traceback(redactor.text(text), root)
        if not chain:
            raise ReportError("there is no Python traceback in this text, and it is no JSON object")
        return _new_failure({"stderr_tail": text[-MAX_TEXT:]}, chain, redactor, occurred_at)
    texts = [str(document.pop(name)) for name in _TEXTS if name in document]
    _check_keys(document)
    output = "\n".join(texts) or str(document.get("stderr_tail", ""))
    chain = parse_traceback(redactor.text(output), root)
    document.setdefault("stderr_tail", output[-MAX_TEXT:])
    return _new_failure(document, chain, redactor, occurred_at)


def read_log(data: bytes, root: str, redactor: Redactor, occurred_at: str) -> tuple[Failure, ...]:
    """One failure for each distinct traceback of a log, in the order of their last appearance."""
    text = redactor.text(data.decode("utf-8", "replace"))
    chains = {fingerprint(chain): chain for chain in parse_all(text, root)}
    return tuple(new_log_failure(chain, occurred_at) for chain in chains.values())


def new_log_failure(
    chain: tuple[Raised, ...], occurred_at: str, *, text: str = "", record_id: str = ""
) -> Failure:
    """A failure of which a log shows no more than its traceback; redacted already."""
    script = find_script_in_chain("", chain)
    return Failure(
        id=record_id,
        script=script,
        source="log",
        chain=chain,
        stderr_tail=text,
        occurred_at=occurred_at,
        fingerprint=fingerprint(chain),
    )


def _parse_object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _check_keys(names: Iterable[str]) -> None:
    keys = sorted({*Failure.model_fields, *_TEXTS} - _OUR_OWN)
    for name in names:
        if name not in keys:
            raise ReportError(f"{name!r} is no key of a report; allowed are {', '.join(keys)}")


def _new_failure(
    facts: dict[str, Any], chain: tuple[Raised, ...], redactor: Redactor, occurred_at: str
) -> Failure:
    facts.setdefault("script", find_script_in_chain("", chain))
    try:
        failure = Failure.model_validate(
            {**facts, "id": "", "source": "report", "chain": chain, "occurred_at": occurred_at}
        )
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise ReportError(f"{key} = {first.get('input')!r}: {first['msg']}") from error
    if not failure.chain and not failure.script and not failure.argv:
        raise ReportError("the report names no script, no argv and holds no traceback; add one")
    failure = failure.model_copy(
        update={
            "argv": redactor.argv(failure.argv),
            "stdout_tail": redactor.text(failure.stdout_tail),
            "stderr_tail": redactor.text(failure.stderr_tail),
            "environment": redactor.mapping(failure.environment),
        }
    )
    return failure.model_copy(update={"fingerprint": fingerprint(failure)})
