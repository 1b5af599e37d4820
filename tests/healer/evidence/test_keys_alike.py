"""A lookup whose key is written as the other keys of its table are."""

import ast

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.evidence.keys_alike import write_key_alike


def readings(last: str, *lines: str) -> list[str]:
    """Those of the value that the function's last line gives."""
    body = "\n    ".join([*lines, f"return {last}"])
    code = SourceFile("job.py", f"def f(value, rows):\n    {body}\n")
    value = next(node.value for node in code.nodes if isinstance(node, ast.Return))
    assert value is not None
    return list(write_key_alike(code, value))


@pytest.mark.parametrize(
    ("lines", "last", "others"),
    [
        (["t = {r.lower(): r for r in rows}"], "t[value]", ["t[value.lower()]"]),
        (["t = dict((str(r), r) for r in rows)"], "t.get(value, 0)", ["t.get(str(value), 0)"]),
        (["t = {}", "for r in rows:", "    t[r.strip().upper()] = r"], "t[value]",
         ["t[value.strip().upper()]"]),
        (["if value.casefold() not in t:", "    return None"], "t[value]", ["t[value.casefold()]"]),
        (["n = int(value)"], "t[value]", ["t[int(value)]"]),
        (["t = {r['k']: r for r in rows}"], "t[value.lower()]", ["t[value]"]),
        (["t = {r.lower(): r for r in rows}"], "value in t", ["value.lower() in t"]),
    ],
)  # fmt: skip
def test_the_key_takes_the_form_of_the_others(
    lines: list[str], last: str, others: list[str]
) -> None:
    assert readings(last, *lines) == others


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        (["t = {r.lower(): r for r in rows}"], "t[value.lower()]"),
        (["t = {r.lower(): r for r in rows}"], "other[value]"),
        (["t = {r: r for r in rows}"], "t[value]"),
        (["g(rows.lower())"], "t[value]"),
        (["t = {r.lower(): r for r in rows}"], "t['a']"),
        (["t = {r.lower(): r for r in rows}"], "t[1:]"),
        (["g(value.replace(value, rows))"], "t[value]"),
    ],
)
def test_without_another_form_it_stays(lines: list[str], last: str) -> None:
    assert readings(last, *lines) == []
