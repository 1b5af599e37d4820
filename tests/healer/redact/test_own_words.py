"""Sentences of healer's own stay as they are where they reach a prompt or a mail: a refusal that
names a password or a token is no secret (`policy: pass: <REDACTED:password:1> forbidden`)."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

import pytest

from healer.judge.facts import Check, CheckName, Status
from healer.redact import Redactor

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ("@", "Authorization:")
"""Where a sentence shows how an address or a header is written."""


def _list_sentences(path: Path) -> Iterator[str]:
    """Texts of what a module raises, with `x7` where a value stands."""
    for raised in _list_raised(ast.parse(path.read_text()).body):
        for node in ast.walk(raised):
            if isinstance(node, ast.JoinedStr):
                parts = [v.value if isinstance(v, ast.Constant) else "x7" for v in node.values]
                yield "".join(str(part) for part in parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _list_raised(statements: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """Of statements alone: most of a tree is expressions, and none of them raises."""
    for statement in statements:
        if isinstance(statement, ast.Raise) and statement.exc is not None:
            yield statement.exc
        for name in ("body", "handlers", "orelse", "finalbody", "cases"):
            yield from _list_raised(getattr(statement, name, ()))


MODULES = [
    pytest.param(path, id=str(path.relative_to(ROOT)))
    for package in ("healer", "quarantine", "sandbox")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "raise " in path.read_text()
]


@pytest.mark.parametrize("path", MODULES)
def test_what_is_raised_is_shown_as_it_is(path: Path) -> None:
    sentences = [text for text in _list_sentences(path) if " " in text]
    sentences = [text for text in sentences if not any(example in text for example in EXAMPLES)]
    assert [Redactor().text(sentence) for sentence in sentences] == sentences


def test_what_is_raised_is_found_wherever_it_stands() -> None:
    texts = {text for module in MODULES for text in _list_sentences(module.values[0])}
    walked = (
        node
        for module in MODULES
        for raised in ast.walk(ast.parse(module.values[0].read_text()))
        if isinstance(raised, ast.Raise) and raised.exc is not None
        for node in ast.walk(raised.exc)
    )
    plain = {n.value for n in walked if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert len(plain) > 500
    assert plain <= texts


@pytest.mark.parametrize("status", get_args(Status))
@pytest.mark.parametrize("name", get_args(CheckName))
@pytest.mark.parametrize(
    "detail", ["forbidden", "pass is forbidden", "the token is no longer read"]
)
def test_a_check_is_told_as_it_is(name: CheckName, status: Status, detail: str) -> None:
    sentence = Check(name=name, status=status, detail=detail).sentence
    assert Redactor().text(sentence) == sentence
