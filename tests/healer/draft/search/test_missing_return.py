"""A function that always gave a value must not begin to end without one."""

import ast

import pytest

from healer.draft.search.missing_return import loses_a_value

ENDLESS = """def f(v):
    while True:
        if v.next is None:
            return False
        v = v.next
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ENDLESS, ENDLESS.replace("True:", "v:")),
        (ENDLESS, ENDLESS.replace("v = v.next", "break")),
        (ENDLESS, ENDLESS.replace("return False", "return")),
        ("def f(v):\n    return v\n", "def f(v):\n    if v:\n        return v\n"),
        ("def f():\n    def g():\n        return 1\n    return g\n",
         "def f():\n    def g():\n        1\n    return g\n"),
        ("def f(v):\n    with v:\n        return 1\n", "def f(v):\n    with v:\n        pass\n"),
    ],
)  # fmt: skip
def test_a_new_way_out_without_a_value_is_a_loss(old: str, new: str) -> None:
    assert loses_a_value(ast.parse(old), ast.parse(new))
    assert not loses_a_value(ast.parse(new), ast.parse(old))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(ENDLESS, ENDLESS.replace("False", "True"), id="another value"),
        pytest.param("def f(v):\n    v.x = 1\n", "def f(v):\n    v.x = 2\n", id="never a value"),
        pytest.param(
            "def f(v):\n    yield 1\n", "def f(v):\n    if v:\n        yield 1\n", id="a generator"
        ),
        pytest.param(
            ENDLESS,
            ENDLESS.replace("v = v.next", "for x in v:\n            break"),
            id="a loop inside is left",
        ),
        pytest.param(
            "def f(v):\n    return v\n",
            "def f(v):\n    try:\n        return v[0]\n    except KeyError:\n        raise\n",
            id="every way ends",
        ),
        pytest.param(
            "def f(v):\n    return v\n",
            "def f(v):\n    if v:\n        return v\n    else:\n        return 1\n",
            id="both ways give one",
        ),
    ],
)
def test_what_still_gives_a_value_or_never_did_loses_none(old: str, new: str) -> None:
    assert not loses_a_value(ast.parse(old), ast.parse(new))
