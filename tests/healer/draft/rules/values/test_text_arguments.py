"""What takes only text: a number or a path becomes text, anything else is left alone."""

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
        "numbers that are joined",
        "joined-items",
        """
        - x = ','.join([1, 2])  #! TypeError: sequence item 0: expected str instance, int found
        + x = ','.join(map(str, [1, 2]))
        """,
    ),
    example_case(
        "numbers of a generator that are joined",
        "joined-items",
        """
        - x = ','.join(n for n in (1, 2))
        #! TypeError: sequence item 0: expected str instance, int found
        + x = ','.join(str(n) for n in (1, 2))
        """,
    ),
    example_case(
        "numbers of a comprehension",
        "joined-items",
        """
        - x = " ".join([n * 2 for n in (1, 2)])
        #! TypeError: sequence item 0: expected str instance, int found
        + x = " ".join([str(n * 2) for n in (1, 2)])
        """,
    ),
    example_case(
        "paths of a command that is shown",
        "joined-items",
        """
          from pathlib import Path
          parts = [Path("a"), Path("b")]
        - print(" ".join(parts))
        #! TypeError: sequence item 0: expected str instance, PosixPath found
        + print(" ".join(map(str, parts)))
        """,
    ),
    example_case(
        "a number that is written",
        "only-text",
        """
          import io
          f = io.StringIO()
          n = 3
        - f.write(n)  #! TypeError: string argument expected, got 'int'
        + f.write(str(n))
        """,
    ),
    example_case(
        "a number in the environment",
        "only-text",
        """
          import os
        - os.environ['HEALER_N'] = 3  #! TypeError: str expected, not int
        + os.environ['HEALER_N'] = str(3)
        """,
    ),
    example_case(
        "a number that is put in a text's place",
        "only-text",
        """
        - x = 'a-b'.replace('-', 3)  #! TypeError: replace() argument 2 must be str, not int
        + x = 'a-b'.replace('-', str(3))
        """,
    ),
    example_case(
        "a number in a command",
        "only-text",
        """
          import subprocess, sys
          seconds = 0
        - subprocess.run([sys.executable, "-c", "0", 0])
        #! TypeError: expected str, bytes or os.PathLike object, not int
        + subprocess.run([sys.executable, "-c", "0", str(0)])
        """,
    ),
    example_case(
        "the only variable in a command",
        "only-text",
        """
          import subprocess
          count = 3
        - subprocess.run(["true", "-n", count])
        #! TypeError: expected str, bytes or os.PathLike object, not int
        + subprocess.run(["true", "-n", str(count)])
        """,
        is_reported=True,
    ),
    example_case(
        "a literal level of logging",
        "logging-level",
        """
          import logging
        - logging.getLogger('x').setLevel('info')  #! ValueError: Unknown level: 'info'
        + logging.getLogger('x').setLevel('INFO')
        """,
    ),
    example_case(
        "a level from elsewhere",
        "logging-level",
        """
          import logging
          level = 'IN'.lower() + 'fo'
        - logging.getLogger('x').setLevel(level)  #! ValueError: Unknown level: 'info'
        + logging.getLogger('x').setLevel(level.upper())
        """,
    ),
    example_case(
        "a level in a constant of the file",
        "logging-level",
        """
          import logging
        - LEVEL = "debug"
        + LEVEL = "DEBUG"
          logging.getLogger("x").setLevel(LEVEL)  #! ValueError: Unknown level: 'debug'
        """,
    ),
    example_case(
        "a level by name, from elsewhere",
        "logging-level",
        """
          import logging
          settings = {"level": "war" + "ning"}
        - logging.basicConfig(level=settings["level"], force=True)
        #! ValueError: Unknown level: 'warning'
        + logging.basicConfig(level=settings["level"].upper(), force=True)
        """,
    ),
    example_case(
        "a level that is misspelled",
        "logging-level",
        """
          import logging
        - logging.getLogger("x").setLevel("WARNNG")  #! ValueError: Unknown level: 'WARNNG'
        + logging.getLogger("x").setLevel("WARNING")
        """,
    ),
]
GUESSED = [
    example_case(
        "numbers that may have a format of their own",
        "joined-items",
        """
          def version(parts):
        -     return ".".join(parts)
        #! TypeError: sequence item 0: expected str instance, int found
        +     return ".".join(map(str, parts))
          version([3, 7])
        """,
    ),
    example_case(
        "a number that may want a line of its own",
        "only-text",
        """
          import io
          total = 3
        - io.StringIO().write(total)  #! TypeError: string argument expected, got 'int'
        + io.StringIO().write(str(total))
        """,
    ),
    example_case(
        "an amount that may have two digits",
        "joined-items",
        """
          prices = [2.5, 3.0]
        - print("; ".join(prices))
        #! TypeError: sequence item 0: expected str instance, float found
        + print("; ".join(map(str, prices)))
        """,
    ),
]
SILENT = [
    example_case(
        "None that is joined",
        "*",
        """
        x = ','.join([None])  #! TypeError: sequence item 0: expected str instance, NoneType found
        """,
    ),
    example_case(
        "lists that are joined",
        "joined-items",
        """
        ",".join([["a"], ["b"]])  #! TypeError: sequence item 0: expected str instance, list found
        """,
    ),
    example_case(
        "bytes that are joined",
        "joined-items",
        """
        ",".join([b"a"])  #! TypeError: sequence item 0: expected str instance, bytes found
        """,
    ),
    example_case(
        "None that is written",
        "*",
        """
        import io
        io.StringIO().write(None)  #! TypeError: string argument expected, got 'NoneType'
        """,
    ),
    example_case(
        "a list that is written",
        "*",
        """
        import io
        io.StringIO().write(['a'])  #! TypeError: string argument expected, got 'list'
        """,
    ),
    example_case(
        "None in the environment",
        "only-text",
        """
        import os
        os.environ["HEALER_N"] = None  #! TypeError: str expected, not NoneType
        """,
    ),
    example_case(
        "two variables of a command, of which either may be it",
        "only-text",
        """
        import subprocess
        first, second = 1, 2
        subprocess.run(["true", first, second])
        #! TypeError: expected str, bytes or os.PathLike object, not int
        """,
        is_reported=True,
    ),
    example_case(
        "what is recorded is text, and the only one",
        "only-text",
        """
        import subprocess
        def run(name):
            subprocess.run(["true", name])
        #! TypeError: expected str, bytes or os.PathLike object, not int
        """,
        recorded={"name": "'a'"},
        is_reported=True,
    ),
    example_case(
        "a level that nobody knows",
        "*",
        """
        import logging
        logging.getLogger('x').setLevel('verbose')  #! ValueError: Unknown level: 'verbose'
        """,
    ),
    example_case(
        "a misspelled level from elsewhere",
        "logging-level",
        """
        import logging
        level = "war" + "nng"
        logging.getLogger("x").setLevel(level)  #! ValueError: Unknown level: 'warnng'
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_what_takes_only_text_gets_text(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_value_that_people_read_may_have_a_format(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_a_value_that_is_no_text_to_be_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize(
    ("text", "is_forced"),
    [
        ("import os\nos.environ['N'] = 3  #! TypeError: str expected, not int", True),
        ("f.write(3)  #! TypeError: write() argument must be str, not int", False),
        ("','.join([1])  #! TypeError: sequence item 0: expected str instance, int found", False),
    ],
)
def test_only_where_a_program_reads_it_the_digits_alone_are_meant(
    text: str, is_forced: bool
) -> None:
    (draft,) = draft_example(Example(text)).candidates
    assert bool(draft.forced) is is_forced
