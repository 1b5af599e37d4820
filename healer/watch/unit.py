"""What systemd knows of a unit that failed: its command, how it ended, what it wrote.

Belongs here: from a unit's name to its last run. Does not belong here: what becomes of it
(`healer report`), or reading tracebacks.
"""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

MAX_LINES = 5_000
TIMEOUT_S = 30.0
_ENDED_BY_SIGNAL = ("2", "3")
"""`ExecMainCode` of a process that a signal ended, without and with a core dump (CLD_*)."""
_ARGV = re.compile(r"argv\[\]=(.*?) ; ")
_PROPERTIES = "InvocationID,ExecMainCode,ExecMainStatus,ExecStart,WorkingDirectory,Result"


class UnitError(Exception):
    """systemd or its journal cannot be asked: one sentence with the next step."""


@dataclass(frozen=True)
class UnitRun:
    """The last run of a unit."""

    output: str
    """Standard output and error, as the journal has them together; the last MAX_LINES lines."""
    argv: tuple[str, ...] = ()
    """Words with spaces in them come apart: systemd joins them."""
    exit_code: int | None = None
    signal: int | None = None
    timed_out: bool = False
    cwd: str = ""
    """The working folder; empty where none is set."""


def read_last_run(unit: str, environment: Mapping[str, str]) -> UnitRun:
    """The last run of a unit; `environment` is healer's own. Raises `UnitError`."""
    answer = _ask("systemctl", "show", "--no-pager", f"--property={_PROPERTIES}", "--", unit)
    properties = dict(line.partition("=")[::2] for line in answer.splitlines())
    run_id = _find_run_id(unit, properties, environment)
    lines = ("--no-pager", "--quiet", "--output=cat", f"--lines={MAX_LINES}")
    output = _ask("journalctl", *lines, f"_SYSTEMD_INVOCATION_ID={run_id}") if run_id else ""
    command = _ARGV.search(properties.get("ExecStart", ""))
    text = properties.get("ExecMainStatus", "")
    status = int(text) if text.isdigit() else None
    by_signal = properties.get("ExecMainCode") in _ENDED_BY_SIGNAL
    return UnitRun(
        output,
        argv=tuple(command[1].split()) if command else (),
        exit_code=None if by_signal else status,
        signal=status if by_signal else None,
        timed_out=properties.get("Result") in ("timeout", "watchdog"),
        cwd=properties.get("WorkingDirectory", "").lstrip("!-"),
    )


def _find_run_id(unit: str, properties: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """The id of the run that failed: systemd 251 tells it to `OnFailure=` units, since the unit
    may have been started again by now."""
    if environment.get("MONITOR_UNIT") == unit and environment.get("MONITOR_INVOCATION_ID"):
        return environment["MONITOR_INVOCATION_ID"]
    return properties.get("InvocationID", "")


def _ask(*command: str) -> str:
    try:
        process = subprocess.run(command, capture_output=True, check=False, timeout=TIMEOUT_S)
    except FileNotFoundError as error:
        raise UnitError(f"{command[0]} is not here; pipe the text into healer report") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnitError(f"{command[0]} does not answer: {error}; try it again") from error
    if process.returncode != 0:
        first_line = process.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        why = first_line or f"exit code {process.returncode}"
        raise UnitError(f"{' '.join(command[:2])} failed: {why}; see systemctl status")
    return process.stdout.decode("utf-8", "replace")
