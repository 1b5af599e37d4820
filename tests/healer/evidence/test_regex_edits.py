"""Patterns are varied at what the tests never gave them."""

import ast
import re

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.evidence.regex_edits import vary_pattern


def variations(pattern: str, call: str = "re.match({}, text)") -> list[str]:
    """Each as the text that Python reads."""
    code = SourceFile("job.py", f"x = {call.format(repr(pattern))}\n")
    texts = [
        t for node in code.nodes if isinstance(node, ast.expr) for t in vary_pattern(code, node)
    ]
    return [ast.literal_eval(text) for text in texts]


@pytest.mark.parametrize(
    ("pattern", "other"),
    [
        (r"(\d+)([hms])(?:(\d+)m)?", r"(\d+)([hms])(?:(\d+)[hms])?"),
        (r"[a-z]+@x", r"[a-z]+@[a-z]"),
        (r"v\d\.", r"v\d+\."),
        (r"<.*>", r"<.*?>"),
        (r"<.+?>", r"<.+>"),
        (r"^\d+$", r"\d+$"),
        (r"^\d+$", r"^\d+"),
        (r"\bcat\b", r"cat\b"),
        ('"(.*)"', '"(.*?)"'),
    ],
)
def test_one_small_thing_is_otherwise(pattern: str, other: str) -> None:
    assert other in variations(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d+", r"\d{4}", r"[hms]", r"\.", r"a\.*", r"\w*", "", "(", r"(?P<day>\d+)[a-z]", r"[.]*",
        r"(?P<d>\d+)(?P=d)[a-z]", r"[\]x]", r'name="[^"]x',
    ],
)  # fmt: skip
def test_what_nobody_means_otherwise_stays(pattern: str) -> None:
    assert variations(pattern) == []


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("re.sub({}, '', text)", 1),
        ("{}\nre.search(x, text)", 1),
        ("{}\nprint(x)", 0),
        ("glob.match({}, text)", 0),
        ("re.sub('', {}, text)", 0),
        ("re.escape({})", 0),
        ("compile({}, 'f', 'exec')", 0),
        ("print({})", 0),
    ],
)
def test_only_what_a_function_of_re_is_given_first_is_a_pattern(call: str, count: int) -> None:
    assert len(variations("^x", call)) == count


def test_every_variation_is_a_pattern() -> None:
    for pattern in (r"^(\d)([ab])a$", r'"\w\\', "^\n$"):
        others = variations(pattern)
        assert others
        assert pattern not in others
        for other in others:
            re.compile(other)
