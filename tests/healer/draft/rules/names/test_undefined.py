"""A name that does not exist where it is used: what else it can have meant, and when nothing."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    content_of,
    draft_example,
    example_case,
    run_script,
)

MENDED = [
    example_case(
        "a letter too few",
        "misspelled-name",
        """
          total = 1
        - print(totl)  #! NameError: name 'totl' is not defined
        + print(total)
        """,
    ),
    example_case(
        "two letters in another order",
        "misspelled-name",
        """
          gross_total = 3
        - print(gross_ttoal)  #! NameError: name 'gross_ttoal' is not defined
        + print(gross_total)
        """,
    ),
    example_case(
        "an underscore",
        "misspelled-name",
        """
          unit_price = 3
        - print(unitprice)  #! NameError: name 'unitprice' is not defined
        + print(unit_price)
        """,
    ),
    example_case(
        "another language's word for a constant",
        "misspelled-name",
        """
        - x = true  #! NameError: name 'true' is not defined
        + x = True
        """,
    ),
    example_case(
        "a null of JSON",
        "misspelled-name",
        """
        - rate = {"eur": 1.1}.get("usd", null)  #! NameError: name 'null' is not defined
        + rate = {"eur": 1.1}.get("usd", None)
        """,
    ),
    example_case(
        "a parameter, at each of its uses in the function",
        "misspelled-name",
        """
          def mean(numbers):
        -     if nubmers:  #! NameError: name 'nubmers' is not defined
        -         return sum(nubmers) / len(nubmers)
        +     if numbers:
        +         return sum(numbers) / len(numbers)
          print(mean([1, 3]))
        """,
    ),
    example_case(
        "a function",
        "misspelled-name",
        """
          def send_report(text):
              print("sent", text)
        - send_reprot("x")  #! NameError: name 'send_reprot' is not defined
        + send_report("x")
        """,
    ),
    example_case(
        "a built-in function that is called",
        "misspelled-name",
        """
        - print(srted([2, 1]))  #! NameError: name 'srted' is not defined
        + print(sorted([2, 1]))
        """,
    ),
    example_case(
        "an exception's class",
        "misspelled-name",
        """
          try:
              int("x")
        - except ValueEror:  #! NameError: name 'ValueEror' is not defined
        + except ValueError:
              print("no number")
        """,
    ),
    example_case(
        "an imported name",
        "misspelled-name",
        """
          from pathlib import PurePath
        - print(PurePaht("a/b").name)  #! NameError: name 'PurePaht' is not defined
        + print(PurePath("a/b").name)
        """,
    ),
    example_case(
        "a member of the class",
        "forgotten-self",
        """
          class A:
              n = 1
              def f(self):
        -         return n  #! NameError: name 'n' is not defined
        +         return self.n
          A().f()
        """,
    ),
    example_case(
        "a method of the class, called",
        "forgotten-self",
        """
          class Report:
              def title(self):
                  return "Day"
              def show(self):
        -         print(title())  #! NameError: name 'title' is not defined
        +         print(self.title())
          Report().show()
        """,
    ),
    example_case(
        "an attribute that __init__ sets, twice on the line",
        "forgotten-self",
        """
          class Report:
              def __init__(self):
                  self.rows = [1, 2]
              def mean(self):
        -         return sum(rows) / len(rows)  #! NameError: name 'rows' is not defined
        +         return sum(self.rows) / len(self.rows)
          Report().mean()
        """,
    ),
    example_case(
        "a member in a class method",
        "forgotten-self",
        """
          class Report:
              title = "Day"
              @classmethod
              def name(cls):
        -         return title  #! NameError: name 'title' is not defined
        +         return cls.title
          Report.name()
        """,
    ),
    example_case(
        "a module's counter",
        "forgotten-global",
        """
          n = 0
          def f():
        +     global n
              n += 1
              #! UnboundLocalError: cannot access local variable 'n' where it is not associated with
              #! a value
          f()
        """,
    ),
    example_case(
        "an outer function's counter",
        "forgotten-global",
        """
          def outer():
              count = 0
              def inner():
        +         nonlocal count
                  count += 1
                  #! UnboundLocalError: cannot access local variable 'count' where it is not
                  #! associated with a value
              inner()
              return count
          outer()
        """,
    ),
    example_case(
        "the declaration goes below the docstring",
        "forgotten-global",
        '''
          total = 0
          def add(n):
              """Adds to the total."""
        +     global total
              total += n
              #! UnboundLocalError: cannot access local variable 'total' where it is not associated
              #! with a value
          add(3)
        ''',
    ),
]
GUESSED = [
    example_case(
        "a parameter may give the member its value",
        "forgotten-self",
        """
          class Letter:
              title = "draft"
              def head(self):
        -         text = title.upper()  #! NameError: name 'title' is not defined
        +         text = self.title.upper()
                  self.title = text
                  return text
          Letter().head()
        """,
    ),
    example_case(
        "a start is given what it stores",
        "forgotten-self",
        """
          class Barrier:
              parties = 3
              def __init__(self):
        -         self.left = parties - 1  #! NameError: name 'parties' is not defined
        +         self.left = self.parties - 1
          Barrier()
        """,
    ),
    example_case(
        "a function may be named like the method",
        "forgotten-self",
        """
          class Template:
              def render(self, text=""):
        -         return render if text else ""  #! NameError: name 'render' is not defined
        +         return self.render if text else ""
          Template().render("a")
        """,
    ),
    example_case(
        "a method is a value only by mistake",
        "forgotten-self",
        """
          class Game:
              def winner(self):
                  return "ann"
              def record(self):
        -         return [winner]  #! NameError: name 'winner' is not defined
        +         return [self.winner]
          Game().record()
        """,
    ),
    example_case(
        "one beside many: the one may be right and lack its value",
        "misspelled-name",
        """
          rates = [1.0, 1.1]
        - print("rate", rate)  #! NameError: name 'rate' is not defined
        + print("rate", rates)
        """,
    ),
    example_case(
        "another number",
        "misspelled-name",
        """
          host1 = "alpha"
        - print("connecting to", host2)  #! NameError: name 'host2' is not defined
        + print("connecting to", host1)
        """,
    ),
    example_case(
        "another year",
        "misspelled-name",
        """
          RATE_2024 = 0.2
        - print(100 * RATE_2023)  #! NameError: name 'RATE_2023' is not defined
        + print(100 * RATE_2024)
        """,
    ),
    example_case(
        "a constant that is missing, beside a variable of its letters",
        "misspelled-name",
        """
          def shares(rows):
              total = 0
              out = {}
              for key, n in rows:
                  total += n
        -         out[key] = n / TOTAL  #! NameError: name 'TOTAL' is not defined
        +         out[key] = n / total
              return out
          shares([("a", 2), ("b", 2)])
        """,
    ),
    example_case(
        "a class that is missing, beside a variable of its letters",
        "misspelled-name",
        """
          order = 3
        - print(Order)  #! NameError: name 'Order' is not defined
        + print(order)
        """,
    ),
    example_case(
        "two words that both exist",
        "misspelled-name",
        """
          data = 3
        - print("on", date)  #! NameError: name 'date' is not defined
        + print("on", data)
        """,
    ),
    example_case(
        "an assignment under a misspelling that nothing reads",
        "misspelled-assignment",
        """
          totals = []
          def mean(numbers):
        -     totl = sum(numbers)
        +     total = sum(numbers)
              return total / len(numbers)  #! NameError: name 'total' is not defined
          print(mean([1, 3]), totals)
        """,
    ),
    example_case(
        "a counter of the module may have been meant to begin anew",
        "forgotten-global",
        """
          n = 5
          def count(rows):
        +     global n
              for row in rows:
                  n += 1
                  #! UnboundLocalError: cannot access local variable 'n' where it is not associated
                  #! with a value
              return n
          count([1])
        """,
    ),
]
SILENT = [
    example_case(
        "what a member is set to is a parameter",
        "forgotten-self",
        """
        class Node:
            def __init__(self):
                self.data = data  #! NameError: name 'data' is not defined
        Node()
        """,
    ),
    example_case(
        "a built-in of Python 2 is no typo",
        "misspelled-name",
        """
        for n in xrange(3):  #! NameError: name 'xrange' is not defined
            print(n)
        """,
    ),
    example_case(
        "the same in another currency",
        "misspelled-name",
        """
        cost_eur = 3
        print(cost_usd)  #! NameError: name 'cost_usd' is not defined
        """,
    ),
    example_case(
        "two names are equally close",
        "*",
        """
        ax = 1
        bx = 2
        print(cx)  #! NameError: name 'cx' is not defined
        """,
    ),
    example_case(
        "one letter for another is no typo",
        "misspelled-name",
        """
        i = 1
        print(j)  #! NameError: name 'j' is not defined
        """,
    ),
    example_case(
        "a built-in function of the letters is no value",
        "misspelled-name",
        """
        def label(rows, index):
            return "[" + str(id_) + "]" + rows[index]["name"]
            #! NameError: name 'id_' is not defined
        label([{"name": "x", "id": 7}], 0)
        """,
    ),
    example_case(
        "a word that shares its end only",
        "misspelled-name",
        """
        day_limit = 10
        print(week_limit)  #! NameError: name 'week_limit' is not defined
        """,
    ),
    example_case(
        "the assignment's name is read elsewhere",
        "misspelled-assignment",
        """
        def mean(numbers):
            totl = sum(numbers)
            print(totl)
            return grand_sum / len(numbers)  #! NameError: name 'grand_sum' is not defined
        mean([1, 3])
        """,
    ),
    example_case(
        "an assignment that is no misspelling",
        "*",
        """
        def f():
            totl = 3
            return grand_sum  #! NameError: name 'grand_sum' is not defined
        x = f()
        """,
    ),
    example_case(
        "a function beside the class has no self",
        "forgotten-self",
        """
        class Report:
            title = "Day"
        def show():
            print(title)  #! NameError: name 'title' is not defined
        show()
        """,
    ),
    example_case(
        "a static method has no self",
        "forgotten-self",
        """
        class Report:
            title = "Day"
            @staticmethod
            def show(day):
                print(title)  #! NameError: name 'title' is not defined
        Report.show("mon")
        """,
    ),
    example_case(
        "another class has the member",
        "forgotten-self",
        """
        class Header:
            title = "Day"
        class Report:
            def show(self):
                print(title)  #! NameError: name 'title' is not defined
        Report().show()
        """,
    ),
    example_case(
        "a local that is read before it is assigned, and never counted up",
        "forgotten-global",
        """
        rate = 1.1
        def change():
            print(rate)
            #! UnboundLocalError: cannot access local variable 'rate' where it is not associated
            #! with a value
            rate = 1.2
        change()
        """,
    ),
    example_case(
        "no outer scope has the counter",
        "forgotten-global",
        """
        def count():
            n += 1
            #! UnboundLocalError: cannot access local variable 'n' where it is not associated with a
            #! value
        count()
        """,
    ),
    example_case(
        "a loop that may run no time leaves no last row",
        "forgotten-global",
        """
        def last(rows):
            for row in rows:
                pass
            return row
            #! UnboundLocalError: cannot access local variable 'row' where it is not associated with
            #! a value
        last([])
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_name_that_was_meant_is_put_in(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_name_that_may_be_right_as_it_is_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_another_name_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


def test_either_correction_of_an_assignment_and_its_use_gives_the_same() -> None:
    example = Example(
        """
        def f():
            totl = 3
            return total  #! NameError: name 'total' is not defined
        x = f()
        """
    )
    draft = draft_example(example).candidates[0]
    assert draft.rule in ("misspelled-assignment", "misspelled-name")
    assert run_script(content_of(draft))["x"] == 3


def test_a_misspelled_name_is_forced_where_it_can_only_be_a_typo() -> None:
    example = Example(
        """
          quantity = 3
        - print(quantity + 1, quantty)  #! NameError: name 'quantty' is not defined
        + print(quantity + 1, quantity)
        """
    )
    assert check_fix("misspelled-name", example).forced
