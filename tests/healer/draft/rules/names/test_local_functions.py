"""A function that another process must find moves to the module's level; closures stay."""

import subprocess
import sys
from pathlib import Path

import pytest

from healer.draft.rules.example import Example
from healer.failure import Frame, Raised
from tests.support.rule_cases import (
    check_guess,
    check_silence,
    content_of,
    draft_example,
    example_case,
)

GUESSED = [
    example_case(
        "a method's, with its decorated class",
        "local-function",
        """
          def same(cls):
              return cls
        + def work(row):
        +     return row + 1
        +
        +
          @same
          class Job:
              def run(self, pool):
        -         def work(row):
        -             return row + 1
                  return pool.map(work, [1])
        #! PicklingError: Can't pickle <function Job.run.<locals>.work at 0x7f>: not found
        """,
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "a lambda, which has no name",
        "local-function",
        """
        def main(pool):
            pool.map(lambda n: n, [1])
        #! AttributeError: Can't pickle local object 'main.<locals>.<lambda>'
        """,
        is_reported=True,
    ),
    example_case(
        "the module has another one of that name",
        "local-function",
        """
        def work(n):
            return n
        def main(pool):
            def work(n):
                return n + 1
            pool.map(work, [1])
        #! AttributeError: Can't pickle local object 'main.<locals>.work'
        """,
        is_reported=True,
    ),
]


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_it_is_moved_before_what_held_it(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_what_would_mean_something_else_is_left(rule: str, example: Example) -> None:
    check_silence(rule, example)


def test_the_moved_function_does_what_it_did(tmp_path: Path) -> None:
    source = """\
import multiprocessing


def main():
    step = 1
    def add(n):
        total = n + 2
        return total
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(add, [step]))


if __name__ == "__main__":
    main()
"""
    frame = Frame(file="job.py", line=10, function="main", own=True)
    message = "Can't pickle local object 'main.<locals>.add'"
    error = Raised(type="AttributeError", message=message, frames=(frame,))
    (draft,) = draft_example(Example(source), error).candidates
    (tmp_path / "job.py").write_text(content_of(draft))
    command = [sys.executable, "job.py"]
    end = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert end.stdout == "[3]\n"
