"""What a newer Python or library calls otherwise: every old name of the file is replaced."""

import warnings
from contextlib import suppress
from importlib import import_module

import pytest

from healer.draft.rules.drafter import draft_fixes
from healer.draft.rules.example import Example
from healer.draft.rules.names.renames import old_modules, old_names
from healer.draft.rules.source_files import SourceFiles
from healer.failure import Frame, Raised
from tests.support.memory_tree import MemoryTree
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    content_of,
    draft_example,
    example_case,
)

NO_MAPPING = (
    "ImportError: cannot import name 'Mapping' from 'collections' (collections/__init__.py)"
)
MENDED = [
    example_case(
        "a built-in",
        "removed-builtin",
        """
        - for i in xrange(3):  #! NameError: name 'xrange' is not defined
        + for i in range(3):
              pass
        """,
    ),
    example_case(
        "a built-in with a new home, and methods beside it",
        "removed-builtin",
        """
        + from functools import reduce
          rates = {"a": 2}
          if __name__ == "never":
        -     print(rates.iteritems())
        +     print(rates.items())
          print(reduce(lambda a, b: a * b, [2, 3]))  #! NameError: name 'reduce' is not defined
        """,
    ),
    example_case(
        "each built-in of Python 2 in the file",
        "removed-builtin",
        """
        - print(unicode(3))  #! NameError: name 'unicode' is not defined
        + print(str(3))
        - print(isinstance("a", basestring), unichr(65), long(4))
        + print(isinstance("a", str), chr(65), int(4))
        """,
    ),
    example_case(
        "what the file itself defines by that name stays",
        "removed-builtin",
        """
          def widen(long):
              return long * 2
        - print(widen(unichr(65)))  #! NameError: name 'unichr' is not defined
        + print(widen(chr(65)))
        """,
    ),
    example_case(
        "a table of letters",
        "moved-name",
        """
        - import string
        - print(string.maketrans("a", "b"))
        #! AttributeError: module 'string' has no attribute 'maketrans'
        + print(str.maketrans("a", "b"))
        """,
    ),
    example_case(
        "one of several imported names",
        "moved-name",
        f"""
        - from collections import Mapping, deque
        #! {NO_MAPPING}
        + from collections import deque
        + from collections.abc import Mapping
          x = Mapping
        """,
        is_reported=True,
    ),
    example_case(
        "under another local name, which stays",
        "moved-name",
        f"""
        - from collections import Mapping as Map
        #! {NO_MAPPING}
        + from collections.abc import Mapping as Map
          x = Map
        """,
        is_reported=True,
    ),
    example_case(
        "inside a function, with its indentation",
        "moved-name",
        f"""
          def kinds():
        -     from collections import Mapping, deque
        #! {NO_MAPPING}
        +     from collections import deque
        +     from collections.abc import Mapping
              return Mapping, deque
        """,
        is_reported=True,
    ),
    example_case(
        "as a member of the module",
        "moved-name",
        """
        - import collections
        + import collections.abc
        - x = collections.Mapping
        #! AttributeError: module 'collections' has no attribute 'Mapping'
        + x = collections.abc.Mapping
        """,
    ),
    example_case(
        "names that went to two homes",
        "moved-name",
        """
        - import urllib
        + import urllib.request
        + import urllib.parse
        - x = urllib.quote('a b')  #! AttributeError: module 'urllib' has no attribute 'quote'
        + x = urllib.parse.quote('a b')
        - y = urllib.urlretrieve
        + y = urllib.request.urlretrieve
        """,
        is_reported=True,
    ),
    example_case(
        "a function that is built in now",
        "moved-name",
        """
        - import itertools
        - for a, b in itertools.izip([1], [2]):
        #! AttributeError: module 'itertools' has no attribute 'izip'
        + for a, b in zip([1], [2]):
              pass
        """,
    ),
    example_case(
        "a function of another module; the import goes with its last use",
        "moved-name",
        """
        - import os
        - print(os.errno.ENOENT)  #! AttributeError: module 'os' has no attribute 'errno'
        + import errno
        + print(errno.ENOENT)
        """,
    ),
    example_case(
        "numpy's names for Python's types",
        "moved-name",
        """
          import numpy as np
          def series(values):
        -     return np.asarray(values, dtype=np.float)
        #! AttributeError: module 'numpy' has no attribute 'float'
        +     return np.asarray(values, dtype=float)
          def flags(values):
        -     return np.asarray(values, dtype=np.bool)
        +     return np.asarray(values, dtype=bool)
        """,
        is_reported=True,
    ),
    example_case(
        "numpy's own new names stay with its local name",
        "moved-name",
        """
          import numpy as np
        - print(np.product([2, 3]), np.NaN)
        #! AttributeError: module 'numpy' has no attribute 'product'
        + print(np.prod([2, 3]), np.nan)
        """,
        is_reported=True,
    ),
    example_case(
        "pydantic's settings come from their own package",
        "moved-name",
        """
        - from pydantic import BaseModel, BaseSettings
        #! PydanticImportError: `BaseSettings` has been moved to the `pydantic-settings` package.
        + from pydantic import BaseModel
        + from pydantic_settings import BaseSettings
        """,
        is_reported=True,
    ),
    example_case(
        "SQLAlchemy's relation",
        "moved-name",
        """
        - from sqlalchemy.orm import relation
        #! ImportError: cannot import name 'relation' from 'sqlalchemy.orm'
        + from sqlalchemy.orm import relationship
        - print(relation)
        + print(relationship)
        """,
        is_reported=True,
    ),
    example_case(
        "a name of a module that is gone as a whole",
        "moved-name",
        """
        - from distutils.spawn import find_executable
        #! ModuleNotFoundError: No module named 'distutils'
        + from shutil import which
        - x = find_executable('ls')
        + x = which('ls')
        """,
        is_reported=True,
    ),
    example_case(
        "a module under another name",
        "moved-module",
        """
        - import ConfigParser  #! ModuleNotFoundError: No module named 'ConfigParser'
        + import configparser
        - x = ConfigParser.ConfigParser()
        + x = configparser.ConfigParser()
        """,
    ),
    example_case(
        "a function from a module under another name",
        "moved-module",
        """
        - from urlparse import urljoin  #! ModuleNotFoundError: No module named 'urlparse'
        + from urllib.parse import urljoin
        """,
    ),
    example_case(
        "under a local name of its own, which stays",
        "moved-module",
        """
        - import cPickle as pickle  #! ModuleNotFoundError: No module named 'cPickle'
        + import pickle as pickle
          print(pickle.dumps(1))
        """,
    ),
    example_case(
        "a module whose members have other names too",
        "moved-module",
        """
        - import md5  #! ModuleNotFoundError: No module named 'md5'
        + import hashlib
        - x = md5.new(b'a').hexdigest()
        + x = hashlib.md5(b'a').hexdigest()
        """,
    ),
    example_case(
        "a part of a package under another name, at its uses too",
        "moved-module",
        """
        - import xml.etree.cElementTree
        #! ModuleNotFoundError: No module named 'xml.etree.cElementTree'
        + import xml.etree.ElementTree
        - print(xml.etree.cElementTree.fromstring("<a/>").tag)
        + print(xml.etree.ElementTree.fromstring("<a/>").tag)
        """,
        is_reported=True,
    ),
    example_case(
        "each module of Python 2 in the file",
        "moved-module",
        """
        - import Queue  #! ModuleNotFoundError: No module named 'Queue'
        + import queue
        - import StringIO
        + import io
        - print(Queue.Queue().empty(), StringIO.StringIO("a").read())
        + print(queue.Queue().empty(), io.StringIO("a").read())
        """,
    ),
    example_case(
        "a module that is gone",
        "gone-module",
        """
        - import pipes  #! ModuleNotFoundError: No module named 'pipes'
        + import shlex
        - x = pipes.quote('a b')
        + x = shlex.quote('a b')
        """,
        is_reported=True,
    ),
    example_case(
        "a module that is gone, below another import",
        "gone-module",
        """
        - import sys
        - import imp  #! ModuleNotFoundError: No module named 'imp'
        - imp.reload(sys)
        + import importlib
        + import sys
        + importlib.reload(sys)
        """,
        is_reported=True,
    ),
    example_case(
        "a dictionary's old walk",
        "moved-method",
        """
          d = {}
        - for k, v in d.iteritems():  #! AttributeError: 'dict' object has no attribute 'iteritems'
        + for k, v in d.items():
              pass
        """,
    ),
    example_case(
        "a dictionary's old question",
        "moved-method",
        """
          d = {}
        - if d.has_key('a'):  #! AttributeError: 'dict' object has no attribute 'has_key'
        + if 'a' in d:
              pass
        """,
    ),
    example_case(
        "a dictionary's old question, turned round",
        "moved-method",
        """
          d = {}
        - if not d.has_key("a") and not d:
        #! AttributeError: 'dict' object has no attribute 'has_key'
        + if not ("a" in d) and not d:
              pass
        """,
    ),
    example_case(
        "a dictionary's old question about one of two",
        "moved-method",
        """
          d, is_long = {"a": 1}, True
        - print(d.has_key("a" if is_long else "b"))
        #! AttributeError: 'dict' object has no attribute 'has_key'
        + print((("a" if is_long else "b") in d))
        """,
    ),
    example_case(
        "an iterator's old step",
        "moved-method",
        """
          rows = iter([1, 2])
        - head = rows.next()  #! AttributeError: 'list_iterator' object has no attribute 'next'
        + head = next(rows)
        """,
    ),
    example_case(
        "a thread's old question",
        "moved-method",
        """
          import threading
        - print(threading.Thread().isAlive())
        #! AttributeError: 'Thread' object has no attribute 'isAlive'
        + print(threading.Thread().is_alive())
        """,
    ),
]
GUESSED = [
    example_case(
        "the rest of a script of Python 2 means something else now",
        "removed-builtin",
        """
        - print(sum(1 for n in xrange(25)) / 10)  #! NameError: name 'xrange' is not defined
        + print(sum(1 for n in range(25)) / 10)
        """,
    ),
    example_case(
        "a view that was a list",
        "moved-method",
        """
          rates = {"eur": 1}
          if __name__ == "never":
              print(rates.keys())
        - for name, rate in rates.iteritems():
        #! AttributeError: 'dict' object has no attribute 'iteritems'
        + for name, rate in rates.items():
              print(name)
        """,
    ),
    example_case(
        "a module whose name only our own table has",
        "moved-module",
        """
        - import sets  #! ModuleNotFoundError: No module named 'sets'
        + import builtins
        - print(sets.Set([1]))
        + print(set([1]))
        """,
    ),
    example_case(
        "a moment's clock",
        "moved-name",
        """
          import time
        - t = time.clock()  #! AttributeError: module 'time' has no attribute 'clock'
        + t = time.perf_counter()
        """,
    ),
    example_case(
        "processor time or time of day",
        "moved-name",
        """
          import time
        - begun = time.clock()  #! AttributeError: module 'time' has no attribute 'clock'
        + begun = time.perf_counter()
        - print(time.clock() - begun < 5)
        + print(time.perf_counter() - begun < 5)
        """,
    ),
    example_case(
        "letters of the machine's language",
        "moved-name",
        """
          import string
        - x = string.letters  #! AttributeError: module 'string' has no attribute 'letters'
        + x = string.ascii_letters
        """,
    ),
    example_case(
        "a result with more fields than before",
        "moved-name",
        """
          import inspect
          def f(a, *, b=1):
              pass
        - print(len(inspect.getargspec(f)))
        #! AttributeError: module 'inspect' has no attribute 'getargspec'
        + print(len(inspect.getfullargspec(f)))
        """,
    ),
    example_case(
        "an escape that leaves quotes as they are",
        "moved-name",
        """
        - import cgi
        - print(cgi.escape("<a>"))  #! AttributeError: module 'cgi' has no attribute 'escape'
        + import html
        + print(html.escape("<a>"))
        """,
        is_reported=True,
    ),
    example_case(
        "a divisor with a sign",
        "moved-name",
        """
        - import fractions
        - x = fractions.gcd(4, 6)  #! AttributeError: module 'fractions' has no attribute 'gcd'
        + import math
        + x = math.gcd(4, 6)
        """,
    ),
]
SILENT = [
    example_case(
        "a name that never was there",
        "moved-name",
        """
        import collections
        collections.Rates  #! AttributeError: module 'collections' has no attribute 'Rates'
        """,
    ),
    example_case(
        "an old name in the file, and a failure about another",
        "moved-name",
        """
        import itertools
        def pairs(a, b):
            return itertools.izip(a, b)
        itertools.unheard_of  #! AttributeError: module 'itertools' has no attribute 'unheard_of'
        """,
    ),
    example_case(
        "an own module of the same name",
        "moved-name",
        """
        from time import clocks  #! ImportError: cannot import name 'clocks' from 'time'
        """,
        is_reported=True,
    ),
    example_case(
        "a module that never was there",
        "moved-module",
        """
        import RateParser  #! ModuleNotFoundError: No module named 'RateParser'
        """,
    ),
    example_case(
        "a module that is gone, with a use that lives nowhere",
        "*",
        """
        import pipes  #! ModuleNotFoundError: No module named 'pipes'
        x = pipes.quote('a b')
        y = pipes.unheard_of
        """,
        is_reported=True,
    ),
    example_case(
        "a module that is gone, of which nothing is used",
        "gone-module",
        """
        import pipes  #! ModuleNotFoundError: No module named 'pipes'
        """,
        is_reported=True,
    ),
    example_case(
        "a module that is gone, imported with another",
        "gone-module",
        """
        import pipes, os  #! ModuleNotFoundError: No module named 'pipes'
        x = pipes.quote(os.sep)
        """,
        is_reported=True,
    ),
    example_case(
        "isinstance with kinds of syntax: the successor takes in all constants",
        "moved-name",
        """
        import ast
        def is_number(node):
            return isinstance(node, ast.Num)
        #! AttributeError: module 'ast' has no attribute 'Num'
        """,
        is_reported=True,
    ),
    example_case(
        "a parameter of a built-in's old name",
        "removed-builtin",
        """
        def total(long):
            return long + lang  #! NameError: name 'lang' is not defined
        total(1)
        """,
    ),
    example_case(
        "a method of a class of one's own, which has neither",
        "moved-method",
        """
        class Rates:
            def rows(self):
                return []
        Rates().iteritems()  #! AttributeError: 'Rates' object has no attribute 'iteritems'
        """,
    ),
    example_case(
        "a method that never was there",
        "moved-method",
        """
        {}.iterrates()  #! AttributeError: 'dict' object has no attribute 'iterrates'
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_new_name_takes_the_old_one_s_place(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_successor_that_does_something_else_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_what_has_no_successor_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


NAMES = [
    (old, successor)
    for old, successor in old_names().items()
    if not any(f"{old}.".startswith(f"{module}.") for module in old_modules())
]


@pytest.mark.parametrize(("old", "successor"), NAMES, ids=[old for old, _ in NAMES])
def test_a_name_of_the_table_is_replaced_where_it_is_used(old: str, successor: object) -> None:
    module, _, attribute = old.rpartition(".")
    example = Example(
        f"""
        import {module}
        x = {old}  #! AttributeError: module '{module}' has no attribute '{attribute}'
        """
    )
    draft = draft_example(example).candidates[0]
    assert draft.rule == "moved-name"
    assert content_of(draft).endswith(f"x = {successor}\n")
    frame = Frame(file="job.py", line=2, function="<module>", own=True)
    message = f"module '{module}' has no attribute 'unheard_of'"
    other = Raised(type="AttributeError", message=message, frames=(frame,))
    assert "moved-name" not in {d.rule for d in draft_example(example, other).candidates}


@pytest.mark.parametrize(
    "old", [name for name, successor in old_names().items() if successor.difference]
)
def test_a_successor_that_differs_is_never_forced_and_says_how(old: str) -> None:
    module, _, attribute = old.rpartition(".")
    example = Example(
        f"""
        from {module} import {attribute}
        #! ImportError: cannot import name '{attribute}' from '{module}'
        print({attribute})
        """
    )
    drafts = [d for d in draft_example(example).candidates if d.rule == "moved-name"]
    assert [draft.forced for draft in drafts] == [""]
    assert ", but " in drafts[0].cause


def is_forced(text: str, error: str, message: str, *others: str) -> bool:
    """Whether the first draft for a failure of line 1 is forced, with what was really measured."""
    files = SourceFiles(MemoryTree({"job.py": text, **dict.fromkeys(others, "")}))
    frame = Frame(file="job.py", line=1, function="<module>", own=True)
    drafts = draft_fixes([Raised(type=error, message=message, frames=(frame,))], files)
    assert drafts[0].rule == "moved-name"
    return bool(drafts[0].forced)


OLD_CLASS = "cannot import name 'Mapping' from 'collections' (/lib/collections/__init__.py)"
OLD_TYPE = "module 'numpy' has no attribute 'float'"


@pytest.mark.parametrize(
    ("text", "others", "is_only"),
    [
        ("from collections import Mapping, deque\nprint(deque, Mapping)\n", (), True),
        ("from collections import Mapping\nprint(Mapping)\n", ("lib/collections.py",), False),
    ],
)
def test_the_same_class_elsewhere_is_the_only_fix(
    text: str, others: tuple[str, ...], *, is_only: bool
) -> None:
    assert is_forced(text, "ImportError", OLD_CLASS, *others) is is_only


@pytest.mark.parametrize(
    ("text", "others", "is_only"),
    [
        ("import numpy as np; x = np.float(1)\n", (), True),
        ("import numpy as np; x = np.float(1)\nfloat = int\n", (), False),
        ("import numpy as np; x = np.float(1)\n", ("numpy/__init__.py",), False),
        ("import numpy as np; x = np.float(np.product([1]))\n", (), False),
    ],
    ids=["itself", "the file means something else by it", "own module", "another that differs"],
)
def test_the_same_type_by_its_plain_name_is_the_only_fix(
    text: str, others: tuple[str, ...], *, is_only: bool
) -> None:
    assert is_forced(text, "AttributeError", OLD_TYPE, *others) is is_only


def test_what_is_said_to_be_the_same_object_is_one_here() -> None:
    same = [each for each in old_names().values() if each.is_same]
    assert len(same) > 30
    for successor in same:
        with suppress(ImportError, AttributeError):  # gone on this release
            module, _, name = successor.old.rpartition(".")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                old = getattr(import_module(module), name)
            assert old is getattr(import_module(successor.module), successor.attribute)
