"""What the csv module itself says of a file: its limit, its line ends, its delimiter."""

import csv

import pytest

from healer.draft.rules.example import Example
from healer.failure import Frame, Raised
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    content_of,
    draft_example,
    example_case,
    run_script,
)

TOO_LARGE = "Error: field larger than field limit (131072)"
NEW_LINE = (
    "Error: new-line character seen in unquoted field - do you need to open the file with"
    " newline=''?"
)
CSV = """
import csv, io
def names(text):
    f = io.StringIO(text)
    rows = csv.DictReader(f)
    return [row["name"] for row in rows]
a = names("id,name\\n1,x\\n")
b = names("id;name\\n1;y\\n")
"""
MENDED = [
    example_case(
        "a large field",
        "csv-field-limit",
        f"""
          import csv, io
        +
        + csv.field_size_limit(1 << 30)
          print('begins')
          rows = list(csv.reader(io.StringIO('x' * 200_000)))  #! {TOO_LARGE}
        """,
        is_reported=True,
    ),
    example_case(
        "a large field, below the last import",
        "csv-field-limit",
        f"""
          import csv
          from pathlib import Path
        +
        + csv.field_size_limit(1 << 30)
          def rows(path):
              return list(csv.reader(Path(path).open()))  #! {TOO_LARGE}
        """,
        is_reported=True,
    ),
    example_case(
        "line ends of its own",
        "csv-newline",
        f"""
          import csv
        - with open('x.csv') as f:
        + with open('x.csv', newline="") as f:
              rows = list(csv.reader(f))  #! {NEW_LINE}
        """,
        is_reported=True,
    ),
    example_case(
        "line ends of its own, with an encoding",
        "csv-newline",
        f"""
          import csv
          def rows(path):
        -     file = open(path, encoding="utf-8")
        +     file = open(path, encoding="utf-8", newline="")
              return list(csv.reader(file))  #! {NEW_LINE}
        """,
        is_reported=True,
    ),
    example_case(
        "a semicolon between the columns",
        "csv-delimiter",
        """
          from csv import DictReader
          def names(path):
              with open(path) as file:
        -         rows = DictReader(file)
        +         delimiter = ';' if ';' in file.readline() else ","
        +         file.seek(0)
        +         rows = DictReader(file, delimiter=delimiter)
                  return [row["name"] for row in rows]  #! KeyError: 'name'
        """,
        recorded={"row": "{'id;name': '1;y'}"},
        is_reported=True,
    ),
    example_case(
        "a tab between the columns",
        "csv-delimiter",
        """
          import csv
          def names(file):
        -     for row in csv.DictReader(file):
        +     delimiter = '\\t' if '\\t' in file.readline() else ","
        +     file.seek(0)
        +     for row in csv.DictReader(file, delimiter=delimiter):
                  print(row["name"])  #! KeyError: 'name'
        """,
        recorded={"row": "{'id\\\\tname': '1\\\\ty'}"},
        is_reported=True,
    ),
]
GUESSED = [
    example_case(
        "a quote that is never closed makes a large field too",
        "csv-field-limit",
        f"""
          import csv
        +
        + csv.field_size_limit(1 << 30)
          def rows(file):
              return list(csv.reader(file))  #! {TOO_LARGE}
        """,
        is_reported=True,
    ),
    example_case(
        "a column of another name",
        "csv-delimiter",
        """
          import csv
          def names(file):
        -     rows = csv.DictReader(file)
        +     delimiter = '|' if '|' in file.readline() else ","
        +     file.seek(0)
        +     rows = csv.DictReader(file, delimiter=delimiter)
              return [row["name"] for row in rows]  #! KeyError: 'name'
        """,
        recorded={"row": "{'id|name': '1|y'}"},
        is_reported=True,
    ),
    example_case(
        "a comma where a semicolon is asked for",
        "csv-delimiter",
        """
          import csv
          def names(path):
              with open(path) as file:
        -         rows = list(csv.DictReader(file, delimiter=";"))
        +         delimiter = ';' if ';' in file.readline() else ','
        +         file.seek(0)
        +         rows = list(csv.DictReader(file, delimiter=delimiter))
              return [row["name"] for row in rows]  #! KeyError: 'name'
        """,
        recorded={"row": "{'id,name': '1,y'}"},
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "the script sets the limit itself",
        "csv-field-limit",
        f"""
        import csv
        csv.field_size_limit(131072)
        def rows(file):
            return list(csv.reader(file))  #! {TOO_LARGE}
        """,
        is_reported=True,
    ),
    example_case(
        "the file is opened with its own line ends already",
        "csv-newline",
        f"""
        import csv
        with open('x.csv', newline="") as f:
            rows = list(csv.reader(f))  #! {NEW_LINE}
        """,
        is_reported=True,
    ),
    example_case(
        "a Path opens the file",
        "csv-newline",
        f"""
        import csv
        def rows(path):
            with path.open() as file:
                return list(csv.reader(file))  #! {NEW_LINE}
        """,
        is_reported=True,
    ),
    example_case(
        "another complaint of the module",
        "csv-newline",
        """
        import csv
        def rows(path):
            return list(csv.reader(open(path)))  #! Error: line contains NUL
        """,
        is_reported=True,
    ),
    example_case(
        "the delimiter that is asked for is there, and the name with it is another",
        "csv-delimiter",
        """
        import csv
        def names(file):
            rows = csv.DictReader(file, delimiter=";")
            return [row["name"] for row in rows]  #! KeyError: 'name'
        """,
        recorded={"row": "{'id;name': '1;y'}"},
        is_reported=True,
    ),
    example_case(
        "more than a delimiter is asked for",
        "csv-delimiter",
        """
        import csv
        def names(file):
            rows = csv.DictReader(file, delimiter=";", quotechar="'")
            return [row["name"] for row in rows]  #! KeyError: 'name'
        """,
        recorded={"row": "{'id,name': '1,y'}"},
        is_reported=True,
    ),
    example_case(
        "the row has its columns, and this one is missing",
        "csv-delimiter",
        """
        import csv
        def names(file):
            rows = csv.DictReader(file)
            return [row["name"] for row in rows]  #! KeyError: 'name'
        """,
        recorded={"row": "{'id': '1', 'day': 'mon'}"},
        is_reported=True,
    ),
    example_case(
        "the column is not among those that came as one",
        "csv-delimiter",
        """
        import csv
        def names(file):
            rows = csv.DictReader(file)
            return [row["name"] for row in rows]  #! KeyError: 'name'
        """,
        recorded={"row": "{'id;day': '1;mon'}"},
        is_reported=True,
    ),
    example_case(
        "two readers, of which either may be it",
        "csv-delimiter",
        """
        import csv
        def names(file, other):
            first, second = csv.DictReader(file), csv.DictReader(other)
            return [row["name"] for row in first], second  #! KeyError: 'name'
        """,
        recorded={"row": "{'id;name': '1;y'}"},
        is_reported=True,
    ),
    example_case(
        "lines that are no file cannot be read twice",
        "csv-delimiter",
        """
        import csv
        def names(text):
            rows = csv.DictReader(text.splitlines())
            return [row["name"] for row in rows]  #! KeyError: 'name'
        """,
        recorded={"row": "{'id;name': '1;y'}"},
        is_reported=True,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_file_is_read_as_it_is_written(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_file_that_may_be_damaged_makes_it_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_a_file_that_shows_nothing_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


def test_another_delimiter_is_read_and_commas_as_before() -> None:
    frame = Frame(
        file="job.py",
        line=5,
        function="<listcomp>",
        own=True,
        locals={"row": "{'id;name': '1;y'}"},
    )
    error = Raised(type="KeyError", message="'name'", frames=(frame,))
    draft = draft_example(Example(CSV), error).candidates[0]
    assert draft.rule == "csv-delimiter"
    names = run_script(content_of(draft))
    assert (names["a"], names["b"]) == (["x"], ["y"])


def test_the_words_about_line_ends_are_those_of_the_module_itself() -> None:
    with pytest.raises(csv.Error) as raised:
        next(csv.reader(["a,b\rc,d\n"]))
    source = "import csv\nwith open('x.csv') as f:\n    rows = list(csv.reader(f))\n"
    frames = (Frame(file="job.py", line=3, function="<module>", own=True),)
    error = Raised(type="_csv.Error", message=str(raised.value), frames=frames)
    draft = draft_example(Example(source), error).candidates[0]
    assert draft.rule == "csv-newline"
    text = content_of(draft)
    assert "open('x.csv', newline=\"\")" in text
    assert draft_example(Example(text), error).candidates == ()
