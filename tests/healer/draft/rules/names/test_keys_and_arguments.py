"""Names in brackets and before `=`: a typo is corrected, a missing value is never invented."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "two letters in another order",
        "wrong-key",
        """
          row = {"user": 1}
        - print(row["usre"])  #! KeyError: 'usre'
        + print(row["user"])
        """,
    ),
    example_case(
        "in quotes of its own kind, which stay",
        "wrong-key",
        """
          row = {'user': 1}
        - print(row['usre'])  #! KeyError: 'usre'
        + print(row['user'])
        """,
    ),
    example_case(
        "a column that the recorded row shows",
        "wrong-key",
        """
          def name_of(row):
        -     return row["frist_name"]  #! KeyError: 'frist_name'
        +     return row["first_name"]
        """,
        recorded={"row": "{'first_name': 'ann', 'age': '31'}"},
        is_reported=True,
    ),
    example_case(
        "a column that a list of columns names",
        "wrong-key",
        """
          COLUMNS = ["day", "amount"]
          def amount(row):
        -     return row["amuont"]  #! KeyError: 'amuont'
        +     return row["amount"]
        """,
        is_reported=True,
    ),
    example_case(
        "a key that is used elsewhere on the same name",
        "wrong-key",
        """
          def show(row):
              print(row["quantity"])
        -     print(row["quantiyt"])  #! KeyError: 'quantiyt'
        +     print(row["quantity"])
        """,
        is_reported=True,
    ),
    example_case(
        "an underscore",
        "wrong-key",
        """
          row = {"unit_price": 3}
        - print(row["unitprice"])  #! KeyError: 'unitprice'
        + print(row["unit_price"])
        """,
    ),
    example_case(
        "a parameter of a function",
        "wrong-argument-name",
        """
          def f(width):
              pass
        - f(widht=3)  #! TypeError: f() got an unexpected keyword argument 'widht'
        + f(width=3)
        """,
    ),
    example_case(
        "a parameter that takes its value by name only",
        "wrong-argument-name",
        """
          def send(text, *, subject):
              return text + subject
        - send("a", subejct="b")  #! TypeError: send() got an unexpected keyword argument 'subejct'
        + send("a", subject="b")
        """,
    ),
    example_case(
        "a field of a class",
        "wrong-argument-name",
        """
          class Rate:
              def __init__(self, currency, value):
                  self.value = value
        - Rate("eur", vlaue=1)
        #! TypeError: Rate.__init__() got an unexpected keyword argument 'vlaue'
        + Rate("eur", value=1)
        """,
    ),
    example_case(
        "a built-in function's argument",
        "wrong-argument-name",
        """
        - print(sorted([2, 1], revese=True))
        #! TypeError: 'revese' is an invalid keyword argument for sort()
        + print(sorted([2, 1], reverse=True))
        """,
    ),
    example_case(
        "an argument of a type of the standard library",
        "wrong-argument-name",
        """
          from datetime import datetime, timedelta
        - print(datetime(2026, 1, 2) - timedelta(dayes=3))
        #! TypeError: 'dayes' is an invalid keyword argument for __new__()
        + print(datetime(2026, 1, 2) - timedelta(days=3))
        """,
        is_reported=True,
    ),
    example_case(
        "a function of another file",
        "wrong-argument-name",
        """
          from texts import slug
        - slug("A b", seperator="-")
        #! TypeError: slug() got an unexpected keyword argument 'seperator'
        + slug("A b", separator="-")
        """,
        files={"texts.py": "def slug(text, separator):\n    return text\n"},
        is_reported=True,
    ),
    example_case(
        "a value that has an equals sign too",
        "wrong-argument-name",
        """
          def check(limit, is_exact):
              return limit
        - check(limti=3, is_exact=2 == 3)
        #! TypeError: check() got an unexpected keyword argument 'limti'
        + check(limit=3, is_exact=2 == 3)
        """,
    ),
    example_case(
        "a key asked for as an attribute",
        "key-as-attribute",
        """
          row = {'name': 1}
        - x = row.name  #! AttributeError: 'dict' object has no attribute 'name'
        + x = row["name"]
        """,
    ),
    example_case(
        "of a row that the hook has recorded",
        "key-as-attribute",
        """
          def total(rows):
        -     return sum(row.amount for row in rows)
        #! AttributeError: 'dict' object has no attribute 'amount'
        +     return sum(row["amount"] for row in rows)
        """,
        recorded={"row": "{'amount': 3}"},
        is_reported=True,
    ),
    example_case(
        "of a part of a document",
        "key-as-attribute",
        """
          reply = {"user": {"name": "ann"}}
        - print(reply["user"].name)  #! AttributeError: 'dict' object has no attribute 'name'
        + print(reply["user"]["name"])
        """,
    ),
    example_case(
        "an attribute asked for as a key",
        "attribute-as-key",
        """
          class Job:
              def __init__(self):
                  self.name = 1
        - x = Job()['name']  #! TypeError: 'Job' object is not subscriptable
        + x = Job().name
        """,
    ),
    example_case(
        "a field of a named tuple",
        "attribute-as-key",
        """
          from collections import namedtuple
          P = namedtuple('P', 'a b')
        - x = P(1, 2)['b']  #! TypeError: tuple indices must be integers or slices, not str
        + x = P(1, 2).b
        """,
    ),
    example_case(
        "a field of a typed named tuple",
        "attribute-as-key",
        """
          from typing import NamedTuple
          class Price(NamedTuple):
              amount: int
        - print(Price(3)["amount"])  #! TypeError: tuple indices must be integers or slices, not str
        + print(Price(3).amount)
        """,
    ),
    example_case(
        "a field of a data class",
        "attribute-as-key",
        """
          from dataclasses import dataclass
          @dataclass
          class Rate:
              value: int
          rates = [Rate(1), Rate(2)]
        - print(rates[0]["value"])  #! TypeError: 'Rate' object is not subscriptable
        + print(rates[0].value)
        """,
    ),
]
GUESSED = [
    example_case(
        "an argument in another currency",
        "wrong-argument-name",
        """
          def bill(cost_eur=1):
              return cost_eur
        - print(bill(cost_eut=2))
        #! TypeError: bill() got an unexpected keyword argument 'cost_eut'
        + print(bill(cost_eur=2))
        """,
    ),
    example_case(
        "another word as argument",
        "wrong-argument-name",
        """
          def cut(text, start=0):
              return text
        - print(cut("a", stark=1))  #! TypeError: cut() got an unexpected keyword argument 'stark'
        + print(cut("a", start=1))
        """,
    ),
    example_case(
        "one second or many",
        "wrong-argument-name",
        """
          def pause(seconds=1, second_try=False):
              return seconds, second_try
        - print(pause(second=5))  #! TypeError: pause() got an unexpected keyword argument 'second'
        + print(pause(seconds=5))
        """,
    ),
]
SILENT = [
    example_case(
        "an argument that the type has not, nor one like it",
        "wrong-argument-name",
        """
        from datetime import timedelta
        print(timedelta(years=3))
        #! TypeError: 'years' is an invalid keyword argument for __new__()
        """,
        is_reported=True,
    ),
    example_case(
        "a type that is not known",
        "wrong-argument-name",
        """
        from array import array as timer
        print(timer(dayes=3))  #! TypeError: 'dayes' is an invalid keyword argument for __new__()
        """,
        is_reported=True,
    ),
    example_case(
        "one beside many in the data",
        "wrong-key",
        """
        book = {"title": "x", "authors": ["y"]}
        print(book["author"])  #! KeyError: 'author'
        """,
    ),
    example_case(
        "a missing column is data, never invented",
        "*",
        """
        row = {'a': 1}
        print(row['total'])  #! KeyError: 'total'
        """,
    ),
    example_case(
        "a column that was dropped, beside two that are near each other only",
        "wrong-key",
        """
        import csv
        rows = list(csv.DictReader(["day,temp_min,temp_max", "1,3,9"]))
        print(sum(float(row["temp_in"]) for row in rows))  #! KeyError: 'temp_in'
        """,
    ),
    example_case(
        "a field that the service dropped: another date is no substitute",
        "*",
        """
        data = {"id": 7, "login": "ann", "updated_at": "2024-05-01"}
        print(data["created_at"])  #! KeyError: 'created_at'
        """,
    ),
    example_case(
        "a key that is a number",
        "wrong-key",
        """
        rates = {1: "eur", 2: "usd"}
        print(rates[3])  #! KeyError: 3
        """,
    ),
    example_case(
        "a key from a variable",
        "wrong-key",
        """
        rates, name = {"euro": 1.1}, "euor"
        print(rates[name])  #! KeyError: 'euor'
        """,
    ),
    example_case(
        "two keys are equally close",
        "wrong-key",
        """
        row = {"rate_a": 1, "rate_b": 2}
        print(row["rate_c"])  #! KeyError: 'rate_c'
        """,
    ),
    example_case(
        "the argument's name is near none",
        "wrong-argument-name",
        """
        def f(width):
            pass
        f(colour=3)  #! TypeError: f() got an unexpected keyword argument 'colour'
        """,
    ),
    example_case(
        "the near parameter is given already",
        "wrong-argument-name",
        """
        def f(width):
            pass
        f(width=2, widht=3)  #! TypeError: f() got an unexpected keyword argument 'widht'
        """,
    ),
    example_case(
        "the only near name collects what is left over",
        "wrong-argument-name",
        """
        def f(*widths):
            pass
        f(width=3)  #! TypeError: f() got an unexpected keyword argument 'width'
        """,
    ),
    example_case(
        "the function is not the repository's",
        "wrong-argument-name",
        """
        import shutil
        shutil.copyfile("a", "b", folow_symlinks=False)
        #! TypeError: copyfile() got an unexpected keyword argument 'folow_symlinks'
        """,
    ),
    example_case(
        "another word in place of a built-in function's argument",
        "wrong-argument-name",
        """
        print(max(1, 2, keys=3))  #! TypeError: max() got an unexpected keyword argument 'colour'
        """,
        is_reported=True,
    ),
    example_case(
        "a dictionary without that key",
        "key-as-attribute",
        """
        row = {'a': 1}
        row.total  #! AttributeError: 'dict' object has no attribute 'total'
        """,
    ),
    example_case(
        "a key that the recorded row lacks and the file never names",
        "key-as-attribute",
        """
        def total(row):
            return row.amount  #! AttributeError: 'dict' object has no attribute 'amount'
        """,
        recorded={"row": "{'price': 3}"},
        is_reported=True,
    ),
    example_case(
        "a list has no keys",
        "key-as-attribute",
        """
        rows = [{"name": 1}]
        rows.name  #! AttributeError: 'list' object has no attribute 'name'
        """,
    ),
    example_case(
        "a class without that attribute",
        "*",
        """
        class A:
            pass
        x = A()['name']  #! TypeError: 'A' object is not subscriptable
        """,
    ),
    example_case(
        "a plain tuple",
        "*",
        """
        x = (1, 2)['a']  #! TypeError: tuple indices must be integers or slices, not str
        """,
    ),
    example_case(
        "a named tuple without that field",
        "attribute-as-key",
        """
        from collections import namedtuple
        Price = namedtuple("Price", "amount")
        print(Price(3)["total"])  #! TypeError: tuple indices must be integers or slices, not str
        """,
    ),
    example_case(
        "an index, not a name",
        "attribute-as-key",
        """
        class A:
            n = 1
        A()[0]  #! TypeError: 'A' object is not subscriptable
        """,
    ),
    example_case(
        "text is asked for a letter",
        "*",
        """
        x = 'abc'
        y = x['a']  #! TypeError: string indices must be integers, not 'str'
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
def test_missing_data_is_not_made_up(rule: str, example: Example) -> None:
    check_silence(rule, example)
