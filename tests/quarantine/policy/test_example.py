"""An example is a diff without its header, read as two sides of one file."""

import pytest

from quarantine.policy import Example

DIFF = """
      import os
    - total = rows[0]
    + total = sum(rows)

      print(total)
    """


def test_both_sides_are_read_from_one_text() -> None:
    example = Example(DIFF)
    assert example.before == b"import os\ntotal = rows[0]\n\nprint(total)\n"
    assert example.after == b"import os\ntotal = sum(rows)\n\nprint(total)\n"


def test_its_lines_are_shown_as_they_were_written() -> None:
    assert Example(DIFF).lines == [
        "  import os", "- total = rows[0]", "+ total = sum(rows)", "", "  print(total)",
    ]  # fmt: skip


def test_an_empty_line_belongs_to_both_sides_or_to_the_one_that_marks_it() -> None:
    example = Example("+ a = 1\n+\n+ b = 2\n\n- c = 3")
    assert (example.before, example.after) == (b"\nc = 3\n", b"a = 1\n\nb = 2\n\n")


@pytest.mark.parametrize("line", ["x = 1", "+x = 1", "-x = 1", "* x = 1", " x = 1"])
def test_a_line_with_no_mark_is_a_mistake(line: str) -> None:
    with pytest.raises(ValueError, match="neither kept, taken out nor put in"):
        _ = Example(f"+ a = 1\n{line}").before


def test_a_new_file_has_no_other_side() -> None:
    example = Example("+ x = 1", old_mode="")
    assert (example.before, example.after) == (None, b"x = 1\n")


def test_a_removed_file_has_none_either() -> None:
    example = Example("- x = 1", new_mode="")
    assert (example.before, example.after) == (b"x = 1\n", None)


def test_a_file_that_is_missing_though_it_is_named_reads_as_none() -> None:
    assert Example("+ x = 1", is_lost=True).after is None


def test_bytes_that_no_text_shows_are_given_as_they_are() -> None:
    example = Example("any bytes", data=b"\xff\x00")
    assert (example.before, example.after) == (b"x = 1\n", b"\xff\x00")


def test_a_text_alone_is_an_example_of_a_script() -> None:
    assert Example.read("+ x = 1") == Example("+ x = 1", path="scripts/job.py")
    example = Example("+ x = 1", path="a.py")
    assert Example.read(example) is example
