"""What is done to a value on one way through the code is tried on the other ones."""

import ast

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.evidence.sibling_values import treat_alike


def variations(source: str) -> list[str]:
    code = SourceFile("job.py", source)
    nodes = [node for node in code.nodes if isinstance(node, ast.expr)]
    return [text for node in nodes for text in treat_alike(code, node)]


def body(*lines: str) -> str:
    return "\n    ".join(["def read(a, b):", *lines, ""])


@pytest.mark.parametrize(
    ("source", "others"),
    [
        ("x = a.lower() if a else b", ["(b).lower()"]),
        ("x = b if a else a.strip().lower()", ["(b).strip().lower()"]),
        ("x = a.lstrip('0') if a else b[1:]", ["(b[1:]).lstrip('0')"]),
        (body("if a:", "    c = a.lower()", "else:", "    c = b"), ["(b).lower()"]),
        (body("if a:", "    return b", "return a.strip()"), ["(b).strip()"]),
        (body("c = a", "if c:", "    c = b.strip()"), ["(a).strip()"]),
    ],
)
def test_its_sibling_is_treated_alike(source: str, others: list[str]) -> None:
    assert variations(source) == others


@pytest.mark.parametrize(
    "source",
    [
        "x = a.lower() if a else b.lower()",
        "x = a.lower() if a else b.upper()",
        "x = a.lower() if a else None",
        "x = a.load() if a else b",
        "x = a if b.lower() else b",
        "x = a if a.lower() else b",
        body("c = a.lower()", "d = b"),
        body("c = a.lower()", "return b"),
        "c = a.lower()\nc = b\n",
    ],
)
def test_what_has_no_such_sibling_stays(source: str) -> None:
    assert variations(source) == []
