"""Known traps are mended where they are there to see, and nowhere else."""

import pytest

from healer.draft.search.operators.idioms import (
    IDIOM_OPERATORS,
    bind_loop_variable,
    fill_collection,
    renew_default,
    set_in_place,
)
from tests.support.search_cases import apply_operator


def edits(source: str) -> list[str]:
    """What the operators for known traps make of a file."""
    return [text for operator in IDIOM_OPERATORS for text in apply_operator(operator, source)]


def test_a_shared_default_becomes_a_fresh_one() -> None:
    source = "def add(row, rows=[]):\n    rows.append(row)\n    return rows\n"
    (fixed,) = edits(source)
    assert fixed.startswith("def add(row, rows=None):\n    if rows is None:\n        rows = []\n")


def test_a_default_that_cannot_change_stays() -> None:
    assert edits("def add(row, rows=(), limit=3):\n    return [row, *rows]\n") == []


def test_a_lambda_in_a_loop_keeps_its_own_value() -> None:
    assert edits("def make():\n    return [lambda x: x * i for i in range(3)]\n") == [
        "def make():\n    return [lambda x, i=i: x * i for i in range(3)]\n"
    ]


def test_a_lambda_that_uses_no_loop_variable_stays() -> None:
    assert edits("def make(k):\n    return [lambda x: x * k for i in range(3)]\n") == []


SEEN = """def walk(node):
    seen = set()
    def inner(node):
        if node in seen:
            return 0
        return 1 + sum(inner(each) for each in node.after)
    return inner(node)
"""


def test_something_is_put_into_a_collection_that_nothing_is_ever_put_into() -> None:
    assert SEEN.replace("return 1", "seen.add(node)\n        return 1") in edits(SEEN)
    stack = "def f(xs):\n    held = []\n    for x in xs:\n        print(x)\n    return held\n"
    assert stack.replace("(x)\n", "(x)\n        held.append(x)\n") in edits(stack)


@pytest.mark.parametrize(
    "filled",
    [
        "def f(xs):\n    held = []\n    for x in xs:\n        held.append(x)\n    return held\n",
        "def f(xs):\n    held = []\n    held[:] = xs\n    return held\n",
        "def f(xs):\n    held = []\n    fill(held)\n    return held\n",
        "def f(xs):\n    held = []\n    held += xs\n    return held\n",
        "def f(xs):\n    held = []\n    return xs\n",
        "def f(xs):\n    held = [1]\n    return held\n",
    ],
)
def test_a_collection_that_something_may_fill_or_nobody_asks_stays(filled: str) -> None:
    assert edits(filled) == []


@pytest.mark.parametrize("empty", ["[]", "{}", "set()", "list()", "dict()"])
def test_each_empty_collection_is_renewed(empty: str) -> None:
    (fixed,) = apply_operator(renew_default, f"def f(a, x={empty}):\n    return x\n")
    assert fixed == (f"def f(a, x=None):\n    if x is None:\n        x = {empty}\n    return x\n")


def test_the_fresh_default_comes_after_the_docstring_with_the_files_line_ends() -> None:
    source = 'def f(x=[]):\r\n    """Doc."""\r\n    return x\r\n'
    (fixed,) = apply_operator(renew_default, source)
    assert fixed == (
        'def f(x=None):\r\n    """Doc."""\r\n    if x is None:\r\n        x = []\r\n'
        "    return x\r\n"
    )


@pytest.mark.parametrize(
    "source",
    [
        "def f(x=None): return x\n",
        "def f(x=[1]): return x\n",
        "def f(x=frozenset()): return x\n",
        "f = lambda x=[]: x\n",
        "x = []\n",
    ],
)
def test_other_defaults_stay(source: str) -> None:
    assert apply_operator(renew_default, source) == []


@pytest.mark.parametrize(
    ("loop", "fixed"),
    [
        ("for i in n:\n        add(lambda: i)", "for i in n:\n        add(lambda i=i: i)"),
        ("for a, b in n:\n        add(lambda: b + a)",
         "for a, b in n:\n        add(lambda a=a, b=b: b + a)"),
        ("for i in n:\n        add(lambda x, y=1: i)",
         "for i in n:\n        add(lambda x, y=1, i=i: i)"),
        ("return {i: lambda: i for i in n}", "return {i: lambda i=i: i for i in n}"),
    ],
)  # fmt: skip
def test_a_loop_variable_is_bound_at_once(loop: str, fixed: str) -> None:
    head = "def f(n):\n    "
    assert apply_operator(bind_loop_variable, f"{head}{loop}\n") == [f"{head}{fixed}\n"]


@pytest.mark.parametrize(
    "source",
    [
        "def f(n):\n    for i in n:\n        add(lambda i: i)\n",
        "def f(n):\n    for i in n:\n        add(lambda *args: i)\n",
        "def f(n):\n    for i in n:\n        add(lambda **more: i)\n",
        "def f(n):\n    for i in n:\n        add(i)\n    return lambda: n\n",
        "def f(i):\n    return lambda: i\n",
    ],
)
def test_a_lambda_that_binds_nothing_too_late_stays(source: str) -> None:
    assert apply_operator(bind_loop_variable, source) == []


@pytest.mark.parametrize(
    ("empty", "call"), [("set()", "add"), ("[]", "append"), ("list()", "append"),
                        ("deque()", "append")]
)  # fmt: skip
def test_a_collection_is_filled_by_its_own_method(empty: str, call: str) -> None:
    source = f"def f(x):\n    kept = {empty}\n    return len(kept) if kept else x\n"
    found = apply_operator(fill_collection, source.replace("len(kept) if kept else x", "kept"))
    assert f"def f(x):\n    kept = {empty}\n    kept.{call}(x)\n    return kept\n" in found


@pytest.mark.parametrize(
    "source",
    [
        "kept = []\nprint(kept)\n",
        "def f(x):\n    kept = {}\n    return kept\n",
        "def f(x):\n    kept = set(x)\n    return kept\n",
        "def f(x):\n    kept = []\n    kept = [x]\n    return kept\n",
        "def f(x):\n    kept = []\n    kept[0] = x\n    return kept\n",
        "def f(x):\n    kept, y = [], x\n    return kept\n",
    ],
)
def test_what_is_no_empty_local_collection_or_is_filled_stays(source: str) -> None:
    assert apply_operator(fill_collection, source) == []


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ('frame["a"][frame["a"] < 0] = 0', 'frame.loc[frame["a"] < 0, "a"] = 0'),
        ('frame["a"][mask] += 1', 'frame.loc[mask, "a"] += 1'),
        ("rows[0][1] = 2", ""),
        ('frame["a"] = 2', ""),
    ],
)
def test_a_part_of_a_column_is_set_in_its_table(line: str, result: str) -> None:
    texts = apply_operator(set_in_place, f"def f(frame, mask, rows):\n    {line}\n")
    assert [text.split("\n")[1].strip() for text in texts] == ([result] if result else [])
