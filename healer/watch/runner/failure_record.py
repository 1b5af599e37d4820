"""What is written down of one run: a failure into the inbox, a good night's tape beside others.

Belongs here: from what was seen to a redacted record. Does not belong here: where records wait and
who takes them (`inbox`), or which good nights are kept (`healer.tape.good_nights`). Nothing is
stored before the redactor has seen it.
"""

import base64
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from healer.tape.good_nights import keep_good_night
from healer.tape.store import keep_tape
from healer.watch.checkout import Checkout, find_job_entry_point, is_dirty, make_portable
from healer.watch.entry_points import EntryPoint
from healer.watch.record import deliver, format_timestamp, new_id
from healer.watch.runner.job_run import JobRun

if TYPE_CHECKING:
    from healer.redact import Redactor
    from healer.tape.facts import Tape

FORMAT = 1
MAX_INPUT_BYTES = 1 << 20
"""A larger file is on the tape alone."""
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
    is_logged: bool
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


def record_run(job_run: JobRun, checkout: Checkout) -> str:
    """Writes the run down; raises OSError where the disk refuses. Gives why there is no tape of a
    failure where there should be one, or nothing."""
    trouble = ""
    checkout.state_dir.mkdir(mode=0o700, exist_ok=True)  # the first writer decides who may read
    if job_run.is_failure:
        tape = make_run_tape(job_run, checkout)
        record = describe_failure(job_run, checkout, tape)
        if tape is not None:
            try:
                keep_tape(
                    checkout.state_dir, record["id"], tape, lambda: _list_wanted(checkout.state_dir)
                )
            except OSError as error:  # the failure itself is worth more
                trouble = error.strerror or type(error).__name__
        elif job_run.tape >= 0:
            trouble = "its notes cannot be read"
        deliver(checkout.state_dir, record["id"], record)
    elif (tape := make_run_tape(job_run, checkout)) is not None:
        keep_good_night(checkout.state_dir, tape, job_run.recording.good_nights)
    return trouble


def _list_wanted(state_dir: Path) -> "frozenset[str]":
    """Read only where tapes have to go."""
    from healer.watch.open_failures import list_open_failures

    return list_open_failures(state_dir)


def describe_failure(
    job_run: JobRun, checkout: Checkout, tape: "Tape | None" = None
) -> FailureRecord:
    """All that is known of a failing run, without secrets."""
    chain = _read_hook_messages(job_run.hook_messages.bytes(), job_run)
    redactor = _new_redactor(chain)
    if job_run.broken:
        from healer.nights.expectations import BROKEN_EXPECTATION

        chain = [{"type": BROKEN_EXPECTATION, "message": job_run.broken, "frames": []}]
    return {
        "format": FORMAT,
        "id": new_id(),
        "source": job_run.options.source,
        "script": job_run.script,
        **_describe_command(job_run, checkout, redactor),
        "exit_code": job_run.exit_code,
        "signal": job_run.signal,
        "timed_out": job_run.timed_out,
        "is_logged": job_run.hides_error and b'{"raised"' not in job_run.hook_messages.bytes(),
        "raised": _redact(chain, redactor, _new_redactor()),
        "stdout_tail": redactor.text(job_run.stdout.text()),
        "stderr_tail": redactor.text(job_run.stderr.text()),
        "stdin": None if job_run.stdin is None else _redact_bytes(job_run.stdin, redactor),
        "inputs": _find_inputs(job_run, checkout, tape),
        "commit": job_run.commit,
        "dirty": is_dirty(checkout),
        "environment": redactor.mapping(_shown_environment()),
        "environment_names": sorted(os.environ),
        "occurred_at": format_timestamp(time.time()),
        "duration_s": round(job_run.duration_s, 3),
        "root": str(checkout.root),
        "cwd": str(job_run.cwd),
    }


def _describe_command(job_run: JobRun, checkout: Checkout, redactor: "Redactor") -> CommandRecord:
    words, cwd = make_portable(job_run.options.argv, checkout, job_run.cwd)
    entry = find_started_entry_point(job_run, checkout)
    if entry is not None:
        start = os.path.relpath(checkout.root / entry.path, checkout.root / cwd)
        words = ("python", start, *words[1:])
    argv = list(redactor.argv(job_run.options.argv))
    return {"argv": argv, "command": list(redactor.argv(words)), "folder": cwd}


def find_started_entry_point(job_run: JobRun, checkout: Checkout) -> EntryPoint | None:
    """Where the job is an installed program that calls a module of the repository: what it calls.
    In another copy of the repository it is that copy's module that has to run."""
    word = job_run.options.argv[0]
    if (job_run.cwd / word).suffix == ".py" or word.rpartition("/")[2].startswith("python"):
        return None
    return find_job_entry_point(word, checkout, job_run.cwd)


def make_run_tape(job_run: JobRun, checkout: Checkout) -> "Tape | None":
    """What the job's Pythons noted, without secrets; None where nothing can be made of it."""
    if job_run.tape < 0:
        return None
    from healer.tape.make import RunFacts, make_tape
    from healer.tape.raw import read_records

    chain = _read_hook_messages(job_run.hook_messages.bytes(), job_run)
    words, folder = make_portable(job_run.options.argv, checkout, job_run.cwd)
    run = RunFacts(
        script=job_run.script,
        commit=job_run.commit,
        started_at=job_run.started_at,
        root=str(checkout.root),
        cwd=str(job_run.cwd),
        environment=dict(os.environ),
        skip=job_run.recording.skip,
        argv=tuple(job_run.options.argv),
        command=tuple(words),
        folder=folder,
        exit_code=job_run.shell_code,
        stdin=job_run.stdin or b"",
        stdout=None if job_run.printed is None else job_run.printed.bytes(),
    )
    try:
        return make_tape(
            read_records(job_run.tape),
            run,
            lambda secrets: _new_redactor(chain, secrets).for_tape(),
        )
    except (OSError, ValueError, MemoryError):
        return None


def _find_inputs(job_run: JobRun, checkout: Checkout, tape: "Tape | None") -> dict[str, str]:
    """With `capture = true`, the files of the repository that the job read, in base64 by path; and
    the program that stands for an installed one."""
    entry = find_started_entry_point(job_run, checkout)
    stub = {entry.path: base64.b64encode(entry.source.encode()).decode("ascii")} if entry else {}
    if tape is None or not job_run.captures:
        return stub
    root = f"{checkout.root}/"
    return stub | {
        file.path.removeprefix(root): base64.b64encode(file.data).decode("ascii")
        for file in tape.files
        if file.path.startswith(root) and len(file.data) <= MAX_INPUT_BYTES
    }


def _new_redactor(chain: Iterable[Any] = (), secrets: Iterable[str] = ()) -> "Redactor":
    """Knows every secret of this environment and of the failing frames' variables.

    What a variable called `api_token` holds is then taken out wherever it stands. The folder in
    PWD is no password.
    """
    from healer.redact import Redactor

    values = {name: value for name, value in os.environ.items() if name not in NO_SECRETS}
    for name, value in _variables(chain):
        values[f"{name} {len(values)}" if name in values else name] = value.strip("'\"")
    return Redactor.from_environment(values, secrets)


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


def _read_hook_messages(data: bytes, job_run: JobRun) -> list[Any]:
    """The last exception that a Python child reported; of a job that ended well, one that it
    logged where none was reported. Broken lines count for nothing."""
    chain: list[Any] = []
    logged_chain: list[Any] = []
    for line in data.splitlines():
        with suppress(ValueError, TypeError, KeyError, RecursionError):
            message = json.loads(line)
            if "raised" in message:
                chain = list(message["raised"])
            else:
                logged_chain = list(message["logged"])
    return chain or ([] if job_run.has_failed else logged_chain)


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
