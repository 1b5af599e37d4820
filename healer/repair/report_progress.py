"""What a repair or a decision shows of itself while it runs.

Belongs here: the one way to say it. Does not belong here: how it is printed (`healer.cli.live`),
and anything that a decision is taken from.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from healer.engine.workflows import StepFailed
from healer.facts.progress import Progress
from healer.failure import Failure
from healer.judge import Verdict
from healer.services import Services
from healer.support.work_count import watch_work


class ProgressReporter:
    """Shows the steps of one repair to whoever watches."""

    def __init__(self, services: Services, repair: str, failure: Failure | None = None) -> None:
        self._services, self._repair, self.failure = services, repair, failure
        self._shown_at = time.monotonic()

    def show(
        self, step: str, state: str, detail: str = "", seconds: float = 0.0, cost_usd: float = 0.0
    ) -> None:
        """Without `seconds` of its own, a step has taken the time since the last one was shown."""
        now = time.monotonic()
        duration_s, self._shown_at = seconds or now - self._shown_at, now
        self._show(step, state, detail, duration_s, cost_usd)

    def _show(
        self, step: str, state: str, detail: str, seconds: float = 0.0, cost_usd: float = 0.0
    ) -> None:
        self._services.progress(
            Progress(
                repair=self._repair,
                step=step,
                state=state,
                detail=detail,
                seconds=seconds,
                fingerprint=self.failure.fingerprint if self.failure else "",
                cost_usd=cost_usd,
            )
        )

    @contextmanager
    def show_work(self, step: str, detail: str = "") -> Iterator[None]:
        """In the block the step runs, and each count of this thread's work is shown with it."""
        self.show(step, "running", detail)
        with watch_work(
            lambda count: self._show(step, "running", f"{detail}: {count}" if detail else count)
        ):
            yield

    @contextmanager
    def report_stop(self) -> Iterator[None]:
        """Says for the daemon's log why a workflow does not go on for now, once."""
        try:
            yield
        except StepFailed as failure:
            if failure.is_news:
                self.show("stopped", "note", f"{failure.__cause__}")
            raise

    def show_checks(self, verdict: Verdict) -> None:
        """Every check of a verdict, with the time that it took; what no check measured, such as the
        trial of small changes, is the evidence's."""
        now = time.monotonic()
        rest_s = now - self._shown_at - sum(check.seconds for check in verdict.checks)
        self._shown_at = now
        for check in verdict.checks:
            seconds = check.seconds or (max(rest_s, 0.0) if check.name == "evidence" else 0.0)
            self._show(check.name, check.status, check.detail, seconds)
