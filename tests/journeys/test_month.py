"""Some days of a dozen jobs under a clock that is set: every mail true, every incident over once.

The whole month of a hundred jobs is `benchmarks/month.py`.
"""

from datetime import datetime
from pathlib import Path

from tests.support.month import ZONE, open_month
from tests.support.month_rules import examine


def test_over_a_week_end_with_the_end_of_summer_time_nothing_false_is_told(tmp_path: Path) -> None:
    start = datetime(2026, 10, 23, tzinfo=ZONE)
    fates = {"merge": 1, "approve": 1, "hand": 1, "wrong": 1}
    with open_month(tmp_path, jobs=8, start=start, days=4, fates=fates) as month:
        month.play()
        findings = examine(month)
        states = {each.state for each in month.services.incidents.list_all()}
    assert findings.faults == ()
    assert states == {"resolved", "gone"}
    assert {"digest", "review", "gave_up", "reverted", "resolved", "reminder"} <= set(
        findings.mails
    )
