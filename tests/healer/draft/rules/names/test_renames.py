"""The table of new names: each has its source, and a whole file is put to them."""

import ast

import pytest

from healer.draft.rules.names.renames import (
    Renames,
    Successor,
    old_builtins,
    old_modules,
    old_names,
    python2_edits,
    rename_builtins,
    rename_methods,
    rename_modules,
    rename_names,
    table,
)
from healer.draft.rules.source_file import SourceFile, apply_edits

EVERY = [*old_names().values(), *old_modules().values(), *old_builtins().values()]
METHODS = {old: new for group in table() for old, new in group.get("methods", {}).items()}


def apply_renames(text: str, renames: Renames) -> str:
    return apply_edits(text, renames.edits)


def test_every_group_names_its_source() -> None:
    assert all(group["source"].startswith("https://") for group in table())
    assert len(EVERY) + len(METHODS) > 240


@pytest.mark.parametrize("successor", EVERY, ids=lambda successor: successor.old)
def test_no_name_is_its_own_successor(successor: Successor) -> None:
    assert str(successor) != successor.old
    assert successor.source.startswith("https://")
    assert successor.difference == successor.difference.strip().rstrip(".")


@pytest.mark.parametrize("old", old_names())
def test_a_name_s_successor_has_a_module(old: str) -> None:
    successor = old_names()[old]
    assert ":" in successor.new
    assert successor.module


def test_what_differs_is_a_name_of_its_group() -> None:
    for group in table():
        names = {**group.get("names", {}), **group.get("modules", {}), **group.get("builtins", {})}
        assert set(group.get("differs", {})) <= set(names)


@pytest.mark.parametrize(
    ("new", "module", "attribute", "local_name", "text"),
    [
        ("math:gcd", "math", "gcd", "gcd", "math.gcd"),
        ("builtins:zip", "builtins", "zip", "zip", "zip"),
        ("builtins:str.maketrans", "builtins", "str.maketrans", "str.maketrans", "str.maketrans"),
        ("errno:", "errno", "", "errno", "errno"),
        ("urllib.parse:", "urllib.parse", "", "urllib.parse", "urllib.parse"),
        ("range", "range", "", "range", "range"),
    ],
)
def test_a_successor_is_read_in_its_parts(
    new: str, module: str, attribute: str, local_name: str, text: str
) -> None:
    successor = Successor("old", new, "https://docs.python.org/3/")
    assert (successor.module, successor.attribute) == (module, attribute)
    assert (successor.local_name, str(successor)) == (local_name, text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import time\ntime.clock()\n", "import time\ntime.perf_counter()\n"),
        ("import time as t\nt.clock()\n", "import time as t\nt.perf_counter()\n"),
        (
            "from itertools import izip as pair, chain\npair(chain())\n",
            "from itertools import chain\npair = zip\npair(chain())\n",
        ),
        ("from itertools import imap\nimap(str, [])\n", "pass\nmap(str, [])\n"),
        ("from os import errno\nerrno.ENOENT\n", "import errno\nerrno.ENOENT\n"),
        (
            "from string import letters, digits\nletters + digits\n",
            "from string import digits\nfrom string import ascii_letters\nascii_letters + digits\n",
        ),
        ("import math\nmath.gcd(1, 2)\n", "import math\nmath.gcd(1, 2)\n"),
        (
            "import numpy\nx = numpy.AxisError\n",
            "import numpy.exceptions\nx = numpy.exceptions.AxisError\n",
        ),
        ("class A:\n    clock = 1\nA.clock\n", "class A:\n    clock = 1\nA.clock\n"),
        ("import time\ntime.clock = None\n", "import time\ntime.clock = None\n"),
        ("from .time import clock\nclock()\n", "from .time import clock\nclock()\n"),
        ("clock()\n", "clock()\n"),
    ],
)
def test_names_are_replaced_by_what_the_file_s_imports_mean(before: str, after: str) -> None:
    text = apply_renames(before, rename_names(SourceFile("job.py", before)))
    assert text == after
    ast.parse(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import Queue\nQueue.Queue()\n", "import queue\nqueue.Queue()\n"),
        ("import Queue as q\nq.Queue()\n", "import queue as q\nq.Queue()\n"),
        ("from Queue import Queue\nQueue()\n", "from queue import Queue\nQueue()\n"),
        ("import os, Queue\nQueue.Queue(os)\n", "import os, queue\nqueue.Queue(os)\n"),
        (
            "from StringIO import StringIO\nStringIO()\n",
            "from io import StringIO\nStringIO()\n",
        ),
        (
            "import urllib2\nurllib2.urlopen('a')\nurllib2.quote('a')\n",
            "import urllib.parse\nimport urllib.request\nurllib.request.urlopen('a')\n"
            "urllib.parse.quote('a')\n",
        ),
        ("import queue\nqueue.Queue()\n", "import queue\nqueue.Queue()\n"),
    ],
)
def test_modules_are_renamed_with_their_uses(before: str, after: str) -> None:
    text = apply_renames(before, rename_modules(SourceFile("job.py", before)))
    assert text == after
    ast.parse(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("xrange(3)\n", "range(3)\n"),
        ("reduce(max, [1])\n", "from functools import reduce\nreduce(max, [1])\n"),
        ("def f(long):\n    return long(xrange)\n", "def f(long):\n    return long(range)\n"),
        ("reduce = 3\nprint(reduce)\n", "reduce = 3\nprint(reduce)\n"),
        ("from functools import reduce\nreduce\n", "from functools import reduce\nreduce\n"),
        ("class long(int):\n    pass\nlong(3)\n", "class long(int):\n    pass\nlong(3)\n"),
        ("row.unicode\n", "row.unicode\n"),
        ("f(xrange=3)\n", "f(xrange=3)\n"),
    ],
)
def test_built_ins_are_replaced_where_the_file_does_not_define_them(
    before: str, after: str
) -> None:
    assert apply_renames(before, rename_builtins(SourceFile("job.py", before))) == after


@pytest.mark.parametrize(
    ("before", "words", "after"),
    [
        ("d.iteritems()\n", (), "d.items()\n"),
        ("d.iteritems\n", (), "d.iteritems\n"),
        ("d.has_key(1)\n", (), "(1 in d)\n"),
        ("x = d.has_key(1)\n", (), "x = 1 in d\n"),
        ("x = d.has_key(1)\n", ("dict", "iteritems"), "x = d.has_key(1)\n"),
        ("x = d.has_key(1, 2)\n", (), "x = d.has_key(1, 2)\n"),
        ("t.isAlive()\n", (), "t.isAlive()\n"),
        ("t.isAlive()\n", ("Thread", "isAlive"), "t.is_alive()\n"),
        ("rows.next()\n", (), "rows.next()\n"),
        ("rows.next()\n", ("generator", "next"), "next(rows)\n"),
        ("rows.next(1)\n", ("generator", "next"), "rows.next(1)\n"),
        ("iteritems()\n", (), "iteritems()\n"),
    ],
)
def test_methods_are_replaced_where_they_are_called(
    before: str, words: tuple[str, ...], after: str
) -> None:
    code = SourceFile("job.py", before)
    assert apply_renames(before, rename_methods(code, frozenset(words))) == after


def test_a_script_of_python_2_is_put_to_python_3_at_once() -> None:
    before = (
        "import urllib2\nfrom StringIO import StringIO\n"
        "for key, value in table.iteritems():\n"
        "    if not seen.has_key(key):\n"
        "        StringIO(unicode(urllib2.quote(value)))\n"
        "for n in xrange(3):\n    print(n)\n"
    )
    after = (
        "import urllib.parse\nimport urllib.request\nfrom io import StringIO\n"
        "for key, value in table.items():\n"
        "    if not (key in seen):\n"
        "        StringIO(str(urllib.parse.quote(value)))\n"
        "for n in range(3):\n    print(n)\n"
    )
    assert apply_edits(before, python2_edits(SourceFile("job.py", before))) == after


def test_a_file_without_old_names_is_left_as_it_is() -> None:
    text = "import time\nprint(time.perf_counter(), {}.items())\n"
    assert python2_edits(SourceFile("job.py", text)) == ()
