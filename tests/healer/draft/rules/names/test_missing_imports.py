"""A name that was never imported gets its import where nearly every program has the same one."""

import pytest

from healer.draft.rules.example import Example
from healer.draft.rules.scope import USUAL_HOMES
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "the submodule that is used, not the package alone",
        "missing-import",
        """
        + import urllib.parse
        - print(urllib.parse.quote("a b"))  #! NameError: name 'urllib' is not defined
        + print(urllib.parse.quote("a b"))
        """,
    ),
    example_case(
        "each submodule that the file uses",
        "missing-import",
        """
        + import urllib.error
        + import urllib.parse
          if __name__ == "never":
              raise urllib.error.URLError("")
        - print(urllib.parse.quote("a b"))  #! NameError: name 'urllib' is not defined
        + print(urllib.parse.quote("a b"))
        """,
    ),
    example_case(
        "the deepest module of a chain",
        "missing-import",
        """
        + import xml.etree.ElementTree
        - print(xml.etree.ElementTree.Element("a").tag)  #! NameError: name 'xml' is not defined
        + print(xml.etree.ElementTree.Element("a").tag)
        """,
    ),
    example_case(
        "a module",
        "missing-import",
        """
        + import json
        - print(json.dumps([1]))  #! NameError: name 'json' is not defined
        + print(json.dumps([1]))
        """,
    ),
    example_case(
        "a class with one home",
        "missing-import",
        """
        + from collections import defaultdict
        - x = defaultdict(list)  #! NameError: name 'defaultdict' is not defined
        + x = defaultdict(list)
        """,
    ),
    example_case(
        "datetime is asked for what the class has",
        "missing-import",
        """
        + from datetime import datetime
        - x = datetime.now()  #! NameError: name 'datetime' is not defined
        + x = datetime.now()
        """,
    ),
    example_case(
        "datetime is asked for what the module has",
        "missing-import",
        """
        + import datetime
        - x = datetime.date(2024, 1, 1) + datetime.timedelta(1)
        #! NameError: name 'datetime' is not defined
        + x = datetime.date(2024, 1, 1) + datetime.timedelta(1)
        """,
    ),
    example_case(
        "the import goes after the docstring and the future",
        "missing-import",
        '''
          """Day report."""
          from __future__ import annotations
        + import re
          def number(text):
        -     return re.search("[0-9]+", text)[0]  #! NameError: name 're' is not defined
        +     return re.search("[0-9]+", text)[0]
          print(number("day 3"))
        ''',
    ),
    example_case(
        "the import goes before those that there are",
        "missing-import",
        """
        + import os
          import sys
          print(sys.maxsize)
        - print(os.sep)  #! NameError: name 'os' is not defined
        + print(os.sep)
        """,
    ),
    example_case(
        "the interpreter line and the coding line stay first",
        "missing-import",
        """
          #!/usr/bin/env python3
          # -*- coding: utf-8 -*-
        + import math
        - print(math.pi)  #! NameError: name 'math' is not defined
        + print(math.pi)
        """,
    ),
    example_case(
        "an alias that nearly every program has",
        "missing-import",
        """
        + import datetime as dt
        - x = dt.date(2024, 1, 1)  #! NameError: name 'dt' is not defined
        + x = dt.date(2024, 1, 1)
        """,
    ),
    example_case(
        "a base class",
        "missing-import",
        """
        + from enum import Enum
        - class Kind(Enum):  #! NameError: name 'Enum' is not defined
        + class Kind(Enum):
              A = 1
        """,
    ),
    example_case(
        "a class in an except clause",
        "missing-import",
        """
        + from json import JSONDecodeError
          import json
          try:
              json.loads("{")
        - except JSONDecodeError:  #! NameError: name 'JSONDecodeError' is not defined
        + except JSONDecodeError:
              print("no JSON")
        """,
    ),
    example_case(
        "a constant that is printed",
        "missing-import",
        """
        + from math import pi
        - print(pi)  #! NameError: name 'pi' is not defined
        + print(pi)
        """,
    ),
    example_case(
        "a function deep in a call",
        "missing-import",
        """
        + from math import ceil
          pages = 7
        - print("pages:", int(ceil(pages / 2)))  #! NameError: name 'ceil' is not defined
        + print("pages:", int(ceil(pages / 2)))
        """,
    ),
    example_case(
        "a class that is handed on",
        "missing-import",
        """
        + from collections import Counter
          import functools
        - count = functools.partial(Counter, "abba")  #! NameError: name 'Counter' is not defined
        + count = functools.partial(Counter, "abba")
          print(count())
        """,
    ),
    example_case(
        "a decorator",
        "missing-import",
        """
        + from dataclasses import dataclass
        - @dataclass  #! NameError: name 'dataclass' is not defined
        + @dataclass
          class Rate:
              value: float
        """,
    ),
    example_case(
        "the only module beside the script that defines it",
        "import-from-repository",
        """
        + from textual import slug
        - print(slug("A b"))  #! NameError: name 'slug' is not defined
        + print(slug("A b"))
        """,
        files={"textual.py": "def slug(text):\n    return text\n"},
    ),
    example_case(
        "a class of the module beside the script, in a folder",
        "import-from-repository",
        """
        + from rates import Rate
        - print(Rate(3))  #! NameError: name 'Rate' is not defined
        + print(Rate(3))
        """,
        path="jobs/job.py",
        files={"jobs/rates.py": "class Rate:\n    def __init__(self, value): ...\n"},
        is_reported=True,
    ),
    example_case(
        "tests that define it too do not count",
        "import-from-repository",
        """
        + from texts import slug
        - print(slug("A b"))  #! NameError: name 'slug' is not defined
        + print(slug("A b"))
        """,
        files={"texts.py": "def slug(text): ...\n", "test_texts.py": "def slug(text): ...\n"},
    ),
]
GUESSED = [
    example_case(
        "a name of an imported module, in two places",
        "name-of-imported-module",
        """
          import smtplib
          def send(server):
        -     raise SMTPException("no")  #! NameError: name 'SMTPException' is not defined
        +     raise smtplib.SMTPException("no")
          def retry(error):
        -     return isinstance(error, SMTPException)
        +     return isinstance(error, smtplib.SMTPException)
        """,
        is_reported=True,
    ),
    example_case(
        "a name of the repository's own module",
        "name-of-imported-module",
        """
          import rates as r
        - print(latest())  #! NameError: name 'latest' is not defined
        + print(r.latest())
        """,
        files={"rates.py": "def latest():\n    return 1\n"},
        is_reported=True,
    ),
    example_case(
        "a name with two homes: for a shell or for a web address",
        "missing-import",
        """
        + from shlex import quote
        - print("https://shop.example/?q=" + quote("a b/c"))
        #! NameError: name 'quote' is not defined
        + print("https://shop.example/?q=" + quote("a b/c"))
        """,
    ),
    example_case(
        "a name that scripts give to values of their own",
        "missing-import",
        """
        + from itertools import count
          rows = [1, 2]
        - print("rows:", count)  #! NameError: name 'count' is not defined
        + print("rows:", count)
        """,
    ),
    example_case(
        "sleep of time or of asyncio",
        "missing-import",
        """
        + from time import sleep
        - sleep(0)  #! NameError: name 'sleep' is not defined
        + sleep(0)
        """,
    ),
    example_case(
        "a root of numbers or of arrays, where numpy is imported",
        "missing-import",
        """
        + from math import sqrt
          import numpy as np
        - print(sqrt(np.array([4, 9])))  #! NameError: name 'sqrt' is not defined
        + print(sqrt(np.array([4, 9])))
        """,
        is_reported=True,
    ),
    example_case(
        "a class printed like a value of the script's own",
        "missing-import",
        """
        + from itertools import product
          sold = "tea"
        - print(f"sold {product}")  #! NameError: name 'product' is not defined
        + print(f"sold {product}")
        """,
    ),
]
SILENT = [
    example_case(
        "two imported modules have the name",
        "name-of-imported-module",
        """
        import math
        import cmath
        print(sqrt(2))  #! NameError: name 'sqrt' is not defined
        """,
    ),
    example_case(
        "a module without what is asked of it",
        "missing-import",
        """
        print(queue.people)  #! NameError: name 'queue' is not defined
        """,
    ),
    example_case(
        "a module that lacks what another line asks of the name",
        "missing-import",
        """
        def load():
            return calendar.rows
        print(calendar.month)  #! NameError: name 'calendar' is not defined
        """,
    ),
    example_case(
        "an alias without what is asked of it",
        "missing-import",
        """
        print(dt.year)  #! NameError: name 'dt' is not defined
        """,
    ),
    example_case(
        "a function that two modules beside the script define",
        "import-from-repository",
        """
        print(slug("A b"))  #! NameError: name 'slug' is not defined
        """,
        files={"one.py": "def slug(text): ...\n", "two.py": "def slug(text): ...\n"},
    ),
    example_case(
        "only a test defines it",
        "import-from-repository",
        """
        print(slug("A b"))  #! NameError: name 'slug' is not defined
        """,
        files={"test_texts.py": "def slug(text): ...\n"},
    ),
    example_case(
        "the module that defines it lies elsewhere",
        "import-from-repository",
        """
        print(slug("A b"))  #! NameError: name 'slug' is not defined
        """,
        files={"lib/texts.py": "def slug(text): ...\n"},
    ),
    example_case(
        "another module only assigns it",
        "import-from-repository",
        """
        print(limit)  #! NameError: name 'limit' is not defined
        """,
        files={"settings.py": "limit = 3\n"},
    ),
    example_case(
        "a module's name that is used as a value",
        "missing-import",
        """
        json = [1] if 0 else calendar  #! NameError: name 'calendar' is not defined
        """,
    ),
    example_case(
        "a usual alias that is used as a value",
        "missing-import",
        """
        total = 3
        print(np + total)  #! NameError: name 'np' is not defined
        """,
    ),
    example_case(
        "a name that is assigned later in the function",
        "missing-import",
        """
        def days():
            print(calendar.day_name)  #! UnboundLocalError: local variable 'calendar' referenced
            calendar = None
        days()
        """,
        is_reported=True,
    ),
    example_case(
        "the statistics module has a mean, and so has the script's own library",
        "*",
        """
        def typical(values):
            return mean(values)  #! NameError: name 'mean' is not defined
        print(typical([1, 2, 9]))
        """,
    ),
    example_case(
        "a name that nothing knows",
        "*",
        """
        print(customer_total)  #! NameError: name 'customer_total' is not defined
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_import_that_was_forgotten_is_added(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_an_import_with_another_home_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_nothing_is_imported_that_may_not_be_meant(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize("name", sorted(set(USUAL_HOMES) - {"reduce"}))
def test_no_name_from_a_module_is_forced_home(name: str) -> None:
    use = f"{name}(1)"
    check_guess(
        "missing-import",
        Example(
            f"""
            + from {USUAL_HOMES[name]} import {name}
            - x = {use}  #! NameError: name '{name}' is not defined
            + x = {use}
            """
        ),
    )
