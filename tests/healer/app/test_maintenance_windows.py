"""Which maintenance windows are on is said as the configuration has them, in their own time."""

from datetime import UTC, datetime

import pytest

from healer.app.maintenance_windows import list_windows
from healer.app.quick_look import WindowTable

NOW = datetime(2026, 11, 28, 14, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (WindowTable("0 12 * * *", "3h"), ["until 28 Nov 15:00 UTC, for everything"]),
        (
            WindowTable("0 12 * * *", "4h", "Europe/Vienna", ("a/*.py", "b.py")),
            ["until 28 Nov 16:00 CET, for a/*.py, b.py"],
        ),
        (WindowTable("0 12 * * *", "90m"), []),
        (WindowTable("0 12 * * *", "2h"), []),
        (WindowTable("no cron", "3h"), []),
        (WindowTable("0 12 * * *", "3h", "Mars/Base"), []),
        (WindowTable("0 12 * * *", ""), []),
        (WindowTable("0 12 * * *", "long"), []),
    ],
)
def test_a_window_is_told_while_it_is_on(window: WindowTable, words: list[str]) -> None:
    assert list(list_windows((window,), NOW)) == words
