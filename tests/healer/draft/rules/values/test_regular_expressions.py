"""Patterns that are none: signs meant as text, patterns of file names, flags, groups."""

import re

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    draft_example,
    example_case,
)

MENDED = [
    example_case(
        "a star alone",
        "sign-as-text",
        """
          import re
        - x = re.split('*', 'a*b')  #! error: nothing to repeat at position 0
        + x = re.split(r'\\*', 'a*b')
        """,
    ),
    example_case(
        "an opening bracket alone",
        "sign-as-text",
        """
          import re
        - print(re.sub("(", "[", "f(x"))  #! error: missing ), unterminated subpattern at position 0
        + print(re.sub(r"\\(", "[", "f(x"))
        """,
    ),
    example_case(
        "a closing bracket alone",
        "sign-as-text",
        """
          from re import split
        - print(split(")", "f(x)"))  #! error: unbalanced parenthesis at position 0
        + print(split(r"\\)", "f(x)"))
        """,
    ),
    example_case(
        "two signs",
        "sign-as-text",
        """
          import re
        - print(re.split("**", "a**b"))  #! error: nothing to repeat at position 0
        + print(re.split(r"\\*\\*", "a**b"))
        """,
    ),
    example_case(
        "words with a bracket at their end",
        "sign-as-text",
        """
          import re
        - print(re.search("rate (", "the rate (eur)"))
        #! error: missing ), unterminated subpattern at position 5
        + print(re.search(r"rate\\ \\(", "the rate (eur)"))
        """,
    ),
    example_case(
        "a pattern of file names",
        "glob-as-pattern",
        """
        + import fnmatch
          import re
        - x = re.match('*.csv', 'a.csv')  #! error: nothing to repeat at position 0
        + x = re.match(fnmatch.translate('*.csv'), 'a.csv')
        """,
    ),
    example_case(
        "a pattern of file names that is kept",
        "glob-as-pattern",
        """
          import fnmatch, re
        - REPORTS = re.compile("*-day.txt")  #! error: nothing to repeat at position 0
        + REPORTS = re.compile(fnmatch.translate("*-day.txt"))
          print(fnmatch.fnmatch("a", "a"))
        """,
    ),
    example_case(
        "a text that is searched for",
        "text-as-pattern",
        """
          import re
          name = 'a('
        - x = re.search(name, 'a(')  #! error: missing ), unterminated subpattern at position 1
        + x = re.search(re.escape(name), 'a(')
        """,
    ),
    example_case(
        "a text within a pattern",
        "text-as-pattern",
        """
          import re
          name = "(c"
        - print(re.findall(f"{name}: ([a-z]+)", "(c: a"))
        #! error: missing ), unterminated subpattern at position 0
        + print(re.findall(f"{re.escape(name)}: ([a-z]+)", "(c: a"))
        """,
    ),
    example_case(
        "a text added to a pattern",
        "text-as-pattern",
        """
          import re
          name = "[a"
        - print(re.search("^" + name, "[a"))  #! error: unterminated character set at position 1
        + print(re.search("^" + re.escape(name), "[a"))
        """,
    ),
    example_case(
        "flags at the end",
        "flags-first",
        """
        - x = re.compile(r'a(?i)')
        #! error: global flags not at the start of the expression at position 1
        + x = re.compile(r'(?i)a')
          import re
        """,
        is_reported=True,
    ),
    example_case(
        "flags in the middle of a pattern that is kept",
        "flags-first",
        """
          import re
        - PATTERN = "^day(?im): .*"
        + PATTERN = "(?im)^day: .*"
          print(re.search(PATTERN, "x\\nDay: 3"))
          #! error: global flags not at the start of the expression at position 4
        """,
    ),
    example_case(
        "a misspelled group",
        "named-group",
        """
          import re
          m = re.match(r'(?P<status>\\d+)', '20')
        - x = m['staus']  #! IndexError: no such group
        + x = m['status']
        """,
    ),
    example_case(
        "a misspelled group, asked by a call",
        "named-group",
        """
          import re
          LINE = re.compile("(?P<host>[a-z]+) (?P<status_code>[0-9]+)")
          match = LINE.match("a 200")
        - print(match.group("status_cdoe"))  #! IndexError: no such group
        + print(match.group("status_code"))
        """,
    ),
]
GUESSED = [
    example_case(
        "a star that may stand for any name",
        "sign-as-text",
        """
          import re
        - print(re.match("*", "a"))  #! error: nothing to repeat at position 0
        + print(re.match(r"\\*", "a"))
        """,
    ),
    example_case(
        "a text that may be a pattern with a typo",
        "text-as-pattern",
        """
          import re
          pattern = "(a|b"
        - print(re.search(pattern, "a"))  #! error: missing ), unterminated subpattern at position 0
        + print(re.search(re.escape(pattern), "a"))
        """,
    ),
    example_case(
        "a group that may be missing",
        "named-group",
        """
          import re
          m = re.match(r"(?P<message_ids>[0-9]+)", "20")
        - x = m["message_id"]  #! IndexError: no such group
        + x = m["message_ids"]
        """,
    ),
]
SILENT = [
    example_case(
        "a pattern that lacks its end",
        "*",
        """
        import re
        x = re.compile('(a|b')  #! error: missing ), unterminated subpattern at position 0
        """,
    ),
    example_case(
        "a pattern with a wrong repetition",
        "sign-as-text",
        """
        import re
        re.compile("a**b[0-9]")  #! error: multiple repeat at position 2
        """,
    ),
    example_case(
        "the failing statement compiles nothing",
        "sign-as-text",
        """
        import re
        def compile(pattern):
            return re.compile("(" + pattern)
        def split(text):
            raise re.error("nothing to repeat at position 0")
        #! error: nothing to repeat at position 0
        split("*")
        """,
    ),
    example_case(
        "two stars are no file names",
        "glob-as-pattern",
        """
        import re
        re.match("*+", "a")  #! error: nothing to repeat at position 0
        """,
    ),
    example_case(
        "two texts in a pattern",
        "text-as-pattern",
        """
        import re
        first, second = "a", "("
        re.search(first + second, "a(")  #! error: missing ), unterminated subpattern at position 1
        """,
    ),
    example_case(
        "the module has another name here",
        "text-as-pattern",
        """
        import re as regex
        name = "a("
        regex.search(name, "a(")  #! error: missing ), unterminated subpattern at position 1
        """,
    ),
    example_case(
        "flags that are put in from elsewhere",
        "flags-first",
        """
        import re
        flags = "(?i)"
        re.search("a" + flags, "A")
        #! error: global flags not at the start of the expression at position 1
        """,
    ),
    example_case(
        "flags twice",
        "flags-first",
        """
        import re
        re.search("a(?i)b(?i)", "AB")
        #! error: global flags not at the start of the expression at position 1
        """,
    ),
    example_case(
        "no group is near",
        "*",
        """
        import re
        m = re.match(r'(?P<status>\\d+)', '20')
        x = m['path']  #! IndexError: no such group
        """,
    ),
    example_case(
        "a number of a group",
        "named-group",
        """
        import re
        re.match("(?P<status>2)", "2")[3]  #! IndexError: no such group
        """,
    ),
    example_case(
        "the group's name comes from elsewhere",
        "named-group",
        """
        import re
        name = "staus"
        re.match("(?P<status>2)", "2")[name]  #! IndexError: no such group
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_pattern_means_what_was_meant(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_pattern_with_another_reading_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_a_pattern_that_shows_nothing_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize(
    ("asked", "has", "forced"),
    [("status_cdoe", "status_code", True), ("message_id", "message_ids", False)],
)
def test_a_group_that_may_be_missing_is_not_forced_onto_another(
    asked: str, has: str, forced: bool
) -> None:
    example = Example(
        f"""
        import re
        m = re.match(r'(?P<{has}>\\d+)', '20')
        x = m['{asked}']  #! IndexError: no such group
        """
    )
    found = draft_example(example).candidates
    assert [draft.rule for draft in found] == ["named-group"]
    assert bool(found[0].forced) is forced


@pytest.mark.parametrize("sign", ["+", ")", "(", "[", "*", "?"])
def test_each_sign_alone_is_escaped_so_that_it_finds_itself(sign: str) -> None:
    with pytest.raises(re.error) as raised:
        re.compile(sign)
    example = Example(
        f"""
          import re
        - x = re.split("{sign}", "a{sign}b")  #! error: {raised.value}
        + x = re.split(r"{re.escape(sign)}", "a{sign}b")
        """
    )
    check_fix("sign-as-text", example)
