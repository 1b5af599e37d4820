"""Tells an OpenTelemetry endpoint of the repairs that have ended.

Belongs here: whether that is wanted, and from which moment on. Does not belong here: what is told
(`healer.repair.telemetry`, which is loaded only where it is wanted).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from healer.services import Services
from healer.support.atomic_file import write_atomically
from healer.support.extras import is_installed

if TYPE_CHECKING:
    from healer.repair.telemetry import Telemetry

FILE = "telemetry"
"""In healer's folder: the end of the last repair that was told, Unix time."""
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def names_endpoint(environment: Mapping[str, str]) -> bool:
    """An endpoint is named, and telemetry is not turned off."""
    is_off = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return not is_off and any(environment.get(name, "").strip() for name in ENDPOINTS)


def is_telemetry_wanted(environment: Mapping[str, str]) -> bool:
    """As `names_endpoint`, and `healer[otel]` is installed."""
    return names_endpoint(environment) and is_installed("otel")


def open_telemetry() -> "Telemetry":
    """By OTLP over HTTP, as the variables of OpenTelemetry say."""
    from healer.repair.telemetry import open_otlp  # noqa: PLC0415 - only where it is wanted

    return open_otlp()


class TellTelemetry:
    """Each repair once, this one's clone's alone. A crash may tell one again, as the same trace."""

    name = "telemetry"
    every_s = 20.0

    def __init__(
        self, services: Services, state_dir: Path, opens: Callable[[], "Telemetry"]
    ) -> None:
        self._services, self._file, self._opens = services, state_dir / FILE, opens
        self._telemetry: Telemetry | None = None
        self._has_unsent = False

    def run(self, now: float) -> None:
        """The first time, nothing of the past. Raises where the endpoint takes nothing: the next
        turn tells the same."""
        since = self._read_moment()
        if since is None:
            self._write_moment(now)
            return
        ledger, clone = self._services.ledger, self._services.fleet.clone
        ends = [each for each in ledger.entries(kind="outcome") if each.at > since]
        if ends and self._telemetry is None:
            self._telemetry = self._opens()
        for end in sorted(ends, key=lambda each: each.at):
            row = ledger.repair(end.repair)
            if self._telemetry and row.holder in ("", clone):
                self._telemetry.tell(row, ledger.entries(end.repair))
                self._has_unsent = True
            self._write_moment(end.at)
        if self._telemetry and self._has_unsent:
            self._telemetry.send_measurements()
            self._has_unsent = False

    def _read_moment(self) -> float | None:
        try:
            return float(self._file.read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _write_moment(self, moment: float) -> None:
        write_atomically(self._file, f"{moment!r}\n".encode())
