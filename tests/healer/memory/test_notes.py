"""A script's notes gain a line for each failure mode, and nothing that Markdown would act on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.memory.notes import (
    HEADING,
    add_failure_mode,
    describe_failure_mode,
    notes_path,
    set_section,
    to_plain_line,
)

LINE = describe_failure_mode(
    "2026-11-20", "KeyError: 'total'", "The column is optional now.", "ab12"
)


def test_the_line_says_when_what_why_and_which_repair() -> None:
    assert LINE == "- 2026-11-20: KeyError: 'total'. The column is optional now. (repair ab12)"
    assert notes_path("scripts/sync.py") == "scripts/sync.md"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, f"# sync\n\n{HEADING}\n\n{LINE}\n"),
        ("# sync\n\nGoal: x.\n", f"# sync\n\nGoal: x.\n\n{HEADING}\n\n{LINE}\n"),
        (f"# sync\n\n{HEADING}\n", f"# sync\n\n{HEADING}\n\n{LINE}\n"),
        (
            f"# sync\n\n{HEADING}\n\n- old\n\n## More\n\nx\n",
            f"# sync\n\n{HEADING}\n\n- old\n{LINE}\n\n## More\n\nx\n",
        ),
        (f"# s\r\n\r\n{HEADING}\r\n- a\r\n", f"# s\r\n\r\n{HEADING}\r\n- a\r\n{LINE}\r\n"),
        ("", f"\n\n{HEADING}\n\n{LINE}\n"),
    ],
)  # fmt: skip
def test_the_line_goes_to_the_end_of_the_list(before: str | None, after: str) -> None:
    assert add_failure_mode(before, "scripts/sync.py", LINE) == after


def test_the_same_failure_is_noted_once() -> None:
    once = add_failure_mode(None, "scripts/sync.py", LINE)
    again = describe_failure_mode("2026-12-01", "KeyError: 'total'", "Something else.", "cd34")
    assert add_failure_mode(once, "scripts/sync.py", again) == once


@given(st.text(max_size=400), st.text(max_size=400))
def test_whatever_failed_the_note_is_one_line_without_markup(failure: str, cause: str) -> None:
    line = describe_failure_mode("2026-11-20", failure, cause, "ab12")
    assert line.isprintable()
    assert not set("`<>[]|*#!\\") & set(line)
    assert add_failure_mode("# x\n", "x.py", line).count("\n") == 5
    assert to_plain_line(to_plain_line(failure)) == to_plain_line(failure)


def test_a_section_is_added_and_replaced_by_its_title() -> None:
    first = set_section("# sync\n\nGoal: x.\n", "sync.py", "Patterns", ("- one",))
    assert first == "# sync\n\nGoal: x.\n\n## Patterns\n\n- one\n"
    second = set_section(first, "sync.py", "Patterns", ("- two",))
    assert second == "# sync\n\nGoal: x.\n\n## Patterns\n\n- two\n"
    assert set_section(None, "scripts/sync.py", "P", ("- x",)) == "# sync\n\n## P\n\n- x\n"
