"""What loops go over, how far, and what they change meanwhile."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "a dictionary whose keys are taken out",
        "changed-while-walked",
        """
          d = {1: 2}
        - for k in d:  #! RuntimeError: dictionary changed size during iteration
        + for k in list(d):
              del d[k]
        """,
    ),
    example_case(
        "a dictionary's pairs",
        "changed-while-walked",
        """
          cache = {"a": 50, "b": 150}
        - for key, until in cache.items():
        #! RuntimeError: dictionary changed size during iteration
        + for key, until in list(cache.items()):
              if until < 100:
                  del cache[key]
        """,
    ),
    example_case(
        "a set whose items are discarded",
        "changed-while-walked",
        """
          names = {"ann", "bob"}
        - for name in names:  #! RuntimeError: Set changed size during iteration
        + for name in list(names):
              names.discard(name)
        """,
    ),
    example_case(
        "a key that is popped",
        "changed-while-walked",
        """
          rates = {"eur": 1.1, "old": None}
        - for name in rates.keys():  #! RuntimeError: dictionary changed size during iteration
        + for name in list(rates.keys()):
              if rates[name] is None:
                  rates.pop(name)
        """,
    ),
    example_case(
        "a loop over a number",
        "forgotten-range",
        """
        - for i in 3:  #! TypeError: 'int' object is not iterable
        + for i in range(3):
              pass
        """,
    ),
    example_case(
        "a loop over a length",
        "forgotten-range",
        """
          rows = ["a", "b"]
        - for n in len(rows):  #! TypeError: 'int' object is not iterable
        + for n in range(len(rows)):
              print(n, rows[n])
        """,
    ),
    example_case(
        "pairs of a dictionary",
        "pairs-of",
        """
          d = {'abc': 1}
        - for k, v in d:  #! ValueError: too many values to unpack (expected 2)
        + for k, v in d.items():
              pass
        """,
    ),
    example_case(
        "pairs of a dictionary of numbers",
        "pairs-of",
        """
          days = {1: "mon"}
        - for number, name in days:  #! TypeError: cannot unpack non-iterable int object
        + for number, name in days.items():
              print(number, name)
        """,
    ),
    example_case(
        "numbered items of a list",
        "pairs-of",
        """
          names = ["ann"]
        - for i, name in names:  #! ValueError: too many values to unpack (expected 2)
        + for i, name in enumerate(names):
              print(i, name)
        """,
    ),
    example_case(
        "values of a dictionary",
        "values-of",
        """
          d = {'a': {'x': 1}}
        - for r in d:
        + for r in d.values():
              r['x']  #! TypeError: string indices must be integers, not 'str'
        """,
    ),
    example_case(
        "an index that runs past the end",
        "past-the-end",
        """
          x = [1]
        - for i in range(len(x) + 1):
        + for i in range(len(x)):
              x[i]  #! IndexError: list index out of range
        """,
    ),
    example_case(
        "a while loop that runs past the end",
        "past-the-end",
        """
          x = [1]
          i = 0
        - while i <= len(x):
        + while i < len(x):
              x[i]  #! IndexError: list index out of range
              i += 1
        """,
    ),
    example_case(
        "a look at the next one",
        "past-the-end",
        """
          x = [1, 2]
        - for i in range(len(x)):
        + for i in range(len(x) - 1):
              x[i + 1]  #! IndexError: list index out of range
        """,
    ),
    example_case(
        "a look at the next one, from the second on",
        "past-the-end",
        """
          x = [1, 2, 3]
        - for i in range(1, len(x)):
        + for i in range(1, len(x) - 1):
              print(x[i + 1] - x[i])  #! IndexError: list index out of range
        """,
    ),
    example_case(
        "the last one, at the length",
        "past-the-end",
        """
          rows = ["a", "b"]
        - print(rows[len(rows)])  #! IndexError: list index out of range
        + print(rows[len(rows) - 1])
        """,
    ),
    example_case(
        "a word as an index into its own list",
        "element-as-index",
        """
          rows = ['a']
          for r in rows:
        -     print(rows[r])  #! TypeError: list indices must be integers or slices, not str
        +     print(r)
        """,
    ),
    example_case(
        "a word as an index, in a comprehension",
        "element-as-index",
        """
          words = ["a", "bb"]
        - print([len(words[w]) for w in words])
        #! TypeError: list indices must be integers or slices, not str
        + print([len(w) for w in words])
        """,
    ),
]
GUESSED = [
    example_case(
        "a set of work that grows",
        "changed-while-walked",
        """
          todo = {1}
        - for n in todo:  #! RuntimeError: Set changed size during iteration
        + for n in list(todo):
              if n < 4:
                  todo.add(n + 1)
        """,
    ),
    example_case(
        "a pass that depends on what the others took out",
        "changed-while-walked",
        """
          tree = {"c": "b", "b": "a", "r": None}
        - for node in tree:  #! RuntimeError: dictionary changed size during iteration
        + for node in list(tree):
              if tree[node] is not None and tree[node] not in tree:
                  del tree[node]
        """,
    ),
    example_case(
        "a helper that puts in",
        "changed-while-walked",
        """
          def visit(pages, page):
              pages[page + "/more"] = 1
          pages = {"a": 1}
        - for page in pages:  #! RuntimeError: dictionary changed size during iteration
        + for page in list(pages):
              visit(pages, page)
        """,
    ),
    example_case(
        "a key that is put in for another",
        "changed-while-walked",
        """
          rates = {"EUR": 1}
        - for name in rates:  #! RuntimeError: dictionary changed size during iteration
        + for name in list(rates):
              rates[name.lower()] = rates.pop(name)
              rates["all"] = 1
        """,
    ),
    example_case(
        "a deque of jobs",
        "changed-while-walked",
        """
          from collections import deque
          jobs = deque([1])
        - for job in jobs:  #! RuntimeError: deque mutated during iteration
        + for job in list(jobs):
              if job < 3:
                  jobs.append(job + 1)
        """,
    ),
    example_case(
        "items, or their number",
        "forgotten-range",
        """
          names = ["a", "b"]
          n = len(names)
        - for name in n:  #! TypeError: 'int' object is not iterable
        + for name in range(n):
              print(name)
        """,
    ),
    example_case(
        "an empty last page, or one page too many",
        "past-the-end",
        """
          pages = ["a", "b"]
        - for n in range(len(pages) + 1):
        + for n in range(len(pages)):
              print(pages[n])  #! IndexError: list index out of range
        """,
    ),
    example_case(
        "positions or values",
        "element-as-index",
        """
          def positive(v):
              out = []
              for i in v:
        -         if v[i] > 0:  #! TypeError: list indices must be integers or slices, not float
        +         if i > 0:
                      out.append(i)
              return out
          positive([0.5, -1.0, 2.0])
        """,
    ),
    example_case(
        "rows of a dictionary, or letters of a text",
        "values-of",
        """
          def total(days):
              result = 0
        -     for day in days:
        +     for day in days.values():
                  result += day["sum"]  #! TypeError: string indices must be integers, not 'str'
              return result
        """,
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "the error comes from within what is walked",
        "changed-while-walked",
        """
        def walk(rates):
            yield from rates  #! RuntimeError: dictionary changed size during iteration
        rates = {"eur": 1}
        for name in walk(rates):
            rates[name + "2"] = 1
        """,
    ),
    example_case(
        "a number that is summed",
        "forgotten-range",
        """
        total = sum(3)  #! TypeError: 'int' object is not iterable
        """,
    ),
    example_case(
        "rows that became a number: their fields are asked for",
        "forgotten-range",
        """
        rows = 3
        for row in rows:  #! TypeError: 'int' object is not iterable
            print(row["name"])
        """,
    ),
    example_case(
        "an object's attribute is asked for",
        "forgotten-range",
        """
        jobs = 3
        for job in jobs:  #! TypeError: 'int' object is not iterable
            job.run()
        """,
    ),
    example_case(
        "pairs out of a number",
        "forgotten-range",
        """
        for name, rate in 3:  #! TypeError: 'int' object is not iterable
            print(name, rate)
        """,
    ),
    example_case(
        "rows with three columns",
        "pairs-of",
        """
        rows = [("a", 1, 2)]
        for name, rate in rows:  #! ValueError: too many values to unpack (expected 2)
            print(name, rate)
        """,
    ),
    example_case(
        "rows with three columns, out of a call",
        "*",
        """
        d = [(1, 2, 3)]
        for a, b in zip(d):  #! ValueError: not enough values to unpack (expected 2, got 1)
            pass
        """,
    ),
    example_case(
        "rows of one column in a list of texts",
        "pairs-of",
        """
        rows = ["a,b,c"]
        for name, rate in [row.split(",") for row in rows]:
        #! ValueError: too many values to unpack (expected 2)
            print(name, rate)
        """,
        is_reported=True,
    ),
    example_case(
        "three names for a dictionary's keys",
        "pairs-of",
        """
        d = {"ab": 1}
        for a, b, c in d:  #! ValueError: not enough values to unpack (expected 3, got 2)
            pass
        """,
    ),
    example_case(
        "a list of texts",
        "values-of",
        """
        days = ["mon", "tue"]
        for day in days:
            print(day["sum"])  #! TypeError: string indices must be integers, not 'str'
        """,
    ),
    example_case(
        "a text outside of any loop",
        "values-of",
        """
        day = "mon"
        print(day["sum"])  #! TypeError: string indices must be integers, not 'str'
        """,
    ),
    example_case(
        "an index that the data asks for",
        "*",
        """
        x = [1]
        x[3]  #! IndexError: list index out of range
        """,
    ),
    example_case(
        "an index into a literal",
        "*",
        """
        x = [1][5]  #! IndexError: list index out of range
        """,
    ),
    example_case(
        "a fixed number of rounds",
        "past-the-end",
        """
        days = ["mon"]
        for n in range(3):
            print(days[n])  #! IndexError: list index out of range
        """,
    ),
    example_case(
        "a row with too few fields: a line without data",
        "past-the-end",
        """
        lines = ["chr1 100", ""]
        for line in lines:
            fields = line.split()
            print(fields[1])  #! IndexError: list index out of range
        """,
    ),
    example_case(
        "an element as an index into another list",
        "*",
        """
        rows = ['a']
        other = ['b']
        for r in rows:
            print(other[r])  #! TypeError: list indices must be integers or slices, not str
        """,
    ),
    example_case(
        "an element that is written to",
        "element-as-index",
        """
        rows = ["a"]
        for r in rows:
            rows[r] = "b"  #! TypeError: list indices must be integers or slices, not str
        """,
    ),
    example_case(
        "no loop gives the name",
        "element-as-index",
        """
        rows, r = ["a"], "a"
        print(rows[r])  #! TypeError: list indices must be integers or slices, not str
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_loop_does_what_was_meant(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_loop_with_another_reading_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_a_loop_over_other_data_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize("name", ["i", "j", "n", "index", "idx", "number", "position"])
def test_a_counter_s_name_wants_numbers_and_another_wants_pairs(name: str) -> None:
    text = """
        - for {name}, row in rows:  #! ValueError: too many values to unpack (expected 2)
        + for {name}, row in {new}:
              print(row)
        """
    check_fix("pairs-of", Example(text.format(name=name, new="enumerate(rows)"), is_reported=True))
    check_fix("pairs-of", Example(text.format(name="key", new="rows.items()"), is_reported=True))
