"""What is called and should not be, or is not and should; and variables that hide a function."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "a module with a function of its name",
        "module-called",
        """
          import pprint
        - pprint('x')  #! TypeError: 'module' object is not callable
        + pprint.pprint('x')
        """,
    ),
    example_case(
        "a module with a class of its name",
        "module-called",
        """
          import datetime
        - print(datetime(2024, 1, 1))  #! TypeError: 'module' object is not callable
        + print(datetime.datetime(2024, 1, 1))
        """,
    ),
    example_case(
        "under another local name",
        "module-called",
        """
          import copy as c
        - print(c([1]))  #! TypeError: 'module' object is not callable
        + print(c.copy([1]))
        """,
    ),
    example_case(
        "in a loop's header",
        "module-called",
        """
          import glob
        - for path in glob("*.none"):  #! TypeError: 'module' object is not callable
        + for path in glob.glob("*.none"):
              print(path)
        """,
    ),
    example_case(
        "a list called like a function",
        "wrong-brackets",
        """
          x = [1]
        - y = x(0)  #! TypeError: 'list' object is not callable
        + y = x[0]
        """,
    ),
    example_case(
        "a dictionary called like a function",
        "wrong-brackets",
        """
          rates = {"eur": 1.1}
        - print(rates("eur") * 2)  #! TypeError: 'dict' object is not callable
        + print(rates["eur"] * 2)
        """,
    ),
    example_case(
        "a table's row",
        "wrong-brackets",
        """
          table = [[1, 2], [3, 4]]
        - print(table[0](1))  #! TypeError: 'list' object is not callable
        + print(table[0][1])
        """,
    ),
    example_case(
        "a function indexed by a variable",
        "wrong-brackets",
        """
          def rate(name):
              return 2
          currency = "eur"
        - print(rate[currency])  #! TypeError: 'function' object is not subscriptable
        + print(rate(currency))
        """,
    ),
    example_case(
        "a function in a sum",
        "forgotten-call",
        """
          def n():
              return 1
        - x = n + 1  #! TypeError: unsupported operand type(s) for +: 'function' and 'int'
        + x = n() + 1
        """,
    ),
    example_case(
        "a function whose argument has a default",
        "forgotten-call",
        """
          def rate(day="mon"):
              return 2
        - print(3 * rate)  #! TypeError: unsupported operand type(s) for *: 'int' and 'function'
        + print(3 * rate())
        """,
    ),
    example_case(
        "a method in a comparison",
        "forgotten-call",
        """
          class Report:
              def total(self):
                  return 3
          report = Report()
        - print(report.total > 2)
        #! TypeError: '>' not supported between instances of 'method' and 'int'
        + print(report.total() > 2)
        """,
    ),
    example_case(
        "a method of a text, in a loop",
        "forgotten-call",
        """
          text = "a b"
        - for word in text.split:  #! TypeError: 'builtin_function_or_method' object is not iterable
        + for word in text.split():
              print(word)
        """,
    ),
    example_case(
        "a variable named like a built-in",
        "shadowed-built-in",
        """
        - list = [1]
        + list_ = [1]
          x = list((1, 2))  #! TypeError: 'list' object is not callable
        """,
    ),
    example_case(
        "each use of the variable is renamed, and no call",
        "shadowed-built-in",
        """
          def widest(rows):
        -     max = 0
        +     max_ = 0
              for row in rows:
        -         if row > max:
        -             max = row
        +         if row > max_:
        +             max_ = row
        -     return max, max(rows)  #! TypeError: 'int' object is not callable
        +     return max_, max(rows)
          widest([1, 3])
        """,
    ),
    example_case(
        "a loop's variable named like a built-in",
        "shadowed-built-in",
        """
        - for id in (1, 2):
        + for id_ in (1, 2):
              pass
        - print(id(id))  #! TypeError: 'int' object is not callable
        + print(id(id_))
        """,
    ),
]
SILENT = [
    example_case(
        "a module without a function of its name",
        "*",
        """
        import os
        x = os('a')  #! TypeError: 'module' object is not callable
        """,
    ),
    example_case(
        "a package of others is not imported to look into it",
        "module-called",
        """
        import rich
        rich("x")  #! TypeError: 'module' object is not callable
        """,
    ),
    example_case(
        "a built-in's name that is a container",
        "wrong-brackets",
        """
        list = [1.1, 0.9]
        print(list(0))  #! TypeError: 'list' object is not callable
        """,
    ),
    example_case(
        "a container called with two values",
        "wrong-brackets",
        """
        rates = {"eur": 1.1}
        print(rates("eur", 0))  #! TypeError: 'dict' object is not callable
        """,
    ),
    example_case(
        "a container called with nothing",
        "wrong-brackets",
        """
        rates = [1.1]
        print(rates())  #! TypeError: 'list' object is not callable
        """,
    ),
    example_case(
        "a number called",
        "wrong-brackets",
        """
        rate = 2
        print(rate(3))  #! TypeError: 'int' object is not callable
        """,
    ),
    example_case(
        "a function that needs an argument",
        "forgotten-call",
        """
        def rate(currency):
            return 2
        print(rate * 3)  #! TypeError: unsupported operand type(s) for *: 'function' and 'int'
        """,
    ),
    example_case(
        "a function that is indexed: round brackets were meant",
        "forgotten-call",
        """
        def rates():
            return [1]
        print(rates[0])  #! TypeError: 'function' object is not subscriptable
        """,
    ),
    example_case(
        "a parameter that hides a built-in may be a function elsewhere",
        "shadowed-built-in",
        """
        def first(list):
            return list(0)  #! TypeError: 'tuple' object is not callable
        first((1, 2))
        """,
    ),
    example_case(
        "the new name is taken",
        "shadowed-built-in",
        """
        list_ = [1]
        list = [2]
        print(list(list_))  #! TypeError: 'list' object is not callable
        """,
    ),
    example_case(
        "a variable that is named like no built-in",
        "shadowed-built-in",
        """
        total = 3
        print(total(2))  #! TypeError: 'int' object is not callable
        """,
    ),
    example_case(
        "the variable is another scope's",
        "shadowed-built-in",
        """
        sum = 3
        def total(rows):
            return sum(rows)  #! TypeError: 'int' object is not callable
        total([1])
        """,
    ),
]
GUESSED = [
    example_case(
        "a function indexed by a number: called with it, or its result indexed",
        "wrong-brackets",
        """
          def rates():
              return [1, 2]
        - print(rates[0])  #! TypeError: 'function' object is not subscriptable
        + print(rates()[0])
        """,
    ),
    example_case(
        "a method indexed by a number",
        "wrong-brackets",
        """
          words = "a b"
        - print(words.split[0])
        #! TypeError: 'builtin_function_or_method' object is not subscriptable
        + print(words.split()[0])
        """,
    ),
    example_case(
        "a method that may be a property in another version",
        "forgotten-call",
        """
          class Report:
              def total(self):
                  return 3
        - print(Report().total + 1)
        #! TypeError: unsupported operand type(s) for +: 'method' and 'int'
        + print(Report().total() + 1)
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_brackets_are_put_right(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_either_pair_of_brackets_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_brackets_that_may_be_right_are_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)
