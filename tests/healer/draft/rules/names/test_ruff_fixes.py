"""ruff's own safe fixes, where its rule explains the failure and its edit touches the function."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_silence,
    content_of,
    draft_example,
    draft_script,
    example_case,
)

NOT_RAISED = "TypeError: exceptions must derive from BaseException"
MENDED = [
    example_case(
        "a base class twice",
        "ruff-fix",
        """
          class Report:
              total = 3
        - class Daily(Report, Report):  #! TypeError: duplicate base class Report
        + class Daily(Report):
              pass
        """,
    ),
    example_case(
        "the constant for the exception",
        "ruff-fix",
        f"""
          def f():
        -     raise NotImplemented  #! {NOT_RAISED}
        +     raise NotImplementedError
        """,
        is_reported=True,
    ),
    example_case(
        "the constant called",
        "ruff-fix",
        """
          def f():
        -     raise NotImplemented("later")
        #! TypeError: 'NotImplementedType' object is not callable
        +     raise NotImplementedError("later")
        """,
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "a text that is raised",
        "ruff-fix",
        """
        def f():
            raise "no rows"  #! TypeError: exceptions must derive from BaseException
        f()
        """,
    ),
    example_case(
        "a placeholder too many",
        "ruff-fix",
        """
        x = '{} and {}'.format(1)
        #! IndexError: Replacement index 1 out of range for positional args tuple
        """,
    ),
    example_case(
        "no rule of ruff explains the message",
        "ruff-fix",
        """
        x = 'a' + 1  #! TypeError: can only concatenate str (not "int") to str
        """,
    ),
    example_case(
        "the fix is for another function than the one that failed",
        "ruff-fix",
        f"""
        def later():
            raise NotImplemented
        def f(error):
            raise error  #! {NOT_RAISED}
        """,
        is_reported=True,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_a_safe_fix_that_explains_the_failure_is_taken(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_no_other_fix_of_ruff_is_taken(rule: str, example: Example) -> None:
    check_silence(rule, example)


def test_the_failure_that_python_raises_is_explained_in_two_sentences() -> None:
    broken = "def f():\n    raise NotImplemented\nf()\n"
    (draft,) = draft_script(broken)
    assert content_of(draft) == broken.replace("NotImplemented", "NotImplementedError")
    assert draft.cause.count(". ") == 1
    assert "rule `ruff-fix`" in draft.cause


def test_without_ruff_there_is_no_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sysconfig.get_path", lambda name: "/nowhere")
    example = Example(f"def other():\n    raise NotImplemented  #! {NOT_RAISED}\n")
    assert draft_example(example).candidates == ()
