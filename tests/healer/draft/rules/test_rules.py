"""Each rule fires on the failure it is for, and stays silent where the intent is unclear."""

import gc
import textwrap
import traceback
import warnings
from types import TracebackType

import pytest

from healer.draft.rules import RulesDrafter
from healer.facts.draft import Case, Drafts, WriteFile
from healer.failure import Failure, Frame, Raised
from sandbox import Report
from tests.support.memory_tree import MemoryTree


def failing(source: str) -> Raised:
    """Runs trusted source and returns what it raised, as the hook would record it."""
    try:
        exec(compile(source, "job.py", "exec"), {"__name__": "__main__"})
    except SyntaxError as error:
        frame = Frame(file="job.py", line=error.lineno or 0, function="<module>", own=True)
        return Raised(type=type(error).__name__, message=error.msg, frames=(frame,))
    except Exception as error:
        frames = _frames(error.__traceback__)
        _let_go(error)
        return Raised(type=type(error).__name__, message=str(error), frames=frames)
    raise AssertionError("the source of this test does not fail")


def _let_go(error: BaseException) -> None:
    """Ends what the failed source has left open here and now: a coroutine that was never awaited
    warns when it is collected, and that must not be in the middle of another test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traceback.clear_frames(error.__traceback__)
        error.__traceback__ = None
        gc.collect()


def _frames(trace: TracebackType | None) -> tuple[Frame, ...]:
    found = []
    for frame, line in traceback.walk_tb(trace):
        if frame.f_code.co_filename == "job.py":
            shown = {k: repr(v)[:500] for k, v in frame.f_locals.items() if not k.startswith("__")}
            name = frame.f_code.co_name
            found.append(Frame(file="job.py", line=line, function=name, own=True, locals=shown))
    return tuple(found)


def drafts(source: str, error: Raised | None = None, **files: str) -> Drafts:
    text = textwrap.dedent(source)
    failure = Failure(id="f", script="job.py", source="run", chain=(error or failing(text),))
    case = Case(repair="r", script="job.py", failure=failure, base="", baseline=Report())
    tree = MemoryTree({"job.py": text, **{f"{k}.py": textwrap.dedent(v) for k, v in files.items()}})
    return RulesDrafter().draft(case, tree)


def best(source: str, error: Raised | None = None, **files: str) -> tuple[str, str]:
    """The first candidate's rule and file content."""
    found = drafts(source, error, **files).candidates
    assert found, "no rule fired"
    edit = found[0].edits[0]
    assert isinstance(edit, WriteFile)
    return found[0].rule, edit.content


FIRES = [
    ("missing-import", "print(json.dumps([1]))\n", "import json\nprint(json.dumps([1]))\n"),
    (
        "missing-import",
        "x = defaultdict(list)\n",
        "from collections import defaultdict\nx = defaultdict(list)\n",
    ),
    (
        "missing-import",
        "x = datetime.now()\n",
        "from datetime import datetime\nx = datetime.now()\n",
    ),
    ("misspelled-name", "total = 1\nprint(totl)\n", "total = 1\nprint(total)\n"),
    ("misspelled-name", "x = true\n", "x = True\n"),
    ("removed-builtin", "for i in xrange(3):\n    pass\n", "for i in range(3):\n    pass\n"),
    ("moved-name", "import time\nt = time.clock()\n", "import time\nt = time.perf_counter()\n"),
    (
        "moved-name",
        "from collections import Mapping, deque\nx = Mapping\n",
        "from collections import deque\nfrom collections.abc import Mapping\nx = Mapping\n",
    ),
    (
        "moved-name",
        "import collections\nx = collections.Mapping\n",
        "import collections.abc\nx = collections.abc.Mapping\n",
    ),
    (
        "moved-name",
        "import urllib\nx = urllib.quote('a b')\ny = urllib.urlretrieve\n",
        "import urllib.request\nimport urllib.parse\nx = urllib.parse.quote('a b')\n"
        "y = urllib.request.urlretrieve\n",
    ),
    (
        "moved-name",
        "import string\nx = string.letters\n",
        "import string\nx = string.ascii_letters\n",
    ),
    (
        "moved-module",
        "import ConfigParser\nx = ConfigParser.ConfigParser()\n",
        "import configparser\nx = configparser.ConfigParser()\n",
    ),
    ("moved-module", "from urlparse import urljoin\n", "from urllib.parse import urljoin\n"),
    (
        "moved-method",
        "d = {}\nfor k, v in d.iteritems():\n    pass\n",
        "d = {}\nfor k, v in d.items():\n    pass\n",
    ),
    ("moved-method", "d = {}\nif d.has_key('a'):\n    pass\n", "d = {}\nif 'a' in d:\n    pass\n"),
    (
        "class-for-module",
        "import datetime\nx = datetime.now()\n",
        "import datetime\nx = datetime.datetime.now()\n",
    ),
    ("wrong-attribute", "x = 'a'.uper()\n", "x = 'a'.upper()\n"),
    (
        "wrong-key",
        "row = {'user': 1}\nprint(row['usre'])\n",
        "row = {'user': 1}\nprint(row['user'])\n",
    ),
    (
        "wrong-argument-name",
        "def f(width):\n    pass\nf(widht=3)\n",
        "def f(width):\n    pass\nf(width=3)\n",
    ),
    (
        "missing-self-parameter",
        "class A:\n    def f():\n        pass\nA().f()\n",
        "class A:\n    def f(self):\n        pass\nA().f()\n",
    ),
    (
        "forgotten-self",
        "class A:\n    n = 1\n    def f(self):\n        return n\nA().f()\n",
        "class A:\n    n = 1\n    def f(self):\n        return self.n\nA().f()\n",
    ),
    (
        "forgotten-global",
        "n = 0\ndef f():\n    n += 1\nf()\n",
        "n = 0\ndef f():\n    global n\n    n += 1\nf()\n",
    ),
    ("misspelled-module", "import jsn\n", "import json\n"),
]


@pytest.mark.parametrize(("rule", "broken", "mended"), FIRES)
def test_the_rule_mends_what_it_is_for(rule: str, broken: str, mended: str | None) -> None:
    fired, content = best(broken)
    assert fired == rule
    if mended is not None:
        assert content == mended


def test_a_module_inside_another_is_imported() -> None:
    """The failure is given: in this process another test may have imported it."""
    frame = Frame(file="job.py", line=2, function="<module>", own=True)
    message = "module 'xml' has no attribute 'dom'"
    error = Raised(type="AttributeError", message=message, frames=(frame,))
    source = "import os, xml\nx = xml.dom.pulldom.START_ELEMENT\n"
    assert best(source, error) == (
        "submodule-not-imported",
        "import os, xml.dom.pulldom\nx = xml.dom.pulldom.START_ELEMENT\n",
    )
    other = error.model_copy(update={"message": "module 'xml' has no attribute 'unheard_of'"})
    assert drafts(source, other).candidates == ()


SILENT = [
    "print(customer_total)\n",  # nothing is spelled like it
    "ax = 1\nbx = 2\nprint(cx)\n",  # two are equally close
    "row = {'a': 1}\nprint(row['total'])\n",  # a missing column is data, never invented
    "x = [1][5]\n",
    "x = 'a'.frobnicate()\n",
    "int('twelve')\n",
    "open('nowhere.csv')\n",
]


@pytest.mark.parametrize("source", SILENT)
def test_no_draft_where_the_intent_is_unclear(source: str) -> None:
    answer = drafts(source)
    assert answer.candidates == ()
    assert answer.reason


def test_an_attempt_is_not_drafted_again() -> None:
    from healer.facts.draft import EarlierAttempt

    text = "total = 1\nprint(totl)\n"
    first = drafts(text).candidates[0]
    failure = Failure(id="f", script="job.py", source="run", chain=(failing(text),))
    attempt = EarlierAttempt(draft=first, diff="", verdict="UNCHANGED", evidence="")
    case = Case(
        repair="r",
        script="job.py",
        failure=failure,
        base="",
        baseline=Report(),
        attempts=(attempt,),
    )
    again = RulesDrafter().draft(case, MemoryTree({"job.py": text})).candidates
    assert first.edits not in [draft.edits for draft in again]
