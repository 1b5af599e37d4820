"""The call that failed is found with its values, where a test can make it again."""

import subprocess
import sys
from pathlib import Path

import pytest

from healer.evidence.recorded_call import (
    CallFinder,
    RecordedCall,
    find_calls,
    find_ends,
    find_function,
    read_literal,
    watch_calls,
)
from healer.failure import Failure, Frame, Raised
from healer.redact import Redactor
from healer.services.runner import SandboxRunner
from sandbox import Command, Limits
from sandbox.fake import ScriptedSandbox
from tests.support.host_sandbox import run_on_host
from tests.support.memory_tree import MemoryTree

SCRIPT = "job.py"
PARSE = "def parse(text):\n    return float(text)\n"
MAIN = '\n\nif __name__ == "__main__":\n    print(sum(parse(each) for each in ["1", "2,5"]))\n'
FIXED = PARSE.replace("(text)\n", '(text.replace(",", "."))\n', 2).replace(
    'parse(text.replace(",", "."))', "parse(text)"
)


def failure(function: str = "parse", error: str = "ValueError") -> Failure:
    frames = (
        Frame(file=SCRIPT, line=6, function="<module>", own=True),
        Frame(file=SCRIPT, line=2, function=function, own=True),
    )
    return Failure(
        id="1", script=SCRIPT, source="run",
        chain=(Raised(type=error, message="", frames=frames),),
    )  # fmt: skip


def find(base: str, fix: str, tmp_path: Path, error: str = "ValueError") -> list[RecordedCall]:
    box = ScriptedSandbox([run_on_host])
    runner = SandboxRunner(lambda: box, tmp_path, Limits(), dict, Redactor())
    before, after = (MemoryTree({SCRIPT: text}) for text in (base, fix))
    command = Command(argv=("python", SCRIPT))
    return list(CallFinder(before, after, command, runner).find(failure(error=error)))


def test_the_values_of_the_failing_call_are_those_of_the_last_one(tmp_path: Path) -> None:
    assert find(PARSE + MAIN, FIXED + MAIN, tmp_path) == [
        RecordedCall(SCRIPT, "parse", ("2,5",), "2.5")
    ]


def test_a_list_is_made_smaller(tmp_path: Path) -> None:
    base = "def parse(rows):\n    return [float(row) for row in rows]\n"
    fix = base.replace("float(row)", 'float(row.replace(",", "."))')
    main = '\n\nif __name__ == "__main__":\n    parse(["1", "2", "3,5", "4"])\n'
    (call,) = find(base + main, fix + main, tmp_path)
    assert (call.arguments, call.gives) == ((["3,5"],), "[3.5]")


@pytest.mark.parametrize(
    ("base", "fix"),
    [
        (PARSE, "def parse(text):\n    open('x', 'w').close()\n    return 1.0\n"),
        (PARSE, "def parse(text):\n    return None\n"),
        (PARSE, "def parse(text):\n    return object()\n"),
        (PARSE, PARSE),
        ("def parse(text):\n    raise KeyError(text)\n", FIXED),
    ],
    ids=["writes", "gives nothing", "no literal", "still fails", "another reason"],
)
def test_a_call_that_says_nothing_or_does_more_is_none(base: str, fix: str, tmp_path: Path) -> None:
    assert find(base + MAIN, fix + MAIN, tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "def parse(*texts):\n    pass\n",
        "def parse(text):\n    yield text\n",
        "@cache\ndef parse(text):\n    pass\n",
        "def other(text):\n    pass\n",
        "class A:\n    def parse(self):\n        pass\n",
        "def parse(text):\n    pass\n\nprint(parse(1))\n",
        "for each in ():\n    pass\ndef parse(text):\n    pass\n",
        "def parse(",
    ],
)
def test_functions_that_a_test_cannot_just_call_are_left_out(text: str) -> None:
    assert find_function(text, "parse") is None
    assert watch_calls(text, "parse") is None


@pytest.mark.parametrize("text", ["def parse(): pass\n", "def parse(text): return text\n"])
def test_nothing_is_told_where_there_is_no_room_for_it(text: str) -> None:
    assert watch_calls(text, "parse") is None


def test_a_watched_function_tells_what_it_is_given_below_its_docstring() -> None:
    watching = watch_calls('def parse(a, b=2):\n    """Reads."""\n    return a\n', "parse")
    assert watching is not None
    done = subprocess.run(
        [sys.executable, "-c", f"{watching}\nparse('x')\n"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert list(find_calls(done.stderr)) == [("parse", ("x", 2))]


@pytest.mark.parametrize("text", ["healer-call: nonsense", "healer-call: (1, 2, 3)", "no mark"])
def test_output_that_only_looks_like_it_tells_nothing(text: str) -> None:
    assert list(find_calls(text)) == []


@pytest.mark.parametrize("text", ["healer-end: nonsense", "healer-end: ['gives']", ""])
def test_ends_that_only_look_like_it_are_none(text: str) -> None:
    assert find_ends(text) == []


@pytest.mark.parametrize("text", ["object()", "inf", "<x>", "( 1,2)"])
def test_what_is_not_written_like_this_again_is_no_literal(text: str) -> None:
    assert read_literal(text) is None
