"""What systemd knows of a unit that failed: its command, how it ended, what it wrote.

Belongs here: from a unit's name to the document that `healer report` takes. Does not belong here:
what becomes of it (`report`), or reading tracebacks.
"""

import re
import subprocess
from collections.abc import Mapping
from typing import Any

MAX_LINES = 5_000
TIMEOUT_S = 30.0
_KILLED = ("2", "3")
"""`ExecMainCode` of a process that a signal ended, without and with a core dump (CLD_*)."""
_ARGV = re.compile(r"argv\[\]=(.*?) ; ")
_FACTS = "InvocationID,ExecMainCode,ExecMainStatus,ExecStart,WorkingDirectory,Result"


class UnitError(Exception):
    """systemd or its journal cannot be asked: one sentence with the next step."""


def document(unit: str, environment: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """(a report of the last run of a unit, its working folder; empty where none is set).

    Its standard output and error are in `stderr`, as the journal has them together; the last
    MAX_LINES lines. Words of the command with spaces in them come apart: systemd joins them.
    """
    shown = _ask("systemctl", "show", "--no-pager", f"--property={_FACTS}", "--", unit)
    facts = dict(line.partition("=")[::2] for line in shown.splitlines())
    run = _run_of(unit, facts, environment)
    lines = ("--no-pager", "--quiet", "--output=cat", f"--lines={MAX_LINES}")
    text = _ask("journalctl", *lines, f"_SYSTEMD_INVOCATION_ID={run}") if run else ""
    found: dict[str, Any] = {"stderr": text}
    command = _ARGV.search(facts.get("ExecStart", ""))
    if command:
        found["argv"] = command[1].split()
    status = facts.get("ExecMainStatus", "")
    if status.isdigit():
        killed = facts.get("ExecMainCode") in _KILLED
        found["signal" if killed else "exit_code"] = int(status)
    if facts.get("Result") in ("timeout", "watchdog"):
        found["timed_out"] = True
    return found, facts.get("WorkingDirectory", "").lstrip("!-")


def _run_of(unit: str, facts: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """The id of the run that failed: systemd 251 tells it to `OnFailure=` units, since the unit
    may have been started again by now."""
    if environment.get("MONITOR_UNIT") == unit and environment.get("MONITOR_INVOCATION_ID"):
        return environment["MONITOR_INVOCATION_ID"]
    return facts.get("InvocationID", "")


def _ask(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=TIMEOUT_S)
    except FileNotFoundError as error:
        raise UnitError(f"{command[0]} is not here; pipe the text into healer report") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnitError(f"{command[0]} does not answer: {error}; try it again") from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise UnitError(f"{' '.join(command[:2])} failed: {said or done.returncode}")
    return done.stdout.decode("utf-8", "replace")
