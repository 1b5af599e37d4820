"""A loop that counts too far ends earlier, and what it computed has one step less."""

import ast

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.evidence.loop_ends import end_loop, undo_step

SIZE = """def human(size):
    place = 0
    while size >= 1000:
        size /= 1000
        place += 1
    return size, UNITS[place]
"""


def endings(source: str) -> list[str]:
    code = SourceFile("job.py", source)
    nodes = [node for node in code.nodes if isinstance(node, ast.expr)]
    return [text for node in nodes for text in end_loop(code, node)]


def undone(source: str) -> list[str]:
    code = SourceFile("job.py", source)
    nodes = [node for node in code.nodes if isinstance(node, ast.expr)]
    return [text for node in nodes for text in undo_step(code, node)]


@pytest.mark.parametrize(
    ("source", "old", "new"),
    [
        (SIZE, "size >= 1000:", "(size >= 1000) and place < len(UNITS) - 1:"),
        (
            SIZE.replace("place += 1", "place -= 1"),
            "size >= 1000:",
            "(size >= 1000) and place > 0:",
        ),
        (
            "def f(v):\n    for n in range(len(v)):\n        g(v[n + 1])\n",
            "range(len(v))",
            "list(range(len(v)))[:-1]",
        ),
        (
            "def f(v):\n    return [v[2 + n] for n in count(v)]\n",
            "count(v)",
            "list(count(v))[:-2]",
        ),
    ],
)
def test_the_loop_that_counts_the_place_ends_at_the_end_of_the_list(
    source: str, old: str, new: str
) -> None:
    assert endings(source) == [source.replace(old, new)]


@pytest.mark.parametrize(
    "source",
    [
        SIZE.replace("UNITS[place]", "UNITS[size]"),
        SIZE.replace("place += 1", "place += 2"),
        SIZE.replace("place += 1", "place = place"),
        "def f(v, k):\n    for n in v:\n        g(v[k + 1])\n",
        "def f(v):\n    for n in v:\n        v[n + 1] = n\n",
        "def f(v):\n    for n in v:\n        g(v[n - 1])\n",
    ],
)
def test_a_place_that_no_loop_counts_upwards_is_left_alone(source: str) -> None:
    assert endings(source) == []


@pytest.mark.parametrize(
    ("step", "less"),
    [
        ("size /= 1000", ["(size * 1000)", "(place - 1)"]),
        ("size //= BASE", ["(size * BASE)", "(place - 1)"]),
        ("size -= 7", ["(size + 7)", "(place - 1)"]),
        ("size *= next(steps)", ["(place - 1)"]),
        ("size = size / 1000", ["(place - 1)"]),
    ],
)
def test_what_a_loop_changed_has_one_step_less_behind_it(step: str, less: list[str]) -> None:
    assert undone(SIZE.replace("size /= 1000", step)) == less


def test_what_stands_within_the_loop_or_before_it_has_all_its_steps() -> None:
    source = "def f(n):\n    g(n)\n    while n:\n        n -= 1\n        g(n)\n"
    assert undone(source) == []
