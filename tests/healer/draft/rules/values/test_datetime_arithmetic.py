"""Two kinds of time that do not fit: a day and a moment, with a zone and without, milliseconds."""

from datetime import UTC, datetime

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    example_case,
    run_script,
)

MENDED = [
    example_case(
        "a moment compared with a day",
        "day-and-moment",
        """
          from datetime import date, datetime
          x = datetime(2024, 1, 1)
        - if x < date(2024, 1, 2):  #! TypeError: can't compare datetime.datetime to datetime.date
        + if x.date() < date(2024, 1, 2):
              pass
        """,
    ),
    example_case(
        "the present less a day",
        "day-and-moment",
        """
          from datetime import date, datetime
        - age = datetime.now() - date(2024, 1, 2)
        #! TypeError: unsupported operand type(s) for -: 'datetime.datetime' and 'datetime.date'
        + age = datetime.now().date() - date(2024, 1, 2)
        """,
    ),
    example_case(
        "a moment that was parsed",
        "day-and-moment",
        """
          from datetime import date, datetime
          begun = datetime.strptime("2024-01-01", "%Y-%m-%d")
        - print(date.today() > begun)
        #! TypeError: can't compare datetime.datetime to datetime.date
        + print(date.today() > begun.date())
        """,
    ),
    example_case(
        "a moment that the hook has recorded",
        "day-and-moment",
        """
          def age(row, today):
        -     return today - row
        #! TypeError: unsupported operand type(s) for -: 'datetime.date' and 'datetime.datetime'
        +     return today - row.date()
        """,
        recorded={
            "row": "datetime.datetime(2024, 1, 1, 0, 0)",
            "today": "datetime.date(2024, 1, 2)",
        },
        is_reported=True,
    ),
    example_case(
        "the present against a time in UTC",
        "naive-and-aware",
        """
          from datetime import datetime, timezone
          t = datetime(2020, 1, 1, tzinfo=timezone.utc)
        - age = datetime.now() - t
        #! TypeError: can't subtract offset-naive and offset-aware datetimes
        + age = datetime.now(timezone.utc) - t
        """,
    ),
    example_case(
        "the present in a variable",
        "naive-and-aware",
        """
        + from datetime import timezone
          from datetime import datetime
          until = datetime.fromisoformat("2024-01-01T00:00:00+00:00")
        - now = datetime.utcnow()
        + now = datetime.now(timezone.utc)
          print(now > until)  #! TypeError: can't compare offset-naive and offset-aware datetimes
        """,
    ),
    example_case(
        "by the module's name",
        "naive-and-aware",
        """
          import datetime
          until = datetime.datetime.fromisoformat("2024-01-01T00:00:00+00:00")
        - print(datetime.datetime.now() > until)
        #! TypeError: can't compare offset-naive and offset-aware datetimes
        + print(datetime.datetime.now(datetime.timezone.utc) > until)
        """,
    ),
    example_case(
        "a count of milliseconds",
        "milliseconds",
        """
          from datetime import datetime
          at = 1700000000000
        - x = datetime.fromtimestamp(at)  #! ValueError: year 55840 is out of range
        + x = datetime.fromtimestamp(at / 1000 if at > 100_000_000_000 else at)
        """,
    ),
    example_case(
        "a count of milliseconds in a row",
        "milliseconds",
        """
          from datetime import datetime as dt
          r = {"ms": 1700000000000}
        - x = dt.utcfromtimestamp(r["ms"])  #! ValueError: year 55840 is out of range
        + x = dt.utcfromtimestamp(r["ms"] / 1000 if r["ms"] > 100_000_000_000 else r["ms"])
        """,
    ),
]
GUESSED = [
    example_case(
        "seconds that were counted",
        "naive-and-aware",
        """
          from datetime import datetime, timezone
          now = datetime.now(timezone.utc)
        - at = datetime.fromtimestamp(3)
        + at = datetime.fromtimestamp(3, timezone.utc)
          print(now > at)  #! TypeError: can't compare offset-naive and offset-aware datetimes
        """,
    ),
    example_case(
        "a time that was read, taken for one in UTC",
        "naive-and-aware",
        """
          import datetime as dt
          now = dt.datetime.now(dt.timezone.utc)
        - at = dt.datetime.strptime("2024-05-01", "%Y-%m-%d")
        + at = dt.datetime.strptime("2024-05-01", "%Y-%m-%d").replace(tzinfo=dt.timezone.utc)
          print(now - at)
        #! TypeError: can't subtract offset-naive and offset-aware datetimes
        """,
    ),
    example_case(
        "the day may stand for its beginning",
        "day-and-moment",
        """
          from datetime import date, datetime
        - print(datetime.now() > date(2024, 1, 2))
        #! TypeError: can't compare datetime.datetime to datetime.date
        + print(datetime.now().date() > date(2024, 1, 2))
        """,
    ),
    example_case(
        "the present may be meant in the machine's own zone",
        "naive-and-aware",
        """
          from datetime import datetime, timezone
          t = datetime(2020, 1, 1, tzinfo=timezone.utc)
        - print(datetime.now() > t)
        #! TypeError: can't compare offset-naive and offset-aware datetimes
        + print(datetime.now(timezone.utc) > t)
        """,
    ),
    example_case(
        "a count of microseconds is not told apart",
        "milliseconds",
        """
          from datetime import datetime
          at = 1700000000000000
        - x = datetime.fromtimestamp(at)  #! ValueError: year 53872825 is out of range
        + x = datetime.fromtimestamp(at / 1000 if at > 100_000_000_000 else at)
        """,
    ),
]
SILENT = [
    example_case(
        "a time span less a day",
        "day-and-moment",
        """
        from datetime import date, timedelta
        timedelta(1) - date(2024, 1, 2)
        #! TypeError: unsupported operand type(s) for -: 'datetime.timedelta' and 'datetime.date'
        """,
    ),
    example_case(
        "which of the two is the moment is not shown",
        "day-and-moment",
        """
        def age(row, today):
            return today - row
        #! TypeError: unsupported operand type(s) for -: 'datetime.date' and 'datetime.datetime'
        """,
        is_reported=True,
    ),
    example_case(
        "a moment compared with text",
        "day-and-moment",
        """
        from datetime import datetime
        datetime.now() > "2024-01-01"
        #! TypeError: '>' not supported between instances of 'datetime.datetime' and 'str'
        """,
    ),
    example_case(
        "a time without a zone that is not the present",
        "naive-and-aware",
        """
        from datetime import datetime
        until = datetime.fromisoformat("2024-01-01T00:00:00+00:00")
        datetime(2024, 1, 1) > until
        #! TypeError: can't compare offset-naive and offset-aware datetimes
        """,
    ),
    example_case(
        "the present in another zone already",
        "naive-and-aware",
        """
        from datetime import datetime, timezone
        begun = datetime(2024, 1, 1)
        datetime.now(timezone.utc) > begun
        #! TypeError: can't compare offset-naive and offset-aware datetimes
        """,
    ),
    example_case(
        "the present of another function",
        "naive-and-aware",
        """
        from datetime import datetime
        def stamp():
            moment = datetime.now()
            return moment
        until = datetime.fromisoformat("2024-01-01T00:00:00+00:00")
        datetime(2024, 1, 1) > until
        #! TypeError: can't compare offset-naive and offset-aware datetimes
        """,
    ),
    example_case(
        "a year that somebody wrote",
        "milliseconds",
        """
        from datetime import datetime
        datetime(20240, 1, 1)  #! ValueError: year 20240 is out of range
        """,
    ),
    example_case(
        "a count that is worked out on the way",
        "milliseconds",
        """
        from datetime import datetime
        at = 1700000000
        datetime.fromtimestamp(at * 1000)  #! ValueError: year 55840 is out of range
        """,
    ),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_two_times_fit(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_time_with_another_reading_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_a_time_that_shows_no_other_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize(("at", "day"), [(1700000000000, 14), (1700000000, 14), (86_400, 2)])
def test_a_count_in_seconds_is_read_as_before(at: int, day: int) -> None:
    text = "datetime.fromtimestamp(at / 1000 if at > 100_000_000_000 else at, UTC)"
    names = run_script(f"from datetime import UTC, datetime\nat = {at}\nx = {text}\n")
    assert names["x"].day == day
    assert names["x"].tzinfo == UTC
    assert isinstance(names["x"], datetime)
