"""Right values in the wrong number of brackets: a tuple that is none, loose values, a list."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "one value for a statement",
        "one-tuple",
        """
          import sqlite3
          name = 'abc'
        - sqlite3.connect(':memory:').execute('select ?', (name))
        #! ProgrammingError: Incorrect number of bindings supplied. The current statement uses 1,
        #! and there are 3 supplied.
        + sqlite3.connect(':memory:').execute('select ?', (name,))
        """,
    ),
    example_case(
        "one number for a statement",
        "one-tuple",
        """
          import sqlite3
          db, number = sqlite3.connect(":memory:"), 3
        - print(db.execute("select ?", (number)).fetchone())
        #! ProgrammingError: parameters are of unsupported type
        + print(db.execute("select ?", (number,)).fetchone())
        """,
    ),
    example_case(
        "a bare value for a statement",
        "one-tuple",
        """
          import sqlite3
          db, name = sqlite3.connect(":memory:"), "ann"
        - db.execute("select ?", name)
        #! ProgrammingError: Incorrect number of bindings supplied. The current statement uses 1,
        #! and there are 3 supplied.
        + db.execute("select ?", (name,))
        """,
    ),
    example_case(
        "a field of a row for a statement",
        "one-tuple",
        """
          import sqlite3
          db, row = sqlite3.connect(":memory:"), {"name": "ann"}
        - db.execute("select ?", (row["name"]))
        #! ProgrammingError: Incorrect number of bindings supplied. The current statement uses 1,
        #! and there are 3 supplied.
        + db.execute("select ?", (row["name"],))
        """,
    ),
    example_case(
        "one argument for a thread",
        "one-tuple",
        """
          import threading
          def work(path):
              print(path)
          path = "day.csv"
        - thread = threading.Thread(target=work, args=(path))
        + thread = threading.Thread(target=work, args=(path,))
          thread.run()  #! TypeError: work() takes 1 positional argument but 7 were given
        """,
        is_reported=True,
    ),
    example_case(
        "one number for a process",
        "one-tuple",
        """
          from multiprocessing import Process
          def work(number):
              print(number)
          number = 3
        - process = Process(target=work, args=(number))
        + process = Process(target=work, args=(number,))
        #! TypeError: work() argument after * must be an iterable, not int
          process.run()
        """,
        is_reported=True,
    ),
    example_case(
        "conditions side by side",
        "loose-values",
        """
        - x = any(1, 0)  #! TypeError: any() takes exactly one argument (2 given)
        + x = any((1, 0))
        """,
    ),
    example_case(
        "texts side by side",
        "loose-values",
        """
          day, month = "31", "01"
        - print(".".join(day, month))  #! TypeError: str.join() takes exactly one argument (2 given)
        + print(".".join((day, month)))
        """,
    ),
    example_case(
        "columns side by side",
        "loose-values",
        """
          import csv, sys
        - csv.writer(sys.stdout).writerow("day", "total")
        #! TypeError: writer.writerow() takes exactly one argument (2 given)
        + csv.writer(sys.stdout).writerow(("day", "total"))
        """,
    ),
    example_case(
        "a choice of loose values",
        "loose-values",
        """
          import random
        - print(random.choice("a", "a"))
        #! TypeError: Random.choice() takes 2 positional arguments but 3 were given
        + print(random.choice(("a", "a")))
        """,
    ),
    example_case(
        "the parts of a path in a list",
        "list-of-parts",
        """
          import os
          parts = ['a', 'b']
        - x = os.path.join(parts)  #! TypeError: expected str, bytes or os.PathLike object, not list
        + x = os.path.join(*parts)
        """,
    ),
    example_case(
        "the parts of a path, split",
        "list-of-parts",
        """
          from os.path import join
        - print(join("a b".split()))
        #! TypeError: expected str, bytes or os.PathLike object, not list
        + print(join(*"a b".split()))
        """,
    ),
    example_case(
        "the parts of a Path",
        "list-of-parts",
        """
          from pathlib import Path
        - print(Path(["out", "day.csv"]))
        #! TypeError: expected str, bytes or os.PathLike object, not list
        + print(Path(*["out", "day.csv"]))
        """,
    ),
    example_case(
        "a row of one number",
        "one-row",
        """
          import csv, io
        - csv.writer(io.StringIO()).writerow(3)  #! Error: iterable expected, not int
        + csv.writer(io.StringIO()).writerow([3])
        """,
    ),
    example_case(
        "a row of one sum, in a loop",
        "one-row",
        """
          import csv, io
          writer = csv.writer(io.StringIO())
          for price in (1.5, 2.5):
        -     writer.writerow(price * 2)  #! Error: iterable expected, not float
        +     writer.writerow([price * 2])
        """,
    ),
]
GUESSED = [
    example_case(
        "values that were to be put in one after the other",
        "loose-values",
        """
          rows = []
        - rows.append(1, 2)  #! TypeError: list.append() takes exactly one argument (2 given)
        + rows.append((1, 2))
        """,
    ),
    example_case(
        "the length of two things",
        "loose-values",
        """
        - print(len("a", "b"))  #! TypeError: len() takes exactly one argument (2 given)
        + print(len(("a", "b")))
        """,
    ),
]
SILENT = [
    example_case(
        "two placeholders and one value",
        "*",
        """
        import sqlite3
        sqlite3.connect(':memory:').execute('select ?, ?', ('a'))
        #! ProgrammingError: Incorrect number of bindings supplied. The current statement uses 2,
        #! and there are 1 supplied.
        """,
    ),
    example_case(
        "a list of values, one too many",
        "one-tuple",
        """
        import sqlite3
        sqlite3.connect(":memory:").execute("select ?", [1, 2])
        #! ProgrammingError: Incorrect number of bindings supplied. The current statement uses 1,
        #! and there are 2 supplied.
        """,
    ),
    example_case(
        "many rows at once",
        "one-tuple",
        """
        import sqlite3
        sqlite3.connect(":memory:").executemany("insert into t values (?)", ("a"))
        #! ProgrammingError: Incorrect number of bindings supplied. The current statement uses 1,
        #! and there are 3 supplied.
        """,
        is_reported=True,
    ),
    example_case(
        "an own function with one argument too many",
        "one-tuple",
        """
        def work(path):
            print(path)
        work("a", "b")  #! TypeError: work() takes 1 positional argument but 2 were given
        """,
    ),
    example_case(
        "an own function that takes one value",
        "loose-values",
        """
        def area(side):
            return side * side
        area(2, 3)  #! TypeError: area() takes 1 positional argument but 2 were given
        """,
    ),
    example_case(
        "a function that takes many, with a wrong name",
        "*",
        """
        x = max(1, 2, key=3)  #! TypeError: 'int' object is not callable
        """,
    ),
    example_case(
        "a named argument among the loose ones",
        "loose-values",
        """
        def any(values):
            return values
        any(1, start=2)  #! TypeError: any() got an unexpected keyword argument 'start'
        """,
    ),
    example_case(
        "a list where one path is wanted",
        "list-of-parts",
        """
        import os
        print(os.path.getsize(["a"]))
        #! TypeError: stat: path should be string, bytes, os.PathLike or integer, not list
        """,
    ),
    example_case(
        "a list among the parts",
        "list-of-parts",
        """
        import os
        print(os.path.join("out", ["a"]))
        #! TypeError: join() argument must be str, bytes, or os.PathLike object, not 'list'
        """,
    ),
    example_case(
        "rows that are no rows",
        "one-row",
        """
        import csv, io
        csv.writer(io.StringIO()).writerows([3])  #! Error: iterable expected, not int
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_values_are_wrapped_as_they_are_wanted(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_values_that_may_belong_apart_are_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_values_of_the_wrong_number_are_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)
