"""What a class needs around its own names: self, super, an object, a property read."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "a method without any parameter",
        "missing-self-parameter",
        """
          class A:
        -     def f():
        +     def f(self):
                  pass
          A().f()  #! TypeError: A.f() takes 0 positional arguments but 1 was given
        """,
    ),
    example_case(
        "a method with another parameter",
        "missing-self-parameter",
        """
          class Report:
        -     def show(day):
        +     def show(self, day):
                  print(day)
          Report().show("mon")
          #! TypeError: Report.show() takes 1 positional argument but 2 were given
        """,
    ),
    example_case(
        "a method that uses self",
        "missing-self-parameter",
        """
          class Report:
              title = "Day"
        -     def show(day):
        +     def show(self, day):
                  print(self.title, day)
          Report().show("mon")
          #! TypeError: Report.show() takes 1 positional argument but 2 were given
        """,
    ),
    example_case(
        "a constructor",
        "missing-self-parameter",
        """
          class Report:
        -     def __init__(day):
        +     def __init__(self, day):
                  self.day = day
          Report("mon")
          #! TypeError: Report.__init__() takes 1 positional argument but 2 were given
        """,
    ),
    example_case(
        "a method of a class of another file is mended there",
        "missing-self-parameter",
        """
        - class Report:
        -     def show():
        -         pass
        - Report().show()  #! TypeError: Report.show() takes 0 positional arguments but 1 was given
        + class Report:
        +     def show(self):
        +         pass
        + Report().show()
        """,
        is_reported=True,
    ),
    example_case(
        "a method called on its class",
        "instance-needed",
        """
          class A:
              def f(self):
                  return 1
        - A.f()  #! TypeError: A.f() missing 1 required positional argument: 'self'
        + A().f()
        """,
    ),
    example_case(
        "in a sum",
        "instance-needed",
        """
          class Report:
              def total(self):
                  return 3
        - print(Report.total() + 1)
        #! TypeError: Report.total() missing 1 required positional argument: 'self'
        + print(Report().total() + 1)
        """,
    ),
    example_case(
        "a base that sets what is asked",
        "missing-super",
        """
          class A:
              def __init__(self):
                  self.n = 1
          class B(A):
              def __init__(self):
        +         super().__init__()
                  self.m = 2
          B().n  #! AttributeError: 'B' object has no attribute 'n'
        """,
    ),
    example_case(
        "a base that wants a value which the subclass has",
        "missing-super",
        """
          class Job:
              def __init__(self, name, retries=3):
                  self.name = name
                  self.retries = retries
          class Nightly(Job):
              def __init__(self, name):
        +         super().__init__(name)
                  self.hour = 2
          print(Nightly("sync").retries)
          #! AttributeError: 'Nightly' object has no attribute 'retries'
        """,
    ),
    example_case(
        "a property",
        "property-called",
        """
          class A:
              @property
              def n(self):
                  return 1
        - x = A().n()  #! TypeError: 'int' object is not callable
        + x = A().n
        """,
    ),
    example_case(
        "a cached property",
        "property-called",
        """
          import functools
          class Report:
              @functools.cached_property
              def rows(self):
                  return [1]
        - print(len(Report().rows()))  #! TypeError: 'list' object is not callable
        + print(len(Report().rows))
        """,
    ),
    example_case(
        "a property of an abstract class",
        "property-called",
        """
          from abc import ABC
          class Report(ABC):
              @property
              def title(self):
                  return "Day"
        - print(Report().title().upper())  #! TypeError: 'str' object is not callable
        + print(Report().title.upper())
        """,
    ),
]
GUESSED = [
    example_case(
        "a base that does more than set may be left out on purpose",
        "missing-super",
        """
          class Log:
              def __init__(self):
                  self.rows = []
                  self.count = 0
                  print("log emptied")
          class Quiet(Log):
              def __init__(self, rows):
        +         super().__init__()
                  self.rows = rows
          print(Quiet([1]).count)  #! AttributeError: 'Quiet' object has no attribute 'count'
        """,
    ),
    example_case(
        "a base that opens a file",
        "missing-super",
        """
          import os
          class Job:
              def __init__(self):
                  self.log = open(os.devnull)
          class Lazy(Job):
              def __init__(self):
        +         super().__init__()
                  self.is_open = False
          Lazy().log  #! AttributeError: 'Lazy' object has no attribute 'log'
        """,
        is_reported=False,
    ),
    example_case(
        "a method that may have been meant as a static one",
        "missing-self-parameter",
        """
          class Report:
        -     def title():
        +     def title(self):
                  return "Day"
          Report().title()
          #! TypeError: Report.title() takes 0 positional arguments but 1 was given
        """,
    ),
    example_case(
        "an object that exists already may have been meant",
        "instance-needed",
        """
          class Report:
              def total(self):
                  return 3
          report = Report()
        - print(Report.total())
        #! TypeError: Report.total() missing 1 required positional argument: 'self'
        + print(Report().total())
        """,
    ),
]
SILENT = [
    example_case(
        "a static method with one value too many",
        "missing-self-parameter",
        """
        class Report:
            @staticmethod
            def title():
                return "Day"
        Report().title("x")
        #! TypeError: Report.title() takes 0 positional arguments but 1 was given
        """,
    ),
    example_case(
        "a function, not a method",
        "missing-self-parameter",
        """
        def title():
            return "Day"
        title("x")  #! TypeError: title() takes 0 positional arguments but 1 was given
        """,
    ),
    example_case(
        "a method with self and one value too many",
        "missing-self-parameter",
        """
        class Report:
            def title(self):
                return "Day"
        Report().title("x")
        #! TypeError: Report.title() takes 1 positional argument but 2 were given
        """,
    ),
    example_case(
        "two values too many",
        "missing-self-parameter",
        """
        class Report:
            def title():
                return "Day"
        Report().title("x")
        #! TypeError: Report.title() takes 0 positional arguments but 2 were given
        """,
    ),
    example_case(
        "the object is not all that is missing",
        "instance-needed",
        """
        class Report:
            def show(self, day):
                return day
        Report.show()
        #! TypeError: Report.show() missing 2 required positional arguments: 'self' and 'day'
        """,
    ),
    example_case(
        "the class itself needs a value",
        "missing-super",
        """
        class Job:
            def __init__(self, name):
                self.name = name
        class Nightly(Job):
            def __init__(self, hour):
                self.hour = hour
        print(Nightly(2).name)  #! AttributeError: 'Nightly' object has no attribute 'name'
        """,
    ),
    example_case(
        "super is called already, and the base sets something else",
        "missing-super",
        """
        class Job:
            def __init__(self):
                self.name = "sync"
        class Nightly(Job):
            def __init__(self):
                super().__init__()
                self.hour = 2
        print(Nightly().day)  #! AttributeError: 'Nightly' object has no attribute 'day'
        """,
    ),
    example_case(
        "the class has no constructor of its own",
        "missing-super",
        """
        class Job:
            def run(self):
                self.day = 1
        class Nightly(Job):
            pass
        print(Nightly().day)  #! AttributeError: 'Nightly' object has no attribute 'day'
        """,
    ),
    example_case(
        "a class variable, not a property",
        "*",
        """
        class A:
            n = 1
        x = A().n()  #! TypeError: 'int' object is not callable
        """,
    ),
    example_case(
        "a property that gives something to call, called with a value",
        "property-called",
        """
        class Report:
            @property
            def total(self):
                return 3
        print(Report().total(2))  #! TypeError: 'int' object is not callable
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_class_gets_what_it_needs(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_what_may_be_left_out_on_purpose_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_a_class_that_may_be_right_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)
