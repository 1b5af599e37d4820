"""Another part of a value, and what comes of it where the test's text does not tell the two."""

import ast

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.evidence.parts_of_values import fill_other_end, other_end, other_parts


def parts(text: str) -> list[str]:
    code = SourceFile("job.py", f"x = {text}\n")
    value = next(node.value for node in code.nodes if isinstance(node, ast.Assign))
    return list(other_parts(code, value))


@pytest.mark.parametrize(
    ("text", "seen", "unseen", "other"),
    [
        ("v[1:]", "\ufeffid", "size", "size"),
        ("v[1:]", "#12", "12", "12"),
        ("(v + '')[1:]", "#12", "12", "12"),
        ("v[1:]", "v12", "12", "12"),
        ("v[:-1]", "12%", "12", "12"),
        ("v[:-1]", "12h", "12", "12"),
        ("v[1:-1]", "'a'", "abc", "abc"),
        ("v[:2]", "12:30", "9:30", "9"),
        ("v[3:]", "id=5", "size=5", "5"),
        ("v[:v.find('#')]", "a#b", "ab", "ab"),
        ("v.rstrip('.csv')", "a.csv", "css.csv", "css"),
        ("v.lstrip('www.')", "www.a", "www.web", "web"),
    ],
)
def test_some_other_part_is_the_same_on_one_text_and_another_on_the_next(
    text: str, seen: str, unseen: str, other: str
) -> None:
    code = SourceFile("job.py", f"x = {text}\n")
    nodes = [n for n in code.nodes if isinstance(n, ast.Subscript | ast.Call)]
    sources = [
        code.text[4 : code.span(n)[0]] + part + code.text[code.span(n)[1] :]
        for n in nodes
        for part in other_parts(code, n)
    ]
    wanted = eval(text, {"v": seen})
    found = [s for s in sources if eval(s, {"v": seen}) == wanted]
    assert other in [eval(s, {"v": unseen}) for s in found]
    assert eval(text, {"v": unseen}) != other


def test_the_seconds_of_a_span_may_be_all_of_them() -> None:
    assert parts("(a - b).seconds") == ["(a - b).total_seconds()"]


@pytest.mark.parametrize(
    "text",
    [
        "v.days",
        "v[1]",
        "v[:]",
        "v[a:b]",
        "v[::2]",
        "v[0.5:]",
        "v.find('a', 1)",
        "read().find('a')",
        "v.strip()",
        "v.lstrip('0')",
        "v.rstrip('  ')",
        "v.upper()",
    ],
)
def test_what_has_no_other_part_is_left(text: str) -> None:
    assert parts(text) == []


def from_other_end(text: str) -> list[str]:
    code = SourceFile("job.py", f"x = {text}\n")
    return [each for n in code.nodes if isinstance(n, ast.expr) for each in other_end(code, n)]


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("line.split(',', 2)", ["line.rsplit(',', 2)"]),
        ("line.rsplit(',', maxsplit=1)", ["line.split(',', maxsplit=1)"]),
        ("line.split(',')", []),
        ("line.split()", []),
        ("split(line, 2)", []),
        ("text.find('a')", ["text.rfind('a')"]),
        ("(a + b).rpartition('=')[2]", ["(a + b).partition('=')"]),
        ("queue.popleft()", ["queue.pop()"]),
        ("text.ljust(8)", ["text.rjust(8)"]),
    ],
)
def test_a_method_may_have_been_meant_from_the_other_end(text: str, others: list[str]) -> None:
    assert from_other_end(text) == others


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("v[:3]", "v[-3:]"),
        ("v[3:]", "v[:-3]"),
        ("v[-3:]", "v[:3]"),
        ("v[:-3]", "v[3:]"),
        ("v[:keep]", "v[-keep:]"),
        ("v[-keep:]", "v[:keep]"),
        ("v[n + 1 :]", "v[:-(n + 1)]"),
    ],
)
def test_as_many_may_have_been_meant_at_the_other_end(text: str, other: str) -> None:
    assert parts(text)[0] == other


@pytest.mark.parametrize("text", ["v[1:3]", "v[::2]", "v[:]", "v[:3:2]"])
def test_a_slice_with_two_ends_has_no_other_one(text: str) -> None:
    assert parts(text) == []


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("digits + '0' * (len(digits) % 2)", ["('0' * (len(digits) % 2) + digits)"]),
        ("n * b' ' + data", ["(data + n * b' ')"]),
        ("name + '.txt'", ["('.txt' + name)"]),
        ("'a' + 'b'", []),
        ("name + ending", []),
        ("total + 1", []),
        ("name * 2", []),
    ],
)
def test_a_text_may_have_to_be_filled_up_at_its_other_end(text: str, others: list[str]) -> None:
    code = SourceFile("job.py", f"x = {text}\n")
    value = next(node.value for node in code.nodes if isinstance(node, ast.Assign))
    assert list(fill_other_end(code, value)) == others
