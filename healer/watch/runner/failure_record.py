"""What is written down of one run: a failure into the inbox, a good run as one line.

Belongs here: from what was seen to a redacted record. Does not belong here: where records wait and
who takes them (`inbox`). Nothing is stored before the redactor has seen it.
"""

import base64
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from healer.watch.checkout import Place, is_dirty, portable
from healer.watch.record import deliver, format_timestamp, new_id
from healer.watch.runner import run_log
from healer.watch.runner.run import Ran

if TYPE_CHECKING:
    from healer.redact import Redactor
    from healer.watch.runner.run_log import Record

FORMAT = 1
SHOWN_VARIABLES = ("LANG", "LANGUAGE", "TZ", "VIRTUAL_ENV", "TERM", "CI", "COLUMNS", "LINES")
SHOWN_PREFIXES = ("LC_", "PYTHON")
NO_SECRETS = ("PWD", "OLDPWD")


def note(ran: Ran, place: Place) -> None:
    """Writes the run down; raises OSError where the disk refuses."""
    if ran.failed:
        record = failure_record(ran, place)
        deliver(place.state, record["id"], record)
    elif ran.capture:
        _keep_good_run(ran, place)


def failure_record(ran: Ran, place: Place) -> "Record":
    """All that is known of a failing run, without secrets."""
    raised, inputs = _heard(ran.heard.bytes())
    redactor = _redactor(raised)
    return {
        "format": FORMAT,
        "id": new_id(),
        "source": ran.options.source,
        "script": ran.script,
        **_command(ran, place, redactor),
        "exit_code": ran.exit_code,
        "signal": ran.signal,
        "timed_out": ran.timed_out,
        "raised": _redacted(raised, redactor, _redactor()),
        "stdout_tail": redactor.text(ran.out.text()),
        "stderr_tail": redactor.text(ran.err.text()),
        "stdin": None if ran.stdin is None else _redacted_bytes(ran.stdin, redactor),
        "inputs": {path: _redacted_bytes(data, redactor) for path, data in inputs.items()},
        "commit": ran.commit,
        "dirty": is_dirty(place),
        "environment": redactor.mapping(_shown_environment()),
        "environment_names": sorted(os.environ),
        "occurred_at": format_timestamp(time.time()),
        "duration_s": round(ran.duration_s, 3),
        "root": str(place.root),
        "cwd": str(ran.cwd),
    }


def _command(ran: Ran, place: Place, redactor: "Redactor") -> "Record":
    """The command as it was typed, and as another copy of the repository can run it."""
    words, folder = portable(ran.options.argv, place, ran.cwd)
    argv = list(redactor.argv(ran.options.argv))
    return {"argv": argv, "command": list(redactor.argv(words)), "folder": folder}


def _redactor(raised: Iterable[Any] = ()) -> "Redactor":
    """Knows every secret of this environment and of the failing frames' variables.

    What a variable called `api_token` holds is then taken out wherever it stands. The folder in
    PWD is no password.
    """
    from healer.redact import Redactor

    known = {name: value for name, value in os.environ.items() if name not in NO_SECRETS}
    for name, value in _variables(raised):
        known[f"{name} {len(known)}" if name in known else name] = value.strip("'\"")
    return Redactor.from_environment(known)


def _variables(raised: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for one in raised:
        if isinstance(one, dict):
            for frame in (one, *one.get("frames", ())):
                for key in ("locals", "attributes"):
                    yield from ((str(k), str(v)) for k, v in frame.get(key, {}).items())


def _shown_environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name in SHOWN_VARIABLES or name.startswith(SHOWN_PREFIXES)
    }


def _heard(data: bytes) -> tuple[list[Any], dict[str, bytes]]:
    """(the last exception that a Python child reported, the files it read); broken lines count
    for nothing."""
    raised: list[Any] = []
    inputs: dict[str, bytes] = {}
    for line in data.splitlines():
        try:
            message = json.loads(line)
            if "raised" in message:
                raised = list(message["raised"])
            elif "base64" in message:
                inputs[str(message["input"])] = base64.b64decode(message["base64"])
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    return raised, inputs


def _redacted(value: Any, redactor: "Redactor", for_source: "Redactor") -> Any:
    """Every text of a described exception without secrets; locals also by their names.

    Source lines are redacted as the printed traceback's are without the hook: they name the
    incident, which must be the same with and without it.
    """
    if isinstance(value, str):
        return redactor.text(value)
    if isinstance(value, list):
        return [_redacted(item, redactor, for_source) for item in value]
    if isinstance(value, dict):
        named = {key: value[key] for key in ("locals", "attributes") if key in value}
        answer = {
            key: _redacted(item, for_source if key == "source" else redactor, for_source)
            for key, item in value.items()
            if key not in named
        }
        for key, values in named.items():
            answer[key] = redactor.mapping({str(k): str(v) for k, v in values.items()})
        return answer
    return value


def _redacted_bytes(data: bytes, redactor: "Redactor") -> str:
    """Base64; text loses its secrets, other bytes stay as they are."""
    with suppress(UnicodeDecodeError):
        data = redactor.text(data.decode("utf-8")).encode("utf-8")
    return base64.b64encode(data).decode("ascii")


def _keep_good_run(ran: Ran, place: Place) -> None:
    """A good run with its input and output, as evidence against a later fix that changes it.

    What a terminal was shown was not seen, and is no evidence.
    """
    if ran.printed is None:
        return
    redactor = _redactor()
    _raised, inputs = _heard(ran.heard.bytes())
    record = {
        "format": FORMAT,
        "script": ran.script,
        **_command(ran, place, redactor),
        "commit": ran.commit,
        "occurred_at": format_timestamp(ran.started_at),
        "stdin": None if ran.stdin is None else _redacted_bytes(ran.stdin, redactor),
        "inputs": {path: _redacted_bytes(data, redactor) for path, data in inputs.items()},
        "stdout": redactor.text(ran.printed.text()),
    }
    run_log.keep_good(place.state, ran.script, record)
