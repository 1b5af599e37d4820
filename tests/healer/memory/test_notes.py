"""A script's notes gain a line for each failure mode, and nothing that Markdown would act on."""

import re

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
    assert not set("`<>[]|*#!\\") & set(re.sub(r"\\[\W_]", "", line))
    assert add_failure_mode("# x\n", "x.py", line).count("\n") == 5
    assert to_plain_line(to_plain_line(failure)) == to_plain_line(failure)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("no key unit_price in daily_sales.py", "no key unit_price in daily_sales.py"),
        ("_private and __init__", "\\_private and \\_\\_init\\_\\_"),
        ("rows[0] <b> | *x* # !", "rows\\[0\\] \\<b\\> \\| \\*x\\* \\# \\!"),
        ("a `code` of C:\\x", "a \\`code\\` of C:\\\\x"),
    ],
)
def test_markup_is_escaped_and_nothing_of_the_text_is_lost(text: str, line: str) -> None:
    assert to_plain_line(text) == line


def test_a_section_is_added_and_replaced_by_its_title() -> None:
    first = set_section("# sync\n\nGoal: x.\n", "sync.py", "Patterns", ("- one",))
    assert first == "# sync\n\nGoal: x.\n\n## Patterns\n\n- one\n"
    second = set_section(first, "sync.py", "Patterns", ("- two",))
    assert second == "# sync\n\nGoal: x.\n\n## Patterns\n\n- two\n"
    assert set_section(None, "scripts/sync.py", "P", ("- x",)) == "# sync\n\n## P\n\n- x\n"


NOTES = st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=30), max_size=8)


@given(NOTES)
def test_what_people_wrote_stays(lines: list[str]) -> None:
    text = "# job\n\nGoal: x.\n" + "\n".join(lines) + "\n"
    after = add_failure_mode(text, "scripts/job.py", LINE)
    theirs = [line for line in text.splitlines() if line.strip()]
    ours = [line for line in after.splitlines() if line.strip()]
    assert [line for line in ours if line not in (LINE, HEADING)] == [
        line for line in theirs if line not in (LINE, HEADING)
    ]


@given(NOTES)
def test_a_line_is_added_once_and_a_section_replaced_for_ever(lines: list[str]) -> None:
    text = "# job\n" + "\n".join(lines) + "\n"
    once = add_failure_mode(text, "scripts/job.py", LINE)
    assert add_failure_mode(once, "scripts/job.py", LINE) == once
    section = set_section(text, "scripts/job.py", "Patterns", ("- one",))
    assert set_section(section, "scripts/job.py", "Patterns", ("- one",)) == section


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("KeyError: 'total'", "KeyError: 'total'", True),
        ("KeyError: 'total'", "KeyError: 'totl'", False),
        ("it failed", "", True),
        ("KeyError: 'a'", "OSError: 'a'", False),
    ],
)
def test_a_failure_is_told_apart_by_its_words(one: str, other: str, is_same: bool) -> None:
    first = describe_failure_mode("2026-11-20", one, "Why.", "ab12")
    second = describe_failure_mode("2026-12-24", other, "Another why.", "cd34")
    text = add_failure_mode(add_failure_mode(None, "a.py", first), "a.py", second)
    assert text.count("- 2026-") == (1 if is_same else 2)


@pytest.mark.parametrize(
    ("script", "path"),
    [("a.py", "a.md"), ("scripts/a.b.py", "scripts/a.b.md"), ("jobs/run", "jobs/run.md")],
)
def test_notes_lie_beside_their_script(script: str, path: str) -> None:
    assert notes_path(script) == path


def test_a_section_ends_at_the_next_heading_of_any_depth() -> None:
    text = "# a\n\n## P\n\n- old\n\n### Deeper\n\nkept\n"
    after = set_section(text, "a.py", "P", ("- new",))
    assert after == "# a\n\n### Deeper\n\nkept\n\n## P\n\n- new\n"


def test_a_long_message_is_cut() -> None:
    assert len(to_plain_line("x" * 10_000)) == 400
