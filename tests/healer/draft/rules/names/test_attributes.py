"""A wrong name after a dot: the class for the module, a module inside another, a misspelling."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "a member of the class, asked of the module",
        "class-for-module",
        """
          import datetime
        - x = datetime.now()  #! AttributeError: module 'datetime' has no attribute 'now'
        + x = datetime.datetime.now()
        """,
    ),
    example_case(
        "a parser of the class",
        "class-for-module",
        """
          import datetime
          text = "2024-01-31"
        - day = datetime.strptime(text, "%Y-%m-%d").date()
        #! AttributeError: module 'datetime' has no attribute 'strptime'
        + day = datetime.datetime.strptime(text, "%Y-%m-%d").date()
        """,
    ),
    example_case(
        "the module under another name",
        "class-for-module",
        """
          import datetime as dt
        - x = dt.utcfromtimestamp(0)
        #! AttributeError: module 'datetime' has no attribute 'utcfromtimestamp'
        + x = dt.datetime.utcfromtimestamp(0)
        """,
    ),
    example_case(
        "a member of the module, asked of the class",
        "class-for-module",
        """
        + from datetime import timedelta
          from datetime import datetime
        - x = datetime.now() - datetime.timedelta(days=1)
        #! AttributeError: type object 'datetime.datetime' has no attribute 'timedelta'
        + x = datetime.now() - timedelta(days=1)
        """,
    ),
    example_case(
        "a function of the module, asked of its class",
        "class-for-module",
        """
        + from collections import namedtuple
          from collections import Counter
        - Pair = Counter.namedtuple("Pair", "a b")
        #! AttributeError: type object 'Counter' has no attribute 'namedtuple'
        + Pair = namedtuple("Pair", "a b")
          print(Counter("ab"))
        """,
    ),
    example_case(
        "a module inside another",
        "submodule-not-imported",
        """
        - import os, xml
        + import os, xml.dom.pulldom
          x = xml.dom.pulldom.START_ELEMENT
          #! AttributeError: module 'xml' has no attribute 'dom'
        """,
        is_reported=True,
    ),
    example_case(
        "concurrent.futures",
        "submodule-not-imported",
        """
        - import concurrent
        + import concurrent.futures
          with concurrent.futures.ThreadPoolExecutor() as pool:
          #! AttributeError: module 'concurrent' has no attribute 'futures'
              print(pool)
        """,
        is_reported=True,
    ),
    example_case(
        "importlib.metadata, which is imported nowhere else",
        "submodule-not-imported",
        """
        - import importlib
        + import importlib.metadata
          print(importlib.metadata.version("pytest"))
          #! AttributeError: module 'importlib' has no attribute 'metadata'
        """,
        is_reported=True,
    ),
    example_case(
        "a method of a text",
        "wrong-attribute",
        """
        - x = "a".uper()  #! AttributeError: 'str' object has no attribute 'uper'
        + x = "a".upper()
        """,
    ),
    example_case(
        "a method with its words run together or apart",
        "wrong-attribute",
        """
        - print("a b".split_lines())  #! AttributeError: 'str' object has no attribute 'split_lines'
        + print("a b".splitlines())
        """,
    ),
    example_case(
        "a method in another case",
        "wrong-attribute",
        """
          rates = {"eur": 1}
        - print(rates.Keys())  #! AttributeError: 'dict' object has no attribute 'Keys'
        + print(rates.keys())
        """,
    ),
    example_case(
        "a method of a list",
        "wrong-attribute",
        """
          rows = []
        - rows.apend(1)  #! AttributeError: 'list' object has no attribute 'apend'
        + rows.append(1)
        """,
    ),
    example_case(
        "a function of a standard module",
        "wrong-attribute",
        """
          import math
        - print(math.flor(2.5))  #! AttributeError: module 'math' has no attribute 'flor'
        + print(math.floor(2.5))
        """,
    ),
    example_case(
        "a constant of a standard module",
        "wrong-attribute",
        """
          import sys
        - print(sys.platfrom != "")  #! AttributeError: module 'sys' has no attribute 'platfrom'
        + print(sys.platform != "")
        """,
    ),
    example_case(
        "a function of the repository's module",
        "wrong-attribute",
        """
          import texts
        - print(texts.slgu("A b"))  #! AttributeError: module 'texts' has no attribute 'slgu'
        + print(texts.slug("A b"))
        """,
        files={"texts.py": "def slug(text):\n    return text.lower()\n"},
        is_reported=True,
    ),
    example_case(
        "a method of the script's own class",
        "wrong-attribute",
        """
          class Report:
              def publish(self):
                  return 3
        - Report().pubilsh()  #! AttributeError: 'Report' object has no attribute 'pubilsh'
        + Report().publish()
        """,
    ),
    example_case(
        "an attribute that __init__ of a base sets",
        "wrong-attribute",
        """
          class Job:
              def __init__(self):
                  self.started = 1
          class Nightly(Job):
              pass
        - print(Nightly().startde)  #! AttributeError: 'Nightly' object has no attribute 'startde'
        + print(Nightly().started)
        """,
    ),
    example_case(
        "a class's own variable",
        "wrong-attribute",
        """
          class Report:
              columns = ["day"]
        - print(Report.colunms)  #! AttributeError: type object 'Report' has no attribute 'colunms'
        + print(Report.columns)
        """,
    ),
    example_case(
        "a method of a class of another file",
        "wrong-attribute",
        """
          from reports import Report
        - Report().pubilsh()  #! AttributeError: 'Report' object has no attribute 'pubilsh'
        + Report().publish()
        """,
        files={"reports.py": "class Report:\n    def publish(self): ...\n"},
        is_reported=True,
    ),
]
GUESSED = [
    example_case(
        "a member of two classes of the module: a day or a moment",
        "class-for-module",
        """
          import datetime
        - x = datetime.today()  #! AttributeError: module 'datetime' has no attribute 'today'
        + x = datetime.datetime.today()
        """,
    ),
    example_case(
        "a name of two real words",
        "wrong-attribute",
        """
          class Limits:
              min_size = 1
              mix_size = 5
        - print(Limits.max_size)
        #! AttributeError: type object 'Limits' has no attribute 'max_size'
        + print(Limits.mix_size)
        """,
    ),
    example_case(
        "date beside data",
        "wrong-attribute",
        """
          class Row:
              data = 3
        - print("on", Row.date)  #! AttributeError: type object 'Row' has no attribute 'date'
        + print("on", Row.data)
        """,
    ),
]
SILENT = [
    example_case(
        "no member is near",
        "*",
        """
        x = "a".frobnicate()  #! AttributeError: 'str' object has no attribute 'frobnicate'
        """,
    ),
    example_case(
        "None has no items either",
        "*",
        """
        x = None
        x['a']  #! TypeError: 'NoneType' object is not subscriptable
        """,
    ),
    example_case(
        "None has no members to guess from",
        "*",
        """
        x = None
        x.total  #! AttributeError: 'NoneType' object has no attribute 'total'
        """,
    ),
    example_case(
        "an attribute that nothing ever sets",
        "*",
        """
        class A:
            def __init__(self):
                self.m = 1
        A().n  #! AttributeError: 'A' object has no attribute 'n'
        """,
    ),
    example_case(
        "the module has neither the name nor a class with it",
        "class-for-module",
        """
        import datetime
        x = datetime.later()  #! AttributeError: module 'datetime' has no attribute 'later'
        """,
    ),
    example_case(
        "another module has a class of its name without the member",
        "class-for-module",
        """
        import decimal
        x = decimal.rounded()  #! AttributeError: module 'decimal' has no attribute 'rounded'
        """,
    ),
    example_case(
        "there is no such module",
        "*",
        """
        import os, xml
        x = xml.unheard_of.START_ELEMENT
        #! AttributeError: module 'xml' has no attribute 'unheard_of'
        """,
        is_reported=True,
    ),
    example_case(
        "a package of others is not looked into",
        "submodule-not-imported",
        """
        import rich
        rich.tables.Table  #! AttributeError: module 'rich' has no attribute 'tables'
        """,
        is_reported=True,
    ),
    example_case(
        "a module that does something when it is imported",
        "wrong-attribute",
        """
        import this
        this.zen  #! AttributeError: module 'this' has no attribute 'zen'
        """,
        is_reported=True,
    ),
    example_case(
        "a name that moved: that is told with its successor",
        "wrong-attribute",
        """
        import gettext
        gettext.ldgettext("a", "b")
        #! AttributeError: module 'gettext' has no attribute 'ldgettext'
        """,
        is_reported=True,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_member_that_was_meant_is_put_in(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_member_that_may_be_missing_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_no_member_is_made_up(rule: str, example: Example) -> None:
    check_silence(rule, example)
