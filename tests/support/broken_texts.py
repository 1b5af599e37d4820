"""Texts that do not parse: what one edit makes of them, and what all edits together do.

Belongs here: trying the edits of `healer.draft.rules.syntax`. Does not belong here: any text.
"""

import ast
import textwrap
from typing import Any

import pytest

from healer.draft.rules.syntax.rule import repair_text
from healer.draft.rules.syntax.search import BrokenText, SyntaxEdit, problem_of


def broken_case(title: str, broken: str, meant: str) -> Any:
    """A row of a table: a text that does not parse and the one that was meant."""
    return pytest.param(_dedent(broken), _dedent(meant), id=title)


def check_repair(broken: str, meant: str) -> None:
    """The first repair is the program that was meant."""
    repairs = repair_text(broken)
    assert repairs, f"nothing was found for {problem_of(broken)}"
    assert ast.dump(ast.parse(repairs[0].text)) == ast.dump(ast.parse(meant)), repairs[0].text


def edits_of(edit: SyntaxEdit, text: str) -> list[str]:
    """What one edit makes of a text that does not parse."""
    script = _dedent(text)
    problem = problem_of(script)
    assert problem is not None, "this text parses"
    return list(edit(BrokenText(script, problem)))


def _dedent(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")
