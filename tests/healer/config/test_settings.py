"""Settings of one script stand over the general ones; lengths of time are seconds."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.config import Config, ConfigError, parse, seconds
from healer.watch.schedule import CronSchedule


@pytest.mark.parametrize(
    ("text", "value"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86400), ("0.5h", 1800), ("0s", 0)],
)
def test_durations_are_seconds(text: str, value: float) -> None:
    assert seconds(text) == value


@given(st.integers(1, 366), st.sampled_from("smhd"))
def test_every_duration_that_is_allowed_has_seconds(number: int, unit: str) -> None:
    config = config_of(f"[[job]]\nscript = 'a.py'\nevery = '{number}{unit}'\n")
    assert config.job[0].every is not None
    assert seconds(config.job[0].every) >= number


def config_of(text: str) -> Config:
    return parse(text.encode(), "healer.toml")


def test_settings_of_a_job_stand_over_the_general_ones() -> None:
    config = config_of("[[job]]\nscript = 'a.py'\nautonomy = 'review'\n")
    assert (config.autonomy_of("a.py"), config.autonomy_of("b.py")) == ("review", "merge")


def test_how_many_failures_start_a_repair() -> None:
    config = config_of("[watch]\nafter = 3\n[[job]]\nscript = 'a.py'\nafter = 5\n")
    assert (config.after_of("a.py"), config.after_of("b.py")) == (5, 3)


@pytest.mark.parametrize(
    ("job", "runs", "watched_s"),
    [
        ("", 3, 24 * 3600.0),
        ("probation_runs = 10\n", 10, 24 * 3600.0),
        ("probation_h = 2\n", 3, 2 * 3600.0),
        ("every = '15m'\n", 3, 24 * 3600.0),
        ("every = '1d'\n", 3, 48 * 3600.0),  # two of its intervals at least
        ("every = '1d'\nprobation_h = 100\n", 3, 100 * 3600.0),
    ],
)
def test_how_long_a_fix_is_on_probation(job: str, runs: int, watched_s: float) -> None:
    config = config_of(f"[[job]]\nscript = 'a.py'\n{job}")
    assert config.probation_of("a.py") == (runs, watched_s)


@pytest.mark.parametrize(
    ("script", "may"),
    [
        ("scripts/a.py", True),
        ("scripts/deep/a.py", True),
        ("scripts/a.sh", False),
        ("other/a.py", False),
        ("jobs/named.py", True),
        ("", False),
    ],
)
def test_what_may_be_healed(script: str, may: bool) -> None:
    config = config_of("[[job]]\nscript = 'jobs/named.py'\n")
    assert config.may_heal(script) == may


def test_an_unknown_script_has_no_job() -> None:
    assert Config().job_of("a.py") is None


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Config().target = "other"  # type: ignore[misc]  # the rule that is tested


@pytest.mark.parametrize("text", ["03:30", "00:00", "23:59", ""])
def test_the_hour_of_consolidation_is_a_time_of_day_or_never(text: str) -> None:
    assert config_of(f"consolidate_at = '{text}'\n").consolidate_at == text


@pytest.mark.parametrize("text", ["24:00", "3:30", "03:60", "03.30", "x", "03:30:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="a time of day"):
        config_of(f"consolidate_at = '{text}'\n")


@pytest.mark.parametrize("autonomy", ["merge", "review", "suggest", "off"])
def test_each_word_of_autonomy_is_one(autonomy: str) -> None:
    assert config_of(f"autonomy = '{autonomy}'\n").autonomy_of("a.py") == autonomy


@given(st.text(max_size=30))
def test_any_path_may_be_healed_or_not(script: str) -> None:
    assert Config().may_heal(script) in (True, False)


def test_two_tables_of_one_script_are_one_job() -> None:
    config = config_of(
        "[[job]]\nscript = 'a.py'\nafter = 2\n[[job]]\nscript = 'a.py'\nevery = '9m'\n"
    )
    assert (config.after_of("a.py"), [job.every for job in config.job]) == (2, ["9m"])


def test_a_job_that_others_start_has_a_plan_of_its_own() -> None:
    text = "script = 'a.py'\nschedule = '10 2 * * 1-5'\ntimezone = 'Europe/Vienna'\ngrace = '5m'\n"
    job = config_of(f"[[job]]\n{text}started_by = 'cron'\n").job[0]
    assert job.plan == CronSchedule("10 2 * * 1-5", 3_600.0, "Europe/Vienna", 300.0)
    assert job.plan_in_words == "at 10 2 * * 1-5 (Europe/Vienna)"
    assert (job.is_planned, job.started_by) == (True, "cron")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("every = '5m'\nschedule = '10 2 * * *'", "exclude each other"),
        ("schedule = '10 2 *'", "no cron expression"),
        ("schedule = '10 2 * * *'\ntimezone = 'Wien'", "no time zone 'Wien'"),
        ("started_by = 'my cron'", "who starts it"),
    ],
)
def test_a_wrong_plan_is_refused(text: str, part: str) -> None:
    with pytest.raises(ConfigError, match=part):
        config_of(f"[[job]]\nscript = 'a.py'\n{text}\n")


@pytest.mark.parametrize(
    ("schedule", "hours"), [("10 2 * * *", 48), ("0 * * * *", 24), ("0 3 * * 0", 336)]
)
def test_a_cron_job_is_watched_for_two_of_its_runs(schedule: str, hours: int) -> None:
    config = config_of(f"[[job]]\nscript = 'a.py'\nschedule = '{schedule}'\n")
    assert config.probation_of("a.py")[1] == hours * 3_600


WINDOW = """
[[maintenance]]
schedule = "0 1 28 3 *"
duration = "3h"
timezone = "Europe/Vienna"
scripts = ["scripts/db/**"]
"""


@pytest.mark.parametrize(("hour", "end"), [(23.9, 0), (24, 27), (26.9, 27), (27, 0)])
def test_a_maintenance_window_lasts_its_hours_where_summer_time_begins(
    hour: float, end: float
) -> None:
    midnight = datetime(2027, 3, 27, tzinfo=UTC).timestamp()
    (window,) = config_of(WINDOW).maintenance
    assert window.end_of(midnight + hour * 3600) == (midnight + end * 3600 if end else 0)


def test_a_maintenance_window_is_for_its_scripts_or_for_all() -> None:
    (window,) = config_of(WINDOW).maintenance
    assert (window.concerns("scripts/db/a.py"), window.concerns("scripts/a.py")) == (True, False)
    (window,) = config_of(WINDOW.replace('["scripts/db/**"]', "[]")).maintenance
    assert window.concerns("scripts/a.py")


@pytest.mark.parametrize(
    ("right", "wrong"), [("0 1 28 3 *", "at night"), ("Europe/Vienna", "Vienna"), ("3h", "long")]
)
def test_a_wrong_maintenance_window_is_refused(right: str, wrong: str) -> None:
    with pytest.raises(ConfigError, match="maintenance"):
        config_of(WINDOW.replace(right, wrong))
