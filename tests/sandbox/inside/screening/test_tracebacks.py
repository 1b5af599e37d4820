"""The text of a failure names where it was, is short, and never costs its last line."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.inside.screening import tracebacks
from sandbox.inside.screening.tracebacks import DETAIL_CHARS


def raise_deep(depth: int) -> None:
    if depth:
        raise_deep(depth - 1)
    raise ValueError("oh no")


def text_of(depth: int) -> str:
    try:
        raise_deep(depth)
    except ValueError as error:
        return tracebacks.format_error(error)
    raise AssertionError


def test_an_error_is_told_with_file_line_function_and_source() -> None:
    text = text_of(0)
    assert text.startswith("Traceback (most recent call last):\n")
    assert f'File "{__file__}", line ' in text
    assert "in raise_deep\n    raise ValueError" in text
    assert text.endswith("ValueError: oh no\n")


def test_of_a_deep_one_the_innermost_frames_are_kept() -> None:
    text = text_of(40)
    assert text.count("in raise_deep") <= 12
    assert len(text) <= DETAIL_CHARS
    assert text.endswith("ValueError: oh no\n")


def test_an_error_without_a_traceback_is_one_line() -> None:
    assert tracebacks.format_error(KeyError("a")) == "KeyError: 'a'\n"


def test_what_is_still_running_is_told_from_the_caller_that_is_asked_for() -> None:
    def handler() -> str:
        return tracebacks.format_endless(callers=1)

    def hangs() -> str:
        return handler()

    text = hangs()
    assert "in hangs" in text
    assert "in handler" not in text
    assert text.endswith("EndlessTestError: too slow")


@given(st.text(alphabet="ab\n", max_size=30), st.integers(0, 2 * DETAIL_CHARS))
def test_a_cut_detail_keeps_its_first_line_and_its_end(head: str, length: int) -> None:
    detail = f"{head}\n{'x' * length}end"
    short = tracebacks.cut(detail)
    assert len(short) <= DETAIL_CHARS
    assert short.partition("\n")[0] == detail.partition("\n")[0]
    assert short.endswith("end")
    if len(detail) <= DETAIL_CHARS:
        assert short == detail


def test_a_first_line_that_is_too_long_leaves_half_to_the_end() -> None:
    short = tracebacks.cut("n" * 5_000 + "\n" + "x" * 5_000 + "end")
    assert len(short) == DETAIL_CHARS
    assert short.partition("\n")[0] == "n" * (DETAIL_CHARS // 2)
    assert short.endswith("end")


class GroupError(Exception):
    """As `ExceptionGroup`, which Python 3.10 has not."""

    def __init__(self, *exceptions: BaseException) -> None:
        super().__init__("unhandled errors")
        self.exceptions = exceptions


def test_of_a_group_the_first_error_is_told() -> None:
    error = GroupError(GroupError(AssertionError("1 is not 2"), KeyError("a")))
    assert tracebacks.format_error(error) == "AssertionError: 1 is not 2\n"


def test_an_attribute_of_that_name_makes_no_group() -> None:
    error = ValueError("oh no")
    error.exceptions = ("a",)  # type: ignore[attr-defined]  # whatever a program puts there
    assert tracebacks.format_error(error) == "ValueError: oh no\n"
    assert tracebacks.format_error(GroupError()).endswith("GroupError: unhandled errors\n")
