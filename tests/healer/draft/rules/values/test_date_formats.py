"""Dates in another form: told from their text, or left where they could mean two days."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.rules.example import Example
from healer.draft.rules.values.date_formats import form_of
from tests.support.rule_cases import (
    check_silence,
    content_of,
    draft_script,
    example_case,
    run_script,
)

DATE = """
from datetime import datetime

def day(text):
    return datetime.strptime(text, "%Y-%m-%d").date()

days = [str(day(text)) for text in ("2024-01-31", "31.01.2024")]
"""
ISO = """
from datetime import datetime
def day(text):
    return datetime.fromisoformat(text).date()
days = [str(day(text)) for text in ("2024-01-31", "31.01.2024")]
"""
SILENT = [
    example_case(
        "a day that does not exist",
        "*",
        """
        from datetime import datetime
        datetime.strptime('2020-13-01', '%Y-%m-%d')
        #! ValueError: time data '2020-13-01' does not match format '%Y-%m-%d'
        """,
    ),
    example_case(
        "a day that could be another",
        "*",
        """
        from datetime import datetime
        x = datetime.fromisoformat('03/04/2024')
        #! ValueError: Invalid isoformat string: '03/04/2024'
        """,
    ),
    example_case(
        "a word",
        "*",
        """
        from datetime import datetime
        x = datetime.fromisoformat('soon')  #! ValueError: Invalid isoformat string: 'soon'
        """,
    ),
    example_case(
        "two calls in the statement",
        "date-format",
        """
        from datetime import datetime
        print(datetime.strptime("31.01.2024", "%Y-%m-%d"), datetime.strptime("2", "%d"))
        #! ValueError: time data '31.01.2024' does not match format '%Y-%m-%d'
        """,
    ),
    example_case(
        "arguments by name",
        "date-format",
        """
        from datetime import datetime
        class Other(datetime):
            pass
        Other.strptime(*("31.01.2024", "%Y-%m-%d"))
        #! ValueError: time data '31.01.2024' does not match format '%Y-%m-%d'
        """,
    ),
    example_case(
        "the helper stands in the file already",
        "date-format",
        """
        from datetime import datetime
        def _parse_either(text):
            return text
        datetime.strptime("31.01.2024", "%Y-%m-%d")
        #! ValueError: time data '31.01.2024' does not match format '%Y-%m-%d'
        """,
    ),
    example_case(
        "a rest after the date, of which nothing is recorded",
        "date-format",
        """
        from datetime import datetime
        def day(text):
            return datetime.strptime(text, "%Y-%m-%d")
        #! ValueError: unconverted data remains:  08:15
        """,
        is_reported=True,
    ),
    example_case(
        "the class of another module",
        "iso-text",
        """
        from datetime import time
        time.fromisoformat("31.01.2024")  #! ValueError: Invalid isoformat string: '31.01.2024'
        """,
    ),
    example_case(
        "two texts in the statement",
        "iso-text",
        """
        from datetime import datetime
        datetime.fromisoformat("31.01.2024") - datetime.fromisoformat("2024-01-01")
        #! ValueError: Invalid isoformat string: '31.01.2024'
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_a_date_that_shows_no_form_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize(("source", "rule"), [(DATE, "date-format"), (ISO, "iso-text")])
def test_a_date_in_another_form_is_read_and_the_old_form_as_before(source: str, rule: str) -> None:
    draft = draft_script(source)[0]
    assert draft.rule == rule
    names = run_script(content_of(draft))
    assert names["days"] == ["2024-01-31", "2024-01-31"]
    with pytest.raises(ValueError, match="does not match"):
        names["day"]("soon")


def test_a_rest_after_the_date_is_known_from_the_variable() -> None:
    source = DATE.replace("31.01.2024", "2024-01-31 08:15")
    draft = draft_script(source)[0]
    assert draft.rule == "date-format"
    assert run_script(content_of(draft))["days"] == ["2024-01-31", "2024-01-31"]


@pytest.mark.parametrize("text", ["2024-13-01", "03/04/2024", "soon", "", "2024"])
def test_a_date_that_fits_no_form_or_two_gets_no_draft(text: str) -> None:
    assert form_of(text) is None
    source = DATE.replace("31.01.2024", text)
    drafts = draft_script(source)
    assert "date-format" not in {draft.rule for draft in drafts}


def test_the_helper_goes_above_the_decorators_of_the_function_that_needs_it() -> None:
    source = (
        "import functools\nfrom datetime import datetime\n\n\n@functools.cache\n"
        'def day(text):\n    return datetime.strptime(text, "%Y-%m-%d")\n\n\n'
        'x = day("31.01.2024")\n'
    )
    draft = draft_script(source)[0]
    text = content_of(draft)
    assert text.index("def _parse_either") < text.index("@functools.cache\ndef day")
    assert run_script(text)["x"] == datetime(2024, 1, 31)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2024-01-31", "%Y-%m-%d"),
        ("31.01.2024", "%d.%m.%Y"),
        ("31/01/2024", "%d/%m/%Y"),
        ("01/31/2024", "%m/%d/%Y"),
        ("31 Jan 2024", "%d %b %Y"),
        ("January 31, 2024", "%B %d, %Y"),
        ("2024-01-31T08:15:00Z", "%Y-%m-%dT%H:%M:%SZ"),
        ("2024-01-31T08:15:00.250000Z", "%Y-%m-%dT%H:%M:%S.%fZ"),
        ("31.01.2024 08:15", "%d.%m.%Y %H:%M"),
        ("01/31/2024 08:15 PM", "%m/%d/%Y %I:%M %p"),
    ],
)
def test_a_date_s_form_is_told_from_its_text(text: str, form: str) -> None:
    assert form_of(text) == form


@pytest.mark.parametrize("text", ["01/02/2024", "02-01-2024", "1.2.24 x", "31.13.2024", "12:30"])
def test_what_could_mean_two_days_or_none_has_no_form(text: str) -> None:
    assert form_of(text) is None


@pytest.mark.parametrize("text", ["03/03/2024", "05-05-2024"])
def test_forms_that_mean_the_same_day_are_one(text: str) -> None:
    form = form_of(text)
    assert form is not None
    moment = datetime.strptime(text, form)
    assert moment.day == moment.month


@given(st.dates())
def test_a_day_in_iso_s_form_is_always_told(day: object) -> None:
    form = form_of(str(day))
    assert form is not None
    assert str(datetime.strptime(str(day), form).date()) == str(day)


@given(st.text(max_size=30))
def test_a_form_that_is_told_reads_the_text(text: str) -> None:
    form = form_of(text)
    if form is not None:
        datetime.strptime(text, form)
