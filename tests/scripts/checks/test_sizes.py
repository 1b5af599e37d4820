"""The limits of modules and functions, at their edge."""

import pytest

from scripts.checks.sizes import FUNCTION_LINES, MODULE_LINES, find_oversized
from scripts.checks.sources import Source


def texts(text: str) -> list[str]:
    return [problem.text for problem in find_oversized(Source("house/judge.py", text))]


@pytest.mark.parametrize(("lines", "count"), [(MODULE_LINES, 0), (MODULE_LINES + 1, 1)])
def test_a_module_has_at_most_so_many_lines(lines: int, count: int) -> None:
    assert len(texts("x = 1\n" * lines)) == count


@pytest.mark.parametrize(("lines", "count"), [(FUNCTION_LINES, 0), (FUNCTION_LINES + 1, 1)])
@pytest.mark.parametrize("head", ["def f():", "async def f():", "@decorator\n@other\ndef f():"])
def test_a_function_has_at_most_so_many_lines_its_decorators_not_counted(
    head: str, lines: int, count: int
) -> None:
    body = "    x = 1\n" * (lines - 1)
    assert texts(f"{head}\n{body}") == [f"f has {lines} lines; at most {FUNCTION_LINES}"] * count
