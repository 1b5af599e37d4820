"""How examples are written: a diff, with what the script raises after `#!`."""

import pytest

from healer.draft.rules.example import Example

LOOP = """
      import glob
    - for path in glob("*.csv"):  #! TypeError: 'module' object is not callable
    + for path in glob.glob("*.csv"):
          print(path)
    """


def test_a_diff_is_read_as_the_broken_and_the_fixed_script() -> None:
    example = Example(LOOP)
    assert example.before == 'import glob\nfor path in glob("*.csv"):\n    print(path)\n'
    assert example.after == 'import glob\nfor path in glob.glob("*.csv"):\n    print(path)\n'
    assert not example.is_silent


def test_the_error_is_at_the_marked_line_of_the_broken_script() -> None:
    error = Example(LOOP, locals={"path": "'a'"}, path="jobs/job.py").error
    assert (error.type, error.message) == ("TypeError", "'module' object is not callable")
    (frame,) = error.frames
    assert (frame.file, frame.line, frame.own) == ("jobs/job.py", 2, True)
    assert frame.source == 'for path in glob("*.csv"):'
    assert frame.locals == {"path": "'a'"}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = 1  #! E: a", 1, "a"),
        ("x = 1\n#! E: a", 1, "a"),
        ("x = 1\n#! E: a\n#! b c", 1, "a b c"),
        ("x = (\n    1)\n    #! E: a\ny = 2", 2, "a"),
        ("y = 2\nx = 1  #! E", 2, ""),
        ("x = 1  #! E: 'a' # b", 1, "'a' # b"),
        ("y = 1\n\nx = 2  #! package.E: a: b", 3, "a: b"),
    ],
)
def test_what_is_raised_stands_on_its_line_or_below_it(text: str, line: int, message: str) -> None:
    error = Example(text).error
    assert (error.frames[0].line, error.message) == (line, message)
    assert "#!" not in Example(text).before


def test_a_script_without_signs_is_to_be_left_alone() -> None:
    example = Example(
        """
        import os
        if os:
            print(-1)  #! E
        """
    )
    assert example.is_silent
    assert example.before == example.after == "import os\nif os:\n    print(-1)\n"


@pytest.mark.parametrize(
    "text",
    [
        "-x = 1  #! E\n",
        "x = - 1  #! E\n",
        "    - 1\n",
    ],
)
def test_a_minus_is_a_sign_only_where_a_space_follows_it_at_the_margin(text: str) -> None:
    assert Example(text).is_silent is not text.strip().startswith("- ")


def test_empty_lines_stay_and_come_and_go() -> None:
    example = Example("  a = 1\n\n- b = 2  #! E\n-\n+ b = 3\n+\n+ c = 4\n")
    assert example.before == "a = 1\n\nb = 2\n\n"
    assert example.after == "a = 1\n\nb = 3\n\nc = 4\n"


def test_the_interpreter_line_is_no_mark() -> None:
    example = Example("  #!/usr/bin/env python3\n- x = y  #! NameError: y\n+ x = 1\n")
    assert example.before == "#!/usr/bin/env python3\nx = y\n"
    assert example.error.frames[0].line == 2


def test_a_mark_on_a_line_of_its_own_may_stand_at_the_margin_of_the_diff() -> None:
    example = Example("- x = y\n#! NameError: name 'y'\n#! is not defined\n+ x = 1\n")
    assert example.before == "x = y\n"
    assert example.after == "x = 1\n"
    assert example.error.message == "name 'y' is not defined"


def test_the_lines_are_shown_as_they_were_written() -> None:
    assert Example(LOOP).lines[1].startswith("- for path in glob(")
    assert Example(LOOP).lines[1].endswith("is not callable")
    assert len(Example(LOOP).lines) == 4


def test_an_example_that_raises_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="says what it raises"):
        _ = Example("- x = 1\n+ x = 2\n").error


def test_a_line_that_is_neither_kept_nor_taken_out_nor_put_in_is_refused() -> None:
    with pytest.raises(ValueError, match="neither kept, taken out nor put in: 'y = 2'"):
        _ = Example("- x = 1  #! E\n+ x = 2\ny = 2\n").before


def test_other_files_and_a_place_of_its_own_are_part_of_it() -> None:
    example = Example("x = 1  #! E", files={"a.py": "y = 2\n"}, path="jobs/job.py")
    assert example.files == {"a.py": "y = 2\n"}
    assert example.error.frames[0].file == "jobs/job.py"
    assert not example.is_reported
