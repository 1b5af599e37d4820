"""A number that comes out right in a test is held against the sums of what is at hand."""

import ast

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.evidence.same_by_chance import MOST_NAMES, recompute


def recomputed(expression: str, statement: str = "return {}") -> list[str]:
    """In a function that is given `self`, `a` and `b`, has `c` and reads them all."""
    line = statement.format(expression)
    text = (
        f"def f(self, a: int, b=0, unread=0):\n    c = int(self.n)\n    print(b, a)\n    {line}\n"
    )
    code = SourceFile("job.py", text)
    return [
        text
        for node in code.nodes
        if isinstance(node, ast.expr) and node.lineno == 4
        for text in recompute(code, node)
    ]


@pytest.mark.parametrize(
    ("expression", "statement", "other"),
    [
        ("abs(c) + 1", "return {}", "(c + b)"),
        ("abs(c) + 1", "self.n = {}", "(c - self.n)"),
        ("3", "self.n = {}", "(self.n + b)"),
        ("7", "return a if b else {}", "(a * b)"),
        ("min(a, 1000)", "return {}", "b"),
        ("a[0] - 1", "return {}", "(a[0] - a)"),
        ("len(a) + 2", "return {}", "(a - b)"),
    ],
)
def test_names_at_hand_may_come_out_alike(expression: str, statement: str, other: str) -> None:
    assert other in recomputed(expression, statement)


@pytest.mark.parametrize(
    ("expression", "statement"),
    [
        ("0", "return {}"),
        ("2", "self.n = {}"),
        ("True", "return {}"),
        ("'3'", "return {}"),
        ("30", "print({})"),
        ("7", "return a[{}]"),
        ("a + b", "return {}"),
        ("print(a)", "return {}"),
        ("round(a, ndigits=2)", "return {}"),
    ],
)
def test_plain_numbers_places_and_names_are_left_as_they_are(
    expression: str, statement: str
) -> None:
    assert recomputed(expression, statement) == []


def test_functions_and_what_is_not_read_are_no_names_and_few_are_enough() -> None:
    texts = recomputed("a + b + c + self.n + self.m + self.o + 1")
    singles = [text for text in texts if not text.startswith("(")]
    assert len(singles) == MOST_NAMES
    assert not {"int", "print", "self", "unread"} & set(recomputed("a + 1"))
    assert recomputed("a + 1")[0] == "a"


def test_a_module_level_line_has_none() -> None:
    code = SourceFile("job.py", "x = 5\ny = x + 3\n")
    nodes = [node for node in code.nodes if isinstance(node, ast.expr)]
    assert [text for node in nodes for text in recompute(code, node)] == []
