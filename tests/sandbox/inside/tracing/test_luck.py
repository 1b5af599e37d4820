"""A second run is on the first of the next month, and counts the processors that it may use."""

from datetime import UTC, datetime

import pytest

from sandbox.inside.tracing.luck import find_shift
from tests.sandbox.inside.in_child import run_code


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ((2026, 11, 27, 1), (2026, 12, 1, 1)),
        ((2026, 12, 31, 23), (2027, 1, 1, 23)),
        ((2028, 1, 31, 0), (2028, 2, 1, 0)),
        ((2028, 2, 1, 12), (2028, 3, 1, 12)),
        ((2027, 2, 28, 5), (2027, 3, 1, 5)),
    ],
)
def test_the_day_is_the_first_of_the_next_month(
    now: tuple[int, int, int, int], then: tuple[int, int, int, int]
) -> None:
    start = datetime(*now, tzinfo=UTC).timestamp()
    assert datetime.fromtimestamp(start + find_shift(start), UTC) == datetime(*then, tzinfo=UTC)


def test_every_clock_of_the_process_is_ahead() -> None:
    code = (
        "import datetime, time\nreal = time.time()\nfrom sandbox.inside.tracing import luck\n"
        "luck.start(864000)\nlocal = datetime.datetime.now().timestamp()\n"
        "print([round((each - real) / 86400) for each in (time.time(), time.time_ns() / 1e9, local,"
        " time.mktime(time.localtime()))], (datetime.date.today()"
        " - datetime.date.fromtimestamp(real)).days)\n"
    )
    assert run_code(code).stdout == b"[10, 10, 10, 10] 10\n"


def test_processors_are_those_that_may_be_used() -> None:
    code = (
        "import multiprocessing\nfrom sandbox.inside.tracing import luck\n"
        "os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\nluck.start(0)\n"
        "print(os.cpu_count(), multiprocessing.cpu_count())\n"
    )
    assert run_code(code).stdout == b"1 1\n"
