import pytest

from healer.nights.values import (
    count_decimals,
    describe_kind,
    is_moment,
    is_random,
    is_stand_in,
    list_readings,
    read_number,
)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (12, 12.0),
        (1.5, 1.5),
        ("-3.25", -3.25),
        ("1e3", 1000.0),
        ("1,200.51", 1200.51),
        ("1.200,51", 1200.51),
        ("12,5", 12.5),
        ("1 200", 1200.0),
        ("€ 7.20", 7.2),
        ("47.50 EUR", 47.5),
        ("15%", 15.0),
        ("1'000'000", 1e6),
    ],
)
def test_numbers_are_read_as_a_person_reads_them(value, number):
    assert read_number(value) == number


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "abc",
        "12-13",
        "1,2,3",
        "A-100",
        float("nan"),
        float("inf"),
        10**400,
        "9" * 99,
    ],
)
def test_what_is_no_number_gives_none(value):
    assert read_number(value) is None


@pytest.mark.parametrize(
    "text",
    ["2026-11-25", "20261125", "2026-11-25T02:00:01Z", "25.11.2026", "11/25/2026", "02:10:59",
     "2026-11-25 02:00:01.123+01:00"],
)  # fmt: skip
def test_dates_and_times_are_moments(text):
    assert is_moment(text)


@pytest.mark.parametrize("text", ["12.5", "A-100", "2026", "", "1.2.3.4.5", 20261125, None])
def test_other_texts_are_no_moments(text):
    assert not is_moment(text)


def test_ids_that_no_run_gives_again():
    assert is_random("3f2504e0-4f89-11d3-9a0c-0305e82c3301")
    assert is_random("9f86d081884c7d659a2feaa0c55ad015")
    assert not is_random("123456789012")
    assert not is_random("deadbeefcafe")


@pytest.mark.parametrize(
    "value", [None, "", "N/A", "unknown", 0, "0", -1, float("nan"), "1970-01-01"]
)
def test_what_stands_where_nothing_was_known(value):
    assert is_stand_in(value)


@pytest.mark.parametrize("value", [1, 0.5, "USD", "10", "2026-01-01"])
def test_what_may_be_a_value(value):
    assert not is_stand_in(value)


@pytest.mark.parametrize(
    ("value", "is_text", "kind"),
    [
        (1, False, "a number"),
        ("1", True, "a number"),
        ("1", False, "a number as text"),
        ("1,5", True, "a number with a decimal comma"),
        ("1,200.50", True, "a number"),
        ("7.5 EUR", True, "a number in EUR"),
        ("2026-11-25", True, "a moment as 9999-99-99"),
        ("Ana", True, "text"),
        (True, False, "a truth value"),
        (None, False, "nothing"),
        (float("nan"), False, "no number"),
    ],
)
def test_kinds_tell_formats_apart(value, is_text, kind):
    assert describe_kind(value, is_text) == kind


def test_decimals_are_counted_as_they_are_written():
    assert [count_decimals(v) for v in (1, 1.5, "2.500", "x", 1e-9, "7")] == [0, 1, 3, 0, 0, 0]


def test_one_value_has_one_spelling_wherever_it_stands():
    assert list_readings("1,200.50") == list_readings(1200.5) == list_readings("1200.5000")
    assert list_readings("USD ") == list_readings("usd")
    assert list_readings("05.12.2026") & list_readings("2026-12-05")
    assert list_readings("12/05/2026") & list_readings("20261205")
    assert not list_readings(None)
    assert not list_readings("A") & list_readings("B")


def test_truth_is_not_one():
    assert describe_kind(True, False) != describe_kind(1, False)
    assert read_number(1) == 1.0
    assert read_number(True) is None
