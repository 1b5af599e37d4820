"""The file's own way of doing a thing, taken to where it was forgotten; and none made up."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    example_case,
    run_script,
)

NONE = """
  import re
  def first(lines):
      found = []
      for line in lines:
          m = re.search(r"a=(\\d)", line)
          if m is None:
              continue
          found.append(m[1])
      return found
  def second(lines):
      found = []
      for line in lines:
          hit = re.search(r"b=(\\d)", line)
+         if hit is None:
+             continue
          found.append(hit[1])  #! TypeError: 'NoneType' object is not subscriptable
      return found
  out = second(["b=1", "x", "b=2"])
"""
BROKEN_NONE = "\n".join(line[2:] for line in NONE.split("\n") if line[:1] != "+")
EMPTY = """
  def mean(values):
      if not values:
          return 0.0
      return sum(values) / len(values)
  def spread(numbers):
+     if not numbers:
+         return 0.0
      return sum(abs(n - 1) for n in numbers) / len(numbers)
      #! ZeroDivisionError: division by zero
  x = spread([])
"""
BROKEN_EMPTY = "\n".join(line[2:] for line in EMPTY.split("\n") if line[:1] != "+")
MENDED = [
    example_case("a line that does not match", "none-as-elsewhere", NONE),
    example_case(
        "a function ends early",
        "none-as-elsewhere",
        """
          import os
          def user():
              name = os.environ.get("HEALER_NO_USER")
              if not name:
                  return "nobody"
              return name.upper()
          def home():
              folder = os.environ.get("HEALER_NO_HOME")
        +     if not folder:
        +         return "nobody"
              return folder.lower()  #! AttributeError: 'NoneType' object has no attribute 'lower'
          home()
        """,
    ),
    example_case(
        "an error is raised",
        "none-as-elsewhere",
        """
          import shutil
          def first():
              path = shutil.which("no-such-program")
              if path is None:
                  raise SystemExit("install it")
              return path.strip()
          def second():
              other = shutil.which("no-such-other")
        +     if other is None:
        +         raise SystemExit("install it")
              return other.strip()  #! AttributeError: 'NoneType' object has no attribute 'strip'
          try:
              second()
          except SystemExit:
              pass
        """,
    ),
    example_case("a mean of nothing", "empty-as-elsewhere", EMPTY),
    example_case(
        "the first of nothing",
        "empty-as-elsewhere",
        '''
          def newest(rows):
              """The newest row."""
              if not rows:
                  return None
              return rows[0]
          def oldest(days):
              """The oldest day."""
        +     if not days:
        +         return None
              return days[0]  #! IndexError: list index out of range
          oldest([])
        ''',
    ),
    example_case(
        "the largest of nothing, which may not be",
        "empty-as-elsewhere",
        """
          def highest(values):
              if len(values) == 0:
                  raise SystemExit("no values")
              return max(values)
          def top(rates):
        +     if len(rates) == 0:
        +         raise SystemExit("no values")
              return max(rates) * 2  #! ValueError: max() arg is an empty sequence
          try:
              top([])
          except SystemExit:
              pass
        """,
    ),
    example_case(
        "a variable of the missing argument's name",
        "missing-argument",
        """
          def total(rows, rate):
              return rows * rate
          rate = 3
        - x = total(2)  #! TypeError: total() missing 1 required positional argument: 'rate'
        + x = total(2, rate=rate)
        """,
    ),
    example_case(
        "two variables of the missing arguments' names",
        "missing-argument",
        """
          def send(text, *, host, port):
              return text, host, port
          def main(host, port):
        -     return send("a")
        #! TypeError: send() missing 2 required keyword-only arguments: 'host' and 'port'
        +     return send("a", host=host, port=port)
          main("localhost", 25)
        """,
    ),
    example_case(
        "a class's argument",
        "missing-argument",
        """
          class Report:
              def __init__(self, day):
                  self.day = day
          day = "mon"
        - print(Report().day)
        #! TypeError: Report.__init__() missing 1 required positional argument: 'day'
        + print(Report(day=day).day)
        """,
    ),
    example_case(
        "over several lines, with a comma at the end",
        "missing-argument",
        """
          def total(rows, rate):
              return rows * rate
          rate = 3
          x = total(  #! TypeError: total() missing 1 required positional argument: 'rate'
        -     2,
        +     2, rate=rate
          )
        """,
    ),
]
GUESSED = [
    example_case(
        "here None may have to stop the run",
        "none-as-elsewhere",
        """
          import re
          def name(line):
              match = re.search("a=(.)", line)
              if match is None:
                  return ""
              return match[1]
          def amount(line):
              hit = re.search("b=(.)", line)
        +     if hit is None:
        +         return ""
              return hit[1]  #! TypeError: 'NoneType' object is not subscriptable
          amount("x")
        """,
    ),
    example_case(
        "another value may be meant",
        "missing-argument",
        """
          def price(amount, rate):
              return amount * rate
          rate = "unknown"
        - print(price(3))  #! TypeError: price() missing 1 required positional argument: 'rate'
        + print(price(3, rate=rate))
        """,
    ),
]
SILENT = [
    example_case(
        "the file shows no way",
        "none-as-elsewhere",
        BROKEN_NONE.replace("        if m is None:\n            continue\n", ""),
    ),
    example_case(
        "the other call is of another function",
        "none-as-elsewhere",
        BROKEN_NONE.replace('        m = re.search(r"a=', '        m = re.match(r"a='),
    ),
    example_case(
        "what the file does then takes more than a line",
        "none-as-elsewhere",
        BROKEN_NONE.replace("            continue", "            print(m)\n            continue"),
    ),
    example_case(
        "what ends a loop there has no loop here",
        "none-as-elsewhere",
        """
        import re
        def first(lines):
            for line in lines:
                match = re.search("a", line)
                if match is None:
                    continue
                print(match[0])
        def second(line):
            hit = re.search("b", line)
            return hit[0]  #! TypeError: 'NoneType' object is not subscriptable
        second("x")
        """,
    ),
    example_case(
        "another name of the line is None",
        "none-as-elsewhere",
        """
        import re
        def first(line):
            match = re.search("a", line)
            if match is None:
                return ""
            return match[0]
        def second(line, row):
            hit = re.search("x", line)
            return row[hit[0]]  #! TypeError: 'NoneType' object is not subscriptable
        second("x", None)
        """,
        recorded={"hit": "<re.Match object; span=(0, 1), match='x'>", "row": "None"},
    ),
    example_case(
        "a page's element that is gone: there is no other way in the file",
        "none-as-elsewhere",
        """
        def price(item):
            span = item.get("price")
            return span.strip()  #! AttributeError: 'NoneType' object has no attribute 'strip'
        price({})
        """,
    ),
    example_case(
        "no function of the file asks first",
        "empty-as-elsewhere",
        BROKEN_EMPTY.replace("    if not values:\n        return 0.0\n", ""),
    ),
    example_case(
        "the other function does something else with its rows",
        "empty-as-elsewhere",
        BROKEN_EMPTY.replace("return sum(values) / len(values)", "return values[0]"),
    ),
    example_case(
        "two functions give two things",
        "empty-as-elsewhere",
        BROKEN_EMPTY.replace(
            "x = ", "def one(v):\n    if not v:\n        return 1\n    return 2 / len(v)\nx = "
        ),
    ),
    example_case(
        "the largest of nothing, and no other function",
        "*",
        """
        x = max([])  #! ValueError: max() arg is an empty sequence
        """,
    ),
    example_case(
        "a division by a number",
        "*",
        """
        x = 1 / 0  #! ZeroDivisionError: division by zero
        """,
    ),
    example_case(
        "a share of nothing",
        "*",
        """
        def share(n, total):
            return 100 * n / total  #! ZeroDivisionError: division by zero
        share(0, 0)
        """,
    ),
    example_case(
        "no variable of the missing argument's name",
        "missing-argument",
        """
        def total(rows, rate):
            return rows * rate
        factor = 3
        x = total(2)  #! TypeError: total() missing 1 required positional argument: 'rate'
        """,
    ),
    example_case(
        "the variable is bound later",
        "missing-argument",
        """
        def total(rows, rate):
            return rows * rate
        x = total(2)  #! TypeError: total() missing 1 required positional argument: 'rate'
        rate = 3
        """,
    ),
    example_case(
        "the variable is another function's",
        "missing-argument",
        """
        def total(rows, rate):
            return rows * rate
        def other():
            rate = 3
            return rate
        x = total(2)  #! TypeError: total() missing 1 required positional argument: 'rate'
        """,
    ),
    example_case(
        "one of two is at hand",
        "missing-argument",
        """
        def send(text, host, port):
            return text
        host = "localhost"
        send("a")  #! TypeError: send() missing 2 required positional arguments: 'host' and 'port'
        """,
    ),
    example_case(
        "the object itself is missing",
        "missing-argument",
        """
        class Report:
            def show(self):
                Report.show()
                #! TypeError: Report.show() missing 1 required positional argument: 'self'
        Report().show()
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_file_s_own_way_is_taken(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_way_that_may_not_fit_here_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_nothing_is_invented(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [(NONE, "out", ["1", "2"]), (EMPTY, "x", 0.0)],
)
def test_the_fixed_script_gives_what_the_file_gives_elsewhere(
    text: str, name: str, value: object
) -> None:
    assert run_script(Example(text).after)[name] == value
