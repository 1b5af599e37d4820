"""What stood around a failure: values where it failed, and an error behind it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.inside.tracing.circumstances import (
    INNER_CHARS,
    VALUES_CHARS,
    find_inner_error,
    show_values,
)

PROGRAM = "import json; json.loads('')['total']"


@pytest.fixture
def fail(tmp_path: Path) -> Callable[..., BaseException]:
    """What a function `run` of a module in the tree raises."""

    def raise_in_tree(source: str, **names: Any) -> BaseException:
        path = tmp_path / "checks.py"
        path.write_text(source)
        space: dict[str, Any] = {"__name__": "checks"}
        exec(compile(source, str(path), "exec"), space)
        try:
            space["run"](**names)
        except Exception as error:
            return error
        raise LookupError("it raised nothing")

    return raise_in_tree


def values_of(error: BaseException, tmp_path: Path) -> list[str]:
    return show_values(error, f"{tmp_path}/").splitlines()


def test_a_bare_assertion_says_what_its_names_were(fail: Any, tmp_path: Path) -> None:
    error = fail("def run(total, wanted):\n    assert total == wanted\n", total=3, wanted="4")
    assert values_of(error, tmp_path) == ["checks.py:2: total = 3", "checks.py:2: wanted = '4'"]


def test_any_error_does_and_over_several_lines(fail: Any, tmp_path: Path) -> None:
    source = "def run(row, key):\n    return sum([\n        row[\n            key],\n    ])\n"
    error = fail(source, row={"a": 1}, key="b")
    assert values_of(error, tmp_path) == ["checks.py:3: row = {'a': 1}", "checks.py:3: key = 'b'"]


def test_what_is_looked_up_by_a_dot_is_shown_without_calling_anything(
    fail: Any, tmp_path: Path
) -> None:
    source = """class Bill:
    def __init__(self): self.total = 5
    @property
    def costly(self): raise SystemExit("called")
def run(bill):
    assert bill.total == bill.costly
def make(): return Bill()
"""
    space: dict[str, Any] = {}
    exec(source, space)
    error = fail(
        "def run(bill):\n    assert bill.total == 4 and bill.costly\n", bill=space["make"]()
    )
    assert values_of(error, tmp_path) == ["checks.py:2: bill.total = 5"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def run(x):\n    assert x, 'words of its own'\n", {"x": 0}),
        ("def run(x):\n    assert not x\n", {"x": object()}),
        ("def run(x):\n    assert not x\n", {"x": len}),
        ("def run(x):\n    assert not x\n", {"x": subprocess}),
        ("def run():\n    assert False\n", {}),
    ],
)
def test_what_says_nothing_is_left_out(
    fail: Any, tmp_path: Path, source: str, names: dict[str, Any]
) -> None:
    assert values_of(fail(source, **names), tmp_path) == []


def test_a_value_that_cannot_be_shown_stops_nothing(fail: Any, tmp_path: Path) -> None:
    class Hostile:
        def __repr__(self) -> str:
            raise ValueError

    error = fail("def run(x):\n    assert not x\n", x=Hostile())
    assert show_values(error, f"{tmp_path}/").startswith(("", "checks.py:2: x = <Hostile"))


def test_much_is_cut(fail: Any, tmp_path: Path) -> None:
    names = {f"name{number}": "v" * 9_000 for number in range(40)}
    source = f"def run({', '.join(names)}):\n    assert not ({' and '.join(names)})\n"
    shown = show_values(fail(source, **names), f"{tmp_path}/")
    assert len(shown) <= VALUES_CHARS
    assert len(shown.splitlines()) <= 8


def test_frames_outside_of_the_tree_are_not_looked_into(fail: Any, tmp_path: Path) -> None:
    error = fail("import json\ndef run(text):\n    json.loads(text)\n", text="{")
    assert values_of(error, tmp_path) == ["checks.py:3: text = '{'"]
    assert show_values(error, "/elsewhere/") == ""
    assert show_values(ValueError("x"), f"{tmp_path}/") == ""


RUNS = [
    "subprocess.run(words, check=True, capture_output=True)",
    "subprocess.check_output(words, stderr=subprocess.STDOUT, text=True)",
    "end = subprocess.run(words, capture_output=True, text=True); assert end.returncode == 0",
    "end = subprocess.run(words, capture_output=True); assert end.stdout",
    "out, err = subprocess.Popen(words, stderr=-1, stdout=-1).communicate(); assert out",
]


@pytest.mark.parametrize("call", RUNS)
def test_the_traceback_of_a_program_that_a_test_starts_is_found(
    fail: Any, tmp_path: Path, call: str
) -> None:
    error = fail(
        f"import subprocess\ndef run(words):\n    {call}\n", words=[sys.executable, "-c", PROGRAM]
    )
    text = find_inner_error(error, f"{tmp_path}/")
    assert text.startswith("Traceback (most recent call last)")
    assert "JSONDecodeError" in text


def test_a_programs_own_words_are_found_where_it_has_no_traceback(
    fail: Any, tmp_path: Path
) -> None:
    words = [sys.executable, "-c", "import sys; sys.exit('no such column: total')"]
    error = fail(f"import subprocess\ndef run(words):\n    {RUNS[2]}\n", words=words)
    assert find_inner_error(error, f"{tmp_path}/").strip() == "no such column: total"


def test_an_error_that_an_object_of_the_test_holds_is_found(fail: Any, tmp_path: Path) -> None:
    source = """
import sys
class Result: pass
def run():
    result = Result()
    result.exit_code = 1
    try:
        {}["total"]
    except KeyError:
        result.exc_info = sys.exc_info()
    assert result.exit_code == 0
"""
    assert "KeyError: 'total'" in find_inner_error(fail(source), f"{tmp_path}/")


def test_what_was_captured_counts_where_it_holds_a_traceback(fail: Any, tmp_path: Path) -> None:
    error = fail("def run():\n    assert False\n")
    trace = "Traceback (most recent call last):\n  …\nKeyError: 'x'\n"
    assert find_inner_error(error, f"{tmp_path}/", f"warned\n{trace}").endswith(trace)
    assert find_inner_error(error, f"{tmp_path}/", "only a warning") == ""
    assert len(find_inner_error(error, f"{tmp_path}/", trace + "x" * 9_000)) == INNER_CHARS


@pytest.mark.parametrize("ends_well", [True, False])
def test_a_program_that_ended_well_is_no_reason(fail: Any, tmp_path: Path, ends_well: bool) -> None:
    program = f"import sys; print('a note', file=sys.stderr); sys.exit({int(not ends_well)})"
    source = (
        "import subprocess\ndef run(words):\n    end = subprocess.run(words, capture_output=1)\n"
    )
    error = fail(source + "    assert end == 3\n", words=[sys.executable, "-c", program])
    assert bool(find_inner_error(error, f"{tmp_path}/")) != ends_well


def test_blanks_of_a_value_stay_and_two_long_texts_are_shown_where_they_differ(
    fail: Any, tmp_path: Path
) -> None:
    source = "def run(result, expected):\n    assert result == expected\n"
    short = fail(source, result="a  b ", expected="a b")
    assert values_of(short, tmp_path) == [
        "checks.py:2: result = 'a  b '", "checks.py:2: expected = 'a b'",
    ]  # fmt: skip
    text = "x" * 100 + "| eggs |" + "y" * 100
    long = fail(source, result=text.replace("eggs ", "eggs  "), expected=text)
    assert values_of(long, tmp_path)[2:] == [
        f"checks.py:2: result[87:] = {'x' * 13 + '| eggs  |' + 'y' * 38!r}",
        f"checks.py:2: expected[87:] = {'x' * 13 + '| eggs |' + 'y' * 39!r}",
    ]


@pytest.mark.parametrize(
    "names",
    [
        {"result": "a" * 300, "expected": 3},
        {"result": "a" * 300, "expected": "a" * 300},
        {"result": "a" * 30, "expected": "b" * 30},
        {"result": ["a" * 300], "expected": ["b" * 300]},
    ],
)
def test_only_of_two_texts_that_differ_and_are_cut_the_difference_is_shown(
    fail: Any, tmp_path: Path, names: dict[str, Any]
) -> None:
    error = fail("def run(result, expected):\n    assert result is expected and 0\n", **names)
    assert len(values_of(error, tmp_path)) == 2
