"""What can be read only once, or only while its file is open."""

from pathlib import Path

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    content_of,
    draft_script,
    example_case,
    run_script,
)

CLOSED = "ValueError: I/O operation on closed file."
MENDED = [
    example_case(
        "a generator that is walked twice",
        "used-up",
        """
          def mean(rows):
        -     values = (float(row) for row in rows)
        +     values = [float(row) for row in rows]
              total = sum(values)
              return total / len(list(values))  #! ZeroDivisionError: float division by zero
          x = mean(["1", "3"])
        """,
    ),
    example_case(
        "a map that is walked twice",
        "used-up",
        """
        - numbers = map(int, ["1", "3"])
        + numbers = list(map(int, ["1", "3"]))
          print(min(numbers))
          print(max(numbers))  #! ValueError: max() arg is an empty sequence
        """,
    ),
    example_case(
        "a filter, after a loop",
        "used-up",
        """
        - rows = filter(None, [1, 0, 2])
        + rows = list(filter(None, [1, 0, 2]))
          for row in rows:
              print(row)
          first = list(rows)[0]  #! IndexError: list index out of range
        """,
    ),
    example_case(
        "rows that are given back after their file is closed",
        "reader-outlives-file",
        f"""
          import csv
          def rows(path):
              with open(path) as f:
        -         return csv.reader(f)
        +         return list(csv.reader(f))
          x = next(iter(rows("a")))  #! {CLOSED}
        """,
        is_reported=True,
    ),
    example_case(
        "lines of a generator that are given back",
        "reader-outlives-file",
        f"""
          def lines(path):
              with open(path) as file:
        -         return (line.strip() for line in file)
        +         return [line.strip() for line in file]
          for line in lines("a"):  #! {CLOSED}
              print(line)
        """,
        is_reported=True,
    ),
    example_case(
        "the file itself is given back",
        "reader-outlives-file",
        f"""
          def lines(path):
              with open(path) as file:
        -         return file
        +         return list(file)
          for line in lines("a"):  #! {CLOSED}
              print(line)
        """,
        is_reported=True,
    ),
    example_case(
        "a use after the block",
        "closed-too-early",
        f"""
          with open("a") as f:
              pass
        - x = f.read()  #! {CLOSED}
        +     x = f.read()
        """,
        is_reported=True,
    ),
    example_case(
        "what lies between goes into the block too",
        "closed-too-early",
        f"""
          def load(path):
              with open(path) as file:
                  head = file.readline()
        -     print(head)
        -
        -     body = file.read()  #! {CLOSED}
        +         print(head)
        +
        +         body = file.read()
              return head, body
        """,
        is_reported=True,
    ),
]
GUESSED = [
    example_case(
        "there may be no data today",
        "used-up",
        """
          def span(rows):
        -     values = (float(row) for row in rows)
        +     values = [float(row) for row in rows]
              lowest = min(values)
              return max(values) - lowest  #! ValueError: max() arg is an empty sequence
          span(["1", "3"])
        """,
    ),
    example_case(
        "the file may have to be opened again",
        "closed-too-early",
        f"""
          with open("a") as file:
              count = len(file.readlines())
        - rest = file.read()  #! {CLOSED}
        +     rest = file.read()
        """,
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "a list can be walked again",
        "used-up",
        """
        values = [1]
        total = sum(values)
        x = total / len([])  #! ZeroDivisionError: division by zero
        """,
    ),
    example_case(
        "a generator that is walked once",
        "used-up",
        """
        values = (v for v in [])
        x = max(values)  #! ValueError: max() arg is an empty sequence
        """,
    ),
    example_case(
        "the second walk comes later",
        "used-up",
        """
        values = (v for v in [1])
        total = sum(values)
        print(total / 0)  #! ZeroDivisionError: division by zero
        print(list(values))
        """,
    ),
    example_case(
        "another generator is walked",
        "used-up",
        """
        first = (v for v in [1])
        second = (v for v in [])
        print(sum(first))
        print(max(second))  #! ValueError: max() arg is an empty sequence
        """,
    ),
    example_case(
        "a message of another kind",
        "used-up",
        """
        values = (v for v in ["1"])
        print(len(list(values)))
        print(int("x"), list(values))  #! ValueError: invalid literal for int() with base 10: 'x'
        """,
    ),
    example_case(
        "what is given back is read already",
        "reader-outlives-file",
        f"""
        def text(path):
            with open(path) as file:
                return file.read()
        print(text("a").close())  #! {CLOSED}
        """,
        is_reported=True,
    ),
    example_case(
        "what is given back reads no file of the block",
        "reader-outlives-file",
        f"""
        def rows(path, table):
            with open(path) as file:
                return map(str, table)
        print(list(rows("a", open("b"))))  #! {CLOSED}
        """,
        is_reported=True,
    ),
    example_case(
        "a file that was closed by hand",
        "closed-too-early",
        f"""
        def text(file):
            file.close()
            return file.read()  #! {CLOSED}
        """,
        is_reported=True,
    ),
    example_case(
        "another block's file",
        "closed-too-early",
        f"""
        with open("a") as first:
            pass
        second = open("b")
        second.close()
        print(second.read())  #! {CLOSED}
        """,
        is_reported=True,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_what_is_read_lasts_as_long_as_it_is_needed(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_data_that_may_be_missing_makes_it_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_what_is_empty_or_closed_on_purpose_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


def test_the_mean_of_what_is_walked_twice_is_right() -> None:
    example = MENDED[0].values[1]
    assert run_script(example.after)["x"] == 2.0


def test_rows_outlive_the_file_that_they_come_from(tmp_path: Path) -> None:
    data = tmp_path / "in.csv"
    data.write_text("a\n1\n")
    source = (
        f"import csv\ndef rows():\n    with open({str(data)!r}) as f:\n"
        "        return csv.DictReader(f)\nx = list(rows())\n"
    )
    draft = draft_script(source)[0]
    assert draft.rule == "reader-outlives-file"
    assert "return list(csv.DictReader(f))" in content_of(draft)
    assert run_script(content_of(draft))["x"] == [{"a": "1"}]
    eager = source.replace("csv.DictReader(f)", "f.read()").replace("list(rows())", "rows().x")
    assert "reader-outlives-file" not in {d.rule for d in draft_script(eager)}


def test_a_use_after_the_block_moves_into_it(tmp_path: Path) -> None:
    data = tmp_path / "data.txt"
    data.write_text("a\n")
    draft = draft_script(f"with open({str(data)!r}) as f:\n    pass\nx = f.read()\n")[0]
    assert draft.rule == "closed-too-early"
    assert run_script(content_of(draft))["x"] == "a\n"
