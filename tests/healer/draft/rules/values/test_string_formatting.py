"""Placeholders that do not fit their values, and braces that are text."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "a star takes a value too",
        "values-of-percent",
        """
        - print("%.*f %s" % 2, 3.14159, "m")  #! TypeError: not enough arguments for format string
        + print("%.*f %s" % (2, 3.14159, "m"))
        """,
    ),
    example_case(
        "two values side by side",
        "values-of-percent",
        """
          a, b = 1, 2
        - print('%s of %s' % a, b)  #! TypeError: not enough arguments for format string
        + print('%s of %s' % (a, b))
        """,
    ),
    example_case(
        "three values side by side",
        "values-of-percent",
        """
          day, month, year = 31, 1, 2024
        - print("%02d.%02d.%d" % day, month, year)
        #! TypeError: not enough arguments for format string
        + print("%02d.%02d.%d" % (day, month, year))
        """,
    ),
    example_case(
        "a percent sign among them, and a value after",
        "values-of-percent",
        """
          share, name = 3, "tea"
        - print("%d %% of %s" % share, name, "!")
        #! TypeError: not enough arguments for format string
        + print("%d %% of %s" % (share, name), "!")
        """,
    ),
    example_case(
        "a text for a number's place",
        "number-placeholder",
        """
          n = '3'
        - x = '%d files' % n  #! TypeError: %d format: a real number is required, not str
        + x = '%s files' % n
        """,
    ),
    example_case(
        "a text for a number's place, among others",
        "number-placeholder",
        """
          row = {"day": "mon", "count": "3"}
        - print("%s: %i" % (row["day"], row["count"]))
        #! TypeError: %i format: a real number is required, not str
        + print("%s: %s" % (row["day"], row["count"]))
        """,
    ),
    example_case(
        "braces of JSON",
        "braces-in-format",
        """
        - x = '{"a": {}}'.format(1)  #! KeyError: '"a"'
        + x = '{{"a": {}}}'.format(1)
        """,
    ),
    example_case(
        "braces of CSS",
        "braces-in-format",
        """
        - print("p { color: {} }".format("red"))  #! KeyError: ' color'
        + print("p {{ color: {} }}".format("red"))
        """,
    ),
    example_case(
        "braces around a named value",
        "braces-in-format",
        """
        - print("{'day': {day}}".format(day=3))
        #! KeyError: "'day'"
        + print("{{'day': {day}}}".format(day=3))
        """,
    ),
    example_case(
        "a value under a misspelled name",
        "format-name",
        """
        - x = '{count}'.format(cuont=1)  #! KeyError: 'count'
        + x = '{count}'.format(count=1)
        """,
    ),
    example_case(
        "a template's value under a misspelled name",
        "format-name",
        """
          from string import Template
        - print(Template("$total files").substitute(toatl=3))  #! KeyError: 'total'
        + print(Template("$total files").substitute(total=3))
        """,
    ),
]
GUESSED = [
    example_case(
        "the next argument may be the function's own",
        "values-of-percent",
        """
          def announce(text, level=1):
              print(level, text)
        - announce("%s: %s" % "mon", 3)  #! TypeError: not enough arguments for format string
        + announce("%s: %s" % ("mon", 3))
        """,
    ),
    example_case(
        "the text may have to be read as a number",
        "number-placeholder",
        """
          count = "3"
        - print("%d" % count)  #! TypeError: %d format: a real number is required, not str
        + print("%s" % count)
        """,
    ),
    example_case(
        "one beside many",
        "format-name",
        """
        - print("{rates}".format(rate=1))  #! KeyError: 'rates'
        + print("{rates}".format(rates=1))
        """,
    ),
]
SILENT = [
    example_case(
        "a value is missing",
        "*",
        """
        x = '%s %s' % 1  #! TypeError: not enough arguments for format string
        """,
    ),
    example_case(
        "a value is missing in the pair",
        "values-of-percent",
        """
        print("%s of %s" % (1,), 2)  #! TypeError: not enough arguments for format string
        """,
    ),
    example_case(
        "a text for one of two numbers' places",
        "number-placeholder",
        """
        print("%d of %d" % ("3", 4))  #! TypeError: %d format: a real number is required, not str
        """,
    ),
    example_case(
        "a list for a number's place",
        "number-placeholder",
        """
        print("%d files" % [3])  #! TypeError: %d format: a real number is required, not list
        """,
    ),
    example_case(
        "a named value that is not given",
        "*",
        """
        x = '{count}'.format(total=1)  #! KeyError: 'count'
        """,
    ),
    example_case(
        "a value of a template that is not given",
        "format-name",
        """
        from string import Template
        Template("$total").substitute(days=3)  #! KeyError: 'total'
        """,
    ),
    example_case(
        "a key of data, not of a template",
        "braces-in-format",
        """
        row = {"a": 1}
        print(row["a b"], "{}".format(1))  #! KeyError: 'a b'
        """,
    ),
    example_case(
        "the template comes from elsewhere",
        "braces-in-format",
        """
        template = '{"a": {}}'
        print(template.format(1))  #! KeyError: '"a"'
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_text_and_its_values_fit(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_another_side_may_be_wrong(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_missing_values_are_not_made_up(rule: str, example: Example) -> None:
    check_silence(rule, example)
