"""Whether a run that ended well left what its owner expects.

Belongs here: from a run to effects, as far as its expectations ask. Does not belong here: what an
expectation is (`healer.nights.expectations`), or what a broken one leads to (`failure_record`).
Loaded only for jobs that have some.
"""

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from healer.facts.effects import Effects, FileEffect, RequestEffect
from healer.nights.expectations import Expectation, find_broken, make_expectation
from healer.tape.effects import effects_of
from healer.watch.checkout import Checkout
from healer.watch.runner.failure_record import make_run_tape
from healer.watch.runner.job_run import JobRun

MOST_BYTES = 64 << 20
"""A larger file is only known to be there."""
MOST_FILES = 100
CLOCK_S = 2.0
"""By so much the time of a file may be behind the run's own clock."""


def check_expectations(job_run: JobRun, checkout: Checkout) -> str:
    """The first thing that is otherwise, in words; empty where all is as expected. Raises TypeError
    or ValueError for an expectation that cannot be read."""
    expectations = [make_expectation(**entry) for entry in job_run.expect]
    requests, gaps = _list_requests(expectations, job_run, checkout)
    output = job_run.stdout if job_run.printed is None else job_run.printed
    effects = Effects(
        exit_code=job_run.shell_code,
        stdout=output.bytes(),
        files=tuple(_list_files(expectations, job_run, checkout)),
        requests=requests,
        statements=(),
        mails=(),
        gaps=gaps,
    )
    differences = find_broken(expectations, effects, job_run.duration_s)
    return differences[0].sentence if differences else ""


def _list_requests(
    expectations: Iterable[Expectation], job_run: JobRun, checkout: Checkout
) -> tuple[tuple[RequestEffect, ...], tuple[str, ...]]:
    """(what it sent, why that is not known)"""
    tape = None
    if any(each.requests for each in expectations):
        tape = make_run_tape(job_run, checkout)
    if tape is None:
        return (), ("what it sent is not recorded",)
    effects = effects_of(tape)
    return effects.requests, tape.gaps


def _list_files(
    expectations: Iterable[Expectation], job_run: JobRun, checkout: Checkout
) -> Iterator[FileEffect]:
    """What the expectations name and the run has written."""
    names = dict.fromkeys(each.file for each in expectations if each.file)
    for name in names:
        pattern = os.path.join(glob.escape(str(checkout.root)), name)  # noqa: PTH118 - may hold stars
        for path in sorted(glob.glob(pattern))[:MOST_FILES]:  # noqa: PTH207 - may begin at the root
            try:
                status = os.stat(path)  # noqa: PTH116 - a text
                if status.st_mtime < job_run.started_at - CLOCK_S:
                    continue
                data = Path(path).read_bytes() if status.st_size <= MOST_BYTES else None
            except OSError:
                continue
            digest = hashlib.sha256(data or b"").hexdigest()
            inside = path.removeprefix(f"{checkout.root}/")
            yield FileEffect(inside, status.st_size, digest, data)
