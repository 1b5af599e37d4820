"""A docstring may promise what a rule's mend does not give."""

import pytest

from healer.draft.rules.promises import has_promise


def script(docstring: str, statement: str) -> str:
    return f'import collections\n\n\ndef f(n):\n    """{docstring}"""\n    return {statement}\n'


@pytest.mark.parametrize(
    ("docstring", "old", "new"),
    [
        ("Even numbers up to and with n.", "list(xrange(0, n, 2))", "list(range(0, n, 2))"),
        ("From 1 to n, inclusive.", "sum(xrange(1, n))", "sum(range(1, n))"),
        ("The first n, that one included.", "nn[:n]", "n[:n]"),
        ("Both ends count.", "nn < 3", "n < 3"),
        (
            "A mapping that can be called counts as a mapping.",
            "isinstance(n, collections.Callable)",
            "callable(n)",
        ),
    ],
)
def test_a_promise_of_the_changed_statement_is_seen(docstring: str, old: str, new: str) -> None:
    assert has_promise(script(docstring, old), script(docstring, new))


@pytest.mark.parametrize(
    ("docstring", "old", "new"),
    [
        ("Even numbers below n.", "list(xrange(0, n, 2))", "list(range(0, n, 2))"),
        ("All names, the last one included.", "sortde(n)", "sorted(n)"),
        ("A list counts as one.", "list(xrange(n))", "list(range(n))"),
        ("Up to and with n.", "isinstance(n, collections.Callable)", "callable(n)"),
    ],
)
def test_a_promise_of_something_else_is_none(docstring: str, old: str, new: str) -> None:
    assert not has_promise(script(docstring, old), script(docstring, new))


def test_only_the_docstring_of_the_changed_function_speaks() -> None:
    other = '\n\ndef g(n):\n    """From 1 to n, inclusive."""\n    return range(1, n + 1)\n'
    old, new = (script("Numbers.", text) + other for text in ("xrange(n)", "range(n)"))
    assert not has_promise(old, new)
    assert not has_promise("x = xrange(3)\n", "x = range(3)\n")
