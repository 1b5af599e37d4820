"""Sentences of healer's own stay as they are where they reach a prompt or a mail: a refusal that
names a password or a token is no secret (`policy: pass: <REDACTED:password:1> forbidden`)."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from healer.judge.facts import Check, CheckName, Status
from healer.redact import Redactor

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ("@", "Authorization:")
"""Where a sentence shows how an address or a header is written."""


def _list_sentences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Lines and texts of what is raised, with `x7` where a value stands."""
    for statement in ast.walk(tree):
        if not isinstance(statement, ast.Raise) or statement.exc is None:
            continue
        for node in ast.walk(statement.exc):
            if isinstance(node, ast.JoinedStr):
                parts = [v.value if isinstance(v, ast.Constant) else "x7" for v in node.values]
                yield node.lineno, "".join(str(part) for part in parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.lineno, node.value


SENTENCES = [
    pytest.param(text, id=f"{path.relative_to(ROOT)}:{line}:{number}")
    for package in ("healer", "quarantine", "sandbox")
    for path in sorted((ROOT / package).rglob("*.py"))
    for number, (line, text) in enumerate(_list_sentences(ast.parse(path.read_text())))
    if " " in text and not any(example in text for example in EXAMPLES)
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_is_raised_is_shown_as_it_is(sentence: str) -> None:
    assert Redactor().text(sentence) == sentence


@pytest.mark.parametrize("status", get_args(Status))
@pytest.mark.parametrize("name", get_args(CheckName))
@pytest.mark.parametrize(
    "detail", ["forbidden", "pass is forbidden", "the token is no longer read"]
)
def test_a_check_is_told_as_it_is(name: CheckName, status: Status, detail: str) -> None:
    sentence = Check(name=name, status=status, detail=detail).sentence
    assert Redactor().text(sentence) == sentence
