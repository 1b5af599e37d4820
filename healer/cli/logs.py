"""The daemon's log: one JSON line for each step, on standard error."""

import sys
from collections.abc import Callable
from contextlib import suppress

import structlog

from healer.facts.progress import Progress


def json_log() -> Callable[[Progress], None]:
    """A place for progress that writes one JSON object a line, with a UTC time.

    It never raises: who reads the log may have gone, or the disk be full, and the work goes on.
    """
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    log = structlog.get_logger()

    def write(progress: Progress) -> None:
        if progress.state == "running":
            return
        with suppress(OSError, ValueError):  # ValueError: the stream was closed
            log.info(
                progress.step,
                repair=progress.repair,
                state=progress.state,
                detail=progress.detail,
                fingerprint=progress.fingerprint,
                seconds=round(progress.seconds, 3),
                cost_usd=round(progress.cost_usd, 6),
            )

    return write
