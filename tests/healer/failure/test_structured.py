"""Tracebacks that a logger wrote as data read as if they had been printed."""

import json

import pytest

from healer.failure import parse_traceback
from healer.failure.structured import format_stacks, is_structured


def test_structured_tracebacks_of_structlog_are_read() -> None:
    import structlog

    transform = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    try:
        try:
            int("x")
        except ValueError as error:
            raise RuntimeError("wrapped") from error
    except RuntimeError as error:
        exception = transform((type(error), error, error.__traceback__))
    line = json.dumps({"event": "failed", "exception": exception})
    chain = parse_traceback(line + "\n")
    assert [(r.type, r.relation) for r in chain] == [("ValueError", "cause"), ("RuntimeError", "")]
    assert chain[-1].message == "wrapped"
    assert chain[-1].frames[-1].file == __file__


FRAME = {"filename": "a.py", "lineno": 3, "name": "main", "line": "work()"}
STACK: dict[str, object] = {"exc_type": "KeyError", "exc_value": "'x'", "frames": [FRAME]}


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        (STACK, True),
        ({"exc_type": "E", "frames": []}, True),
        ({"exc_type": 3, "frames": []}, False),
        ({"exc_type": "E"}, False),
        ({"exc_type": "E", "frames": {}}, False),
        ([STACK], False),
        ("KeyError", False),
        (None, False),
    ],
)
def test_what_is_a_stack(value: object, is_one: bool) -> None:
    assert is_structured(value) == is_one


def test_it_is_printed_as_python_prints_it() -> None:
    assert format_stacks([STACK]) == (
        "Traceback (most recent call last):\n"
        '  File "a.py", line 3, in main\n'
        "    work()\n"
        "KeyError: 'x'"
    )


@pytest.mark.parametrize(("is_cause", "relation"), [(True, "cause"), (False, "context")])
def test_the_list_holds_the_last_exception_first(is_cause: bool, relation: str) -> None:
    first = {**STACK, "exc_type": "ValueError", "is_cause": is_cause}
    chain = parse_traceback(format_stacks([STACK, first]))
    assert [(link.type, link.relation) for link in chain] == [
        ("ValueError", relation),
        ("KeyError", ""),
    ]


def test_a_syntax_error_and_notes_are_kept() -> None:
    stack = {
        **STACK,
        "exc_type": "SyntaxError",
        "syntax_error": {"filename": "b.py", "lineno": 7, "line": "  def f("},
        "exc_notes": ["see the wiki"],
    }
    (link,) = parse_traceback(format_stacks([stack]))
    assert (link.frames[-1].file, link.frames[-1].line) == ("b.py", 7)
    assert link.message == "'x'\nsee the wiki"


@pytest.mark.parametrize(
    "stacks",
    [
        [],
        [3, None, "x"],
        [{"exc_type": "E", "frames": [1, {}, {"filename": 3}]}],
        [{"exc_type": "E", "frames": None, "syntax_error": 3, "exc_notes": 3}],
        [STACK] * 500,
    ],
)
def test_whatever_is_in_the_list_it_is_text(stacks: list[object]) -> None:
    assert isinstance(format_stacks(stacks), str)
    parse_traceback(format_stacks(stacks))
