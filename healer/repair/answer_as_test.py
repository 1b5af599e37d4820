"""A person's answer as a test in the project's own style and place.

Belongs here: its text. Does not belong here: which file it is written to
(`healer.survey.place_of_tests`), the commit that brings it (`answer`). Pure but for the tree that
it reads.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from healer.facts.draft import Source
from healer.facts.question import Question
from healer.survey.place_of_tests import choose_new_path, find_name, find_test_of, module_of
from quarantine.project_tests import runner_of

RAISES = "raises "
"""Before the name of an exception, in place of a value."""


class AnswerTest(NamedTuple):
    """One file with the answer at its end."""

    path: str
    content: str


class NoPlaceError(Exception):
    """A test cannot be written for a person here; the message says what to do."""


def write_test(
    question: Question, outcome: str, by: str, base: Source, command: Sequence[str]
) -> AnswerTest:
    """The test file with the answer at its end. Raises NoPlaceError."""
    if runner_of(command).kind != "pytest":
        raise NoPlaceError(
            f"the tests are run by {' '.join(command)!r}, and healer writes tests for pytest; "
            f"write one that asks for {question.call} to give {outcome}"
        )
    module = module_of(question.path)
    place = find_test_of(base, module, question.function)
    path, text = place or (choose_new_path(question.path, base), "")
    if not path:
        raise NoPlaceError(f"each name for a new test of {question.path} is taken; move one")
    name, needs = find_name(text, question.function, module)
    inner = [needs, ""] if text and needs else []
    why = f"# {by} said so; no other test does."
    title = f"test_{question.function}_as_answered{_number(text, question.function)}"
    lines = [why, *inner, *_assert(question, outcome, name, text)]
    block = "\n".join([f"def {title}():", *(f"    {line}".rstrip() for line in lines)])
    return AnswerTest(path, f"{(text or needs).rstrip()}\n\n\n{block}\n")


def _arguments(question: Question) -> str:
    return question.call.removeprefix(question.function)


def _assert(question: Question, outcome: str, name: str, text: str) -> list[str]:
    call = name + _arguments(question)
    if outcome.startswith(RAISES):
        is_known = re.search(r"^import pytest\b", text, re.MULTILINE)
        needs = [] if is_known else ["import pytest", ""]
        return [*needs, f"with pytest.raises({outcome.removeprefix(RAISES)}):", f"    {call}"]
    relation = "is" if outcome in ("None", "True", "False") else "=="
    return [f"assert {call} {relation} {outcome}"]


def _number(text: str, function: str) -> str:
    count = len(re.findall(rf"def test_{function}_as_answered\w*\(", text))
    return f"_{count + 1}" if count else ""
