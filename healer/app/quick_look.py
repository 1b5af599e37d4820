"""What can be told of healer at a glance, from files as they lie: nothing is loaded for it.

Belongs here: mails, money, Docker Engine's socket, the configuration as a plain table. Does not
belong here: what is decided by any of it (`healer.config`, `healer.notify`, `healer.draft.llm`).
"""

import json
import os
import socket
import sqlite3
import time
import tomllib
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from healer.support.tables import Tables

RELOAD_FILE = "reload.json"
"""As `healer.daemon.tasks.reload` writes it."""
_SPENT = "SELECT coalesce(sum(nano_usd), 0) FROM spending WHERE day = ?"


@dataclass(frozen=True)
class JobTable:
    """One `[[job]]`, as it is written."""

    script: str
    every: str = ""
    schedule: str = ""
    timezone: str = ""
    started_by: str = ""

    @property
    def is_planned(self) -> bool:
        """It says when it runs."""
        return bool(self.every or self.schedule)

    @property
    def needs_daemon(self) -> bool:
        """healer itself starts it: nobody does while no daemon runs."""
        return self.is_planned and self.started_by in ("", "healer")


@dataclass(frozen=True)
class WindowTable:
    """One `[[maintenance]]`, as it is written."""

    schedule: str
    duration: str
    timezone: str = ""
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConfigTable:
    """What of the configuration is shown; the defaults where nothing is written."""

    state: str = "sqlite"
    """Anything else lies in a shared database."""
    jobs: tuple[JobTable, ...] = ()
    usd_per_day: float | None = None
    """The limit for models; None without `[model]`."""
    windows: tuple[WindowTable, ...] = ()


def read_config_table(root: Path) -> ConfigTable:
    """What healer.toml says, or `[tool.healer]`; the defaults where it cannot be read."""
    for name in ("healer.toml", "pyproject.toml"):
        try:
            table = tomllib.loads((root / name).read_text("utf-8"))
            if name == "pyproject.toml":
                table = table.get("tool", {}).get("healer", {})
            return _read_table(table)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return ConfigTable()
    return ConfigTable()


def _read_table(table: Mapping[str, Any]) -> ConfigTable:  # checked by whoever decides by it
    words = ("script", "every", "schedule", "timezone", "started_by")
    jobs = tuple(
        JobTable(**{word: str(job.get(word) or "") for word in words})
        for job in table.get("job", ())
    )
    windows = tuple(
        WindowTable(
            schedule=str(each.get("schedule") or ""),
            duration=str(each.get("duration") or ""),
            timezone=str(each.get("timezone") or ""),
            scripts=tuple(map(str, each.get("scripts", ()))),
        )
        for each in table.get("maintenance", ())
    )
    limit = float(table["model"].get("budget_usd_per_day", 5.0)) if "model" in table else None
    state = "from state_env" if table.get("state_env") else str(table.get("state", "sqlite"))
    return ConfigTable(state, jobs, limit, windows)


@dataclass(frozen=True)
class Condition:
    """How one thing is that a repair needs."""

    text: str
    """For a person."""
    is_well: bool = True
    """False where it is known to need somebody's hand."""


@dataclass(frozen=True)
class Mails(Condition):
    """How the mails are."""

    waiting: int = 0
    """Not sent yet."""
    failures: int = 0
    """Given up."""


def describe_mails(mail_dir: Path) -> Mails:
    """How many mails wait or failed, and what is the matter with the server."""
    return _describe_mails(
        count_files(mail_dir / "queue"), count_files(mail_dir / "failed"), mail_dir
    )


def describe_shared_mails(tables: Tables, mail_dir: Path) -> Mails:
    """The same of all machines that share the tables; the server's trouble is this one's."""
    query = "SELECT folder, count(*) FROM mail_fact WHERE folder IN (?, ?) GROUP BY folder"
    counts = dict(tables.query(query, ("queue", "failed")))
    return _describe_mails(counts.get("queue", 0), counts.get("failed", 0), mail_dir)


def _describe_mails(waiting: int, failures: int, mail_dir: Path) -> Mails:
    if not waiting and not failures:
        return Mails("none waits")
    words = [f"{waiting} wait to be sent"] + ([f"{failures} could not be sent"] if failures else [])
    problem = ""
    with suppress(ValueError, AttributeError):
        problem = str(json.loads(read_bytes(mail_dir / "server.json") or b"{}").get("problem", ""))
    text = ", ".join(words) + (f" ({problem})" if problem else "")
    return Mails(text, is_well=False, waiting=waiting, failures=failures)


def read_spent_usd(state_dir: Path) -> float:
    """What was spent today (UTC), as the file has it."""
    path = state_dir / "spending.sqlite"
    if path.exists():
        with (
            suppress(sqlite3.DatabaseError),
            closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as database,
        ):
            return float(database.execute(_SPENT, (_today(),)).fetchone()[0]) / 1e9
    return 0.0


def read_shared_spent_usd(tables: Tables) -> float:
    """The same of all machines that share the tables."""
    return float(tables.query(_SPENT, (_today(),))[0][0]) / 1e9


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


def describe_budget(sum_usd: float, limit_usd: float | None) -> Condition:
    """What was spent today (UTC), and of how much."""
    if limit_usd is None and not sum_usd:
        return Condition("no model is configured")
    text = f"${sum_usd:.2f} today" + (f" of ${limit_usd:.2f}" if limit_usd is not None else "")
    return Condition(text, is_well=limit_usd is None or sum_usd < limit_usd)


def ask_docker() -> Condition:
    """Whether Docker Engine answers on its socket, within half a second; not asked over TCP."""
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not address.startswith("unix://"):
        return Condition(f"not asked here ({address}); see healer doctor")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(0.5)
        try:
            connection.connect(address.removeprefix("unix://"))
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            if b" 200 " in connection.recv(64):
                return Condition("ready")
            text = "not well; see healer doctor"
        except OSError as error:
            text = f"does not answer ({error.strerror or error}); see healer doctor"
    return Condition(text, is_well=False)


def read_reload_problem(state_dir: Path) -> str:
    """Why the running daemon did not take the configuration on disk; empty where it did."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads((state_dir / RELOAD_FILE).read_text(encoding="utf-8"))["problem"])
    return ""


def count_files(folder: Path) -> int:
    """The whole JSON files in a folder; 0 where there is none."""
    try:
        names = (path.name for path in folder.iterdir())
        return sum(name.endswith(".json") and name[0] != "." for name in names)
    except OSError:
        return 0


def modified_at(path: Path) -> float | None:
    """When a file was written last, in seconds since the epoch; None where there is none."""
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def read_bytes(path: Path) -> bytes:
    """What is in a file; nothing where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
