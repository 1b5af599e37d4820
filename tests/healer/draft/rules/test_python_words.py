"""Each Python of this machine says what it says, and is understood as Python 3.11 would say it."""

import json
import subprocess

import pytest

from healer.draft.rules.python_words import use_older_words
from tests.support.interpreters import VERSIONS, require_interpreter

FAILING = {
    "{}[[]]": "unhashable type: 'list'",
    "{()} | {({},)}": "unhashable type: 'dict'",
    "f(widht=1)": "f() got an unexpected keyword argument 'widht'",
    "C(widht=1)": "C.__init__() got an unexpected keyword argument 'widht'",
    "[].sort(revese=1)": "sort() got an unexpected keyword argument 'revese'",
    "print(1, sepp='')": "print() got an unexpected keyword argument 'sepp'",
    "glob()": "'module' object is not callable",
    "a, b = [1, 2, 3]": "too many values to unpack (expected 2)",
    "1 / 0": "division by zero",
    "1 % 0": "division by zero",
    "1 // 0": "division by zero",
    "1.5 / 0": "division by zero",
    "1.5 // 0": "division by zero",
    "1.5 % 0": "division by zero",
    "divmod(1.5, 0)": "division by zero",
    "max([])": "max() arg is an empty sequence",
    "datetime.fromtimestamp(1700000000000)": "year 55840 is out of range",
    "date(20240, 1, 1)": "year 20240 is out of range",
    "date.min < datetime.max": "can't compare datetime.datetime to datetime.date",
    "datetime.max >= date.min": "can't compare datetime.datetime to datetime.date",
    "Path([1])": "expected str, bytes or os.PathLike object, not list",
    "run(wait())": "object int can't be used in 'await' expression",
    "pickle.dumps(outer())": "Can't pickle local object 'outer.<locals>.inner'",
    "print >> 3": "unsupported operand type(s) for >>: 'builtin_function_or_method' and 'int'",
}
PROGRAM = """
import glob, json, pickle, sys
from asyncio import run
from datetime import date, datetime
from pathlib import Path
def f(width=1): pass
class C:
    def __init__(self, width=1): pass
async def wait(): await 3
def outer():
    def inner(): pass
    return inner
messages = {}
for code in json.loads(sys.argv[1]):
    try:
        exec(code)
    except Exception as error:
        messages[code] = str(error)
print(json.dumps(messages))
"""
OF_ITS_TIME = {"3.8": ("C(widht=1)",), "3.9": ("C(widht=1)",)}
"""What is to be said of them is less, and no rule needs more."""


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_python_says_is_read_as_3_11_says_it(version: str) -> None:
    python = require_interpreter(version)
    argv = [python, "-W", "ignore", "-c", PROGRAM, json.dumps(list(FAILING))]
    messages = json.loads(subprocess.check_output(argv))
    older = {code: use_older_words(message) for code, message in messages.items()}
    for code in OF_ITS_TIME.get(version, ()):
        assert older.pop(code) == FAILING[code].partition(".")[2]
    assert older == {code: FAILING[code] for code in older}
    assert len(messages) == len(FAILING)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "rates: too many values to unpack (expected 2, got 3)",
        "too many values to unpack (expected 2, got 3) in line 7",
        "not enough values to unpack (expected 2, got 1)",
        "the year must be in 1..9999, not 0",
        "float division by zero in rate()",
        "f() got an unexpected keyword argument 'a'. Did you mean 'b'? or not",
        "'function' object is not callable",
        "'<' not supported between instances of 'datetime.date' and 'int'",
        "cannot use 'x' as a dict key",
        "division by zero",
        "unhashable type: 'list'",
        "a\nunhashable",
    ],
)
def test_other_messages_stay(message: str) -> None:
    assert use_older_words(message) == message
