"""What is written down of one run: a failure into the inbox, a good run beside others.

Belongs here: from what was seen to a redacted record. Does not belong here: where records wait and
who takes them (`inbox`), or how many good runs are kept (`run_log`). Nothing is stored before the
redactor has seen it.
"""

import base64
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypedDict

from healer.watch.checkout import Checkout, is_dirty, make_portable
from healer.watch.record import deliver, format_timestamp, new_id
from healer.watch.runner.job_run import JobRun
from healer.watch.runner.run_log import keep_good_run

if TYPE_CHECKING:
    from healer.redact import Redactor
    from healer.watch.runner.run_log import GoodRun

FORMAT = 1
SHOWN_VARIABLES = ("LANG", "LANGUAGE", "TZ", "VIRTUAL_ENV", "TERM", "CI", "COLUMNS", "LINES")
SHOWN_PREFIXES = ("LC_", "PYTHON")
NO_SECRETS = ("PWD", "OLDPWD")


class CommandRecord(TypedDict):
    """The command as it was typed, and as another copy of the repository can run it."""

    argv: list[str]
    command: list[str]
    folder: str
    """Where `command` starts, from the repository's root."""


class FailureRecord(CommandRecord):
    """A failing run, without secrets; `healer.watch.inbox` makes a `Failure` of it."""

    format: int
    id: str
    source: str
    script: str
    exit_code: int | None
    signal: int | None
    timed_out: bool
    raised: list[Any]
    """The exceptions as the hook describes them (`healer.failure.Raised`); empty without one."""
    stdout_tail: str
    stderr_tail: str
    stdin: str | None
    """Base64, as are the values of `inputs` (by path)."""
    inputs: dict[str, str]
    commit: str
    dirty: bool
    environment: dict[str, str]
    environment_names: list[str]
    occurred_at: str
    duration_s: float
    root: str
    cwd: str
    """Both absolute: the printed traceback is read with them."""


def record_run(job_run: JobRun, checkout: Checkout) -> None:
    """Writes the run down; raises OSError where the disk refuses."""
    if job_run.has_failed:
        record = describe_failure(job_run, checkout)
        deliver(checkout.state_dir, record["id"], record)
    elif job_run.captures and job_run.printed is not None:
        # What a terminal was shown was not seen, and is no evidence.
        good_run = _describe_good_run(job_run, job_run.printed.text(), checkout)
        keep_good_run(checkout.state_dir, job_run.script, good_run)


def describe_failure(job_run: JobRun, checkout: Checkout) -> FailureRecord:
    """All that is known of a failing run, without secrets."""
    chain, inputs = _read_hook_messages(job_run.hook_messages.bytes())
    redactor = _new_redactor(chain)
    return {
        "format": FORMAT,
        "id": new_id(),
        "source": job_run.options.source,
        "script": job_run.script,
        **_describe_command(job_run, checkout, redactor),
        "exit_code": job_run.exit_code,
        "signal": job_run.signal,
        "timed_out": job_run.timed_out,
        "raised": _redact(chain, redactor, _new_redactor()),
        "stdout_tail": redactor.text(job_run.stdout.text()),
        "stderr_tail": redactor.text(job_run.stderr.text()),
        "stdin": None if job_run.stdin is None else _redact_bytes(job_run.stdin, redactor),
        "inputs": {path: _redact_bytes(data, redactor) for path, data in inputs.items()},
        "commit": job_run.commit,
        "dirty": is_dirty(checkout),
        "environment": redactor.mapping(_shown_environment()),
        "environment_names": sorted(os.environ),
        "occurred_at": format_timestamp(time.time()),
        "duration_s": round(job_run.duration_s, 3),
        "root": str(checkout.root),
        "cwd": str(job_run.cwd),
    }


def _describe_good_run(job_run: JobRun, stdout: str, checkout: Checkout) -> "GoodRun":
    """A good run with its input and output, as evidence against a later fix that changes it."""
    redactor = _new_redactor()
    _chain, inputs = _read_hook_messages(job_run.hook_messages.bytes())
    return {
        "format": FORMAT,
        "script": job_run.script,
        **_describe_command(job_run, checkout, redactor),
        "commit": job_run.commit,
        "occurred_at": format_timestamp(job_run.started_at),
        "stdin": None if job_run.stdin is None else _redact_bytes(job_run.stdin, redactor),
        "inputs": {path: _redact_bytes(data, redactor) for path, data in inputs.items()},
        "stdout": redactor.text(stdout),
    }


def _describe_command(job_run: JobRun, checkout: Checkout, redactor: "Redactor") -> CommandRecord:
    words, cwd = make_portable(job_run.options.argv, checkout, job_run.cwd)
    argv = list(redactor.argv(job_run.options.argv))
    return {"argv": argv, "command": list(redactor.argv(words)), "folder": cwd}


def _new_redactor(chain: Iterable[Any] = ()) -> "Redactor":
    """Knows every secret of this environment and of the failing frames' variables.

    What a variable called `api_token` holds is then taken out wherever it stands. The folder in
    PWD is no password.
    """
    from healer.redact import Redactor

    values = {name: value for name, value in os.environ.items() if name not in NO_SECRETS}
    for name, value in _variables(chain):
        values[f"{name} {len(values)}" if name in values else name] = value.strip("'\"")
    return Redactor.from_environment(values)


def _variables(chain: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for one in chain:
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


def _read_hook_messages(data: bytes) -> tuple[list[Any], dict[str, bytes]]:
    """(the last exception that a Python child reported, the files it read); broken lines count
    for nothing."""
    chain: list[Any] = []
    inputs: dict[str, bytes] = {}
    for line in data.splitlines():
        try:
            message = json.loads(line)
            if "raised" in message:
                chain = list(message["raised"])
            elif "base64" in message:
                inputs[str(message["input"])] = base64.b64decode(message["base64"])
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    return chain, inputs


def _redact(value: Any, redactor: "Redactor", for_source: "Redactor") -> Any:
    """Every text of a described exception without secrets; locals also by their names.

    Source lines are redacted as the printed traceback's are without the hook: they name the
    incident, which must be the same with and without it.
    """
    if isinstance(value, str):
        return redactor.text(value)
    if isinstance(value, list):
        return [_redact(item, redactor, for_source) for item in value]
    if isinstance(value, dict):
        variables = {key: value[key] for key in ("locals", "attributes") if key in value}
        answer = {
            key: _redact(item, for_source if key == "source" else redactor, for_source)
            for key, item in value.items()
            if key not in variables
        }
        for key, values in variables.items():
            answer[key] = redactor.mapping({str(k): str(v) for k, v in values.items()})
        return answer
    return value


def _redact_bytes(data: bytes, redactor: "Redactor") -> str:
    """Base64; text loses its secrets, other bytes stay as they are."""
    with suppress(UnicodeDecodeError):
        data = redactor.text(data.decode("utf-8")).encode("utf-8")
    return base64.b64encode(data).decode("ascii")
