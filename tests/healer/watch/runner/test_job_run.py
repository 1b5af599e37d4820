"""A run ends well or not, and its code is the one that a shell would say."""

from pathlib import Path

import pytest

from healer.watch.runner.job_run import JobRun
from healer.watch.runner.options import RunOptions


@pytest.mark.parametrize(
    ("exit_code", "signal", "has_failed", "shell_code"),
    [
        (0, None, False, 0),
        (1, None, True, 1),
        (255, None, True, 255),
        (None, 9, True, 137),
        (None, 2, True, 130),
    ],
)
def test_how_it_ended(
    exit_code: int | None, signal: int | None, has_failed: bool, shell_code: int
) -> None:
    job_run = JobRun(RunOptions(("job.sh",)), Path("/"), 0.0)
    job_run.exit_code, job_run.signal = exit_code, signal
    assert (job_run.has_failed, job_run.shell_code) == (has_failed, shell_code)


def test_one_that_was_never_seen_to_end_has_failed() -> None:
    assert JobRun(RunOptions(("job.sh",)), Path("/"), 0.0).has_failed
