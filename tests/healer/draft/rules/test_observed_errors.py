"""Errors as exceptions with frames, whatever text they came in; odd text is left out."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.rules.observed_errors import (
    collect_errors,
    errors_of_report,
    parse_errors,
    short_type,
)
from healer.facts.draft import Case
from healer.failure import Failure, Frame, Raised
from sandbox import Report
from sandbox.report import ProcessEnd, SyntaxProblem, TestResult, TestRun

NATIVE = """\
Traceback (most recent call last):
  File "/app/job.py", line 9, in <module>
    main()
  File "/app/job.py", line 5, in main
    return row["a"]
           ~~~^^^^^
KeyError: 'a'
"""
CHAINED = """\
Traceback (most recent call last):
  File "job.py", line 2, in <module>
    int("x")
ValueError: invalid literal for int() with base 10: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "job.py", line 4, in <module>
    raise RuntimeError("bad row")
RuntimeError: bad row
"""
GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "job.py", line 3, in <module>
  |     run()
  | ExceptionGroup: many (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "job.py", line 7, in task
    |     raise KeyError("a")
    | KeyError: 'a'
    +------------------------------------
"""
LONG = """\
    def test_total():
>       assert total([]) == 0

test_job.py:4:
_ _ _ _ _ _
job.py:2: in total
    return rows[0]
E   IndexError: list index out of range
job.py:2: IndexError
"""
ASSERTION = """\
    def test_total():
>       assert total([1]) == 2
E       assert 1 == 2
E        +  where 1 = total([1])

test_job.py:4: AssertionError
"""


def lines_of(error: Raised) -> list[tuple[str, int]]:
    return [(frame.file, frame.line) for frame in error.frames]


def test_a_traceback_is_an_error_with_its_frames_outermost_first() -> None:
    (error,) = parse_errors(NATIVE)
    assert (error.type, error.message) == ("KeyError", "'a'")
    assert lines_of(error) == [("/app/job.py", 9), ("/app/job.py", 5)]
    assert [frame.function for frame in error.frames] == ["<module>", "main"]
    assert error.frames[1].source == 'return row["a"]'


def test_of_a_chain_the_last_error_comes_first() -> None:
    errors = parse_errors(CHAINED)
    assert [error.type for error in errors] == ["RuntimeError", "ValueError"]
    assert lines_of(errors[1]) == [("job.py", 2)]


def test_an_exception_of_any_name_is_read() -> None:
    text = 'Traceback (most recent call last):\n  File "job.py", line 3, in f\nshop.OutOfStock: 3\n'
    (error,) = parse_errors(text)
    assert (error.type, error.message) == ("shop.OutOfStock", "3")


def test_a_group_s_errors_are_found_behind_their_marks() -> None:
    errors = parse_errors(GROUP)
    (error,) = (error for error in errors if error.type == "KeyError")
    assert error.message == "'a'"
    assert lines_of(error) == [("job.py", 7)]
    assert error.frames[0].source == 'raise KeyError("a")'


def test_a_failure_in_pytest_s_words_has_its_frames() -> None:
    (error,) = parse_errors(LONG)
    assert (error.type, error.message) == ("IndexError", "list index out of range")
    assert lines_of(error) == [("test_job.py", 4), ("job.py", 2), ("job.py", 2)]


def test_an_assertion_is_one_though_pytest_does_not_say_its_type() -> None:
    (error,) = parse_errors(ASSERTION)
    assert (error.type, error.message) == ("AssertionError", "assert 1 == 2")
    assert lines_of(error) == [("test_job.py", 4)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "everything is fine\n",
        "Traceback (most recent call last):\n",
        'File "job.py", line 3, in f\n',
        "KeyError: 'a'\n",
        'Traceback (most recent call last):\n  File "a.py", line 1\nnot an error line\n',
        'Traceback (most recent call last):\n  File "a.py", line 1\nTotal: 3\n',
    ],
)
def test_what_is_no_failure_gives_no_error(text: str) -> None:
    assert parse_errors(text) == []


@pytest.mark.parametrize(
    ("line", "error_type", "message"),
    [
        ("ValueError: a: b", "ValueError", "a: b"),
        ("ValueError", "ValueError", ""),
        ("requests.exceptions.ConnectTimeout: slow", "requests.exceptions.ConnectTimeout", "slow"),
        ("KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("SystemExit: 3", "SystemExit", "3"),
        ("StopIteration", "StopIteration", ""),
        ("pkg.OldWarning: gone", "pkg.OldWarning", "gone"),
    ],
)
def test_the_last_line_says_type_and_message(line: str, error_type: str, message: str) -> None:
    text = f'Traceback (most recent call last):\n  File "job.py", line 1, in f\n    x\n{line}\n'
    (error,) = parse_errors(text)
    assert (error.type, error.message) == (error_type, message)


@pytest.mark.parametrize(
    ("script", "error_type", "line"),
    [
        ("def f():\n    return {}['a']\nf()\n", "KeyError", 2),
        ("x = 1\nint('x')\n", "ValueError", 2),
        ("try:\n    1 / 0\nexcept ZeroDivisionError:\n    int('x')\n", "ValueError", 4),
        ("import json\njson.loads('{')\n", "JSONDecodeError", 2),
        ("class OwnError(Exception):\n    pass\nraise OwnError('a')\n", "OwnError", 3),
    ],
)
def test_what_the_interpreter_itself_prints_is_understood(
    script: str, error_type: str, line: int, tmp_path: Path
) -> None:
    (tmp_path / "job.py").write_text(script)
    command = [sys.executable, "job.py"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    error = parse_errors(answer.stderr)[0]
    assert short_type(error) == error_type
    own = [frame.line for frame in error.frames if frame.file.endswith("job.py")]
    assert own[-1] == line


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    for error in parse_errors(text):
        assert error.type


def test_a_report_s_errors_are_those_of_syntax_command_and_failed_tests() -> None:
    report = Report(
        syntax=(SyntaxProblem(path="a.py", line=3, message="invalid syntax"),),
        command=ProcessEnd(exit_code=1, stderr=NATIVE),
        tests=(
            TestRun(
                results=(
                    TestResult(node="t.py::a", outcome="passed", detail=ASSERTION),
                    TestResult(node="t.py::b", outcome="failed", detail=ASSERTION),
                    TestResult(node="t.py::c", outcome="error", detail=LONG),
                ),
                ended=ProcessEnd(exit_code=1),
            ),
        ),
    )
    types = [error.type for error in errors_of_report(report)]
    assert types == ["SyntaxError", "KeyError", "AssertionError", "IndexError"]
    assert errors_of_report(Report()) == []


def case_of(failure: Failure, report: Report) -> Case:
    return Case(repair="r", script="job.py", failure=failure, base="", baseline=report)


def test_the_recorded_failure_comes_first_and_nothing_comes_twice() -> None:
    frame = Frame(file="/app/job.py", line=5, function="main")
    outer = frame.model_copy(update={"line": 9, "function": "<module>"})
    known = Raised(type="KeyError", message="'a'", frames=(outer, frame))
    cause = Raised(type="ValueError", message="b", frames=(frame,))
    failure = Failure(id="f", script="job.py", source="run", chain=(cause, known))
    report = Report(command=ProcessEnd(exit_code=1, stderr=NATIVE))
    errors = collect_errors(case_of(failure, report))
    assert [error.type for error in errors] == ["KeyError", "ValueError"]


def test_the_recorded_tail_is_read_only_where_nothing_else_is_known() -> None:
    failure = Failure(id="f", script="job.py", source="log", stderr_tail=NATIVE)
    assert [error.type for error in collect_errors(case_of(failure, Report()))] == ["KeyError"]
    report = Report(syntax=(SyntaxProblem(path="a.py", line=1, message="bad"),))
    assert [error.type for error in collect_errors(case_of(failure, report))] == ["SyntaxError"]


@pytest.mark.parametrize(
    ("printed", "short"),
    [
        ("KeyError", "KeyError"),
        ("builtins.KeyError", "KeyError"),
        ("requests.exceptions.ConnectionError", "ConnectionError"),
        ("_csv.Error", "Error"),
    ],
)
def test_a_type_s_short_name_is_its_last(printed: str, short: str) -> None:
    assert short_type(Raised(type=printed, message="")) == short


def test_a_traceback_of_a_test_s_detail_may_be_moved_in() -> None:
    detail = textwrap.indent(NATIVE, "E  ", lambda line: True)
    assert [error.type for error in parse_errors(detail)] == ["KeyError"]


def test_an_error_beside_a_tests_failure_comes_after_it() -> None:
    result = TestResult(node="t.py::b", outcome="failed", detail=ASSERTION, inner_error=NATIVE)
    run = TestRun(results=(result,), ended=ProcessEnd(exit_code=1))
    types = [error.type for error in errors_of_report(Report(tests=(run,)))]
    assert types == ["AssertionError", "KeyError"]
