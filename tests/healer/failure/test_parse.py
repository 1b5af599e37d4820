"""Tracebacks as they stand in real output: prefixed, interleaved, cut, coloured, wrapped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure import parse_all, parse_traceback
from healer.failure.parse import relative_to
from tests.healer.failure.texts import BYTES, PLAIN, ROOT, SYNTAX, one


def test_a_plain_traceback_gives_type_message_and_own_frames() -> None:
    raised = one(PLAIN)
    assert (raised.type, raised.message) == ("KeyError", "'total'")
    assert [(f.file, f.line, f.function, f.source, f.own) for f in raised.frames] == [
        ("scripts/sync.py", 9, "<module>", "main()", True),
        ("scripts/sync.py", 5, "main", 'return rows["total"]', True),
    ]


def test_colour_codes_are_no_part_of_anything() -> None:
    coloured = (
        PLAIN.replace("/srv/app/scripts/sync.py", "\x1b[35m/srv/app/scripts/sync.py\x1b[0m")
        .replace("KeyError", "\x1b[1;35mKeyError\x1b[0m")
        .replace("9", "\x1b[35m9\x1b[0m")
    )
    assert one(coloured) == one(PLAIN)


def test_frames_without_sources_and_with_blank_lines_between_are_read() -> None:
    bare = "".join(f"{line}\n\n" for line in PLAIN.splitlines() if not line.startswith("    "))
    assert [frame.function for frame in one(bare).frames] == ["<module>", "main"]
    group = (
        "  + Exception Group Traceback (most recent call last):\n  |\n"
        '  |   File "a.py", line 5, in main\n  |\n'
        "  | app.ValidationFailedError: found 1 issue: Mismatch (1)\n  | See: https://a.example\n"
        "  +-+---------------- 1 ----------------\n"
        "    | app.Mismatch: reached through this chain:\n    |   SESSION  UserSession\n"
        "    +------------------------------------\n"
    )
    member, whole = parse_traceback(group)
    assert member.message == "reached through this chain:\n  SESSION  UserSession"
    assert whole.message.endswith("See: https://a.example")


def test_windows_line_ends_and_paths_are_read() -> None:
    text = PLAIN.replace("/srv/app/", "C:\\app\\").replace("scripts/", "scripts\\")
    (raised,) = parse_traceback(text.replace("\n", "\r\n"), "C:\\app")
    assert raised.frames[-1].file == "scripts/sync.py"
    assert raised.frames[-1].own


def test_a_syntax_error_of_the_script_itself_has_no_header() -> None:
    raised = one(SYNTAX)
    assert (raised.type, raised.frames[0].line) == ("SyntaxError", 3)
    assert raised.frames[0].source == "def f("
    assert raised.frames[0].function == ""


def test_the_last_complete_traceback_wins() -> None:
    cut = "\n".join(PLAIN.replace("KeyError", "OSError").splitlines()[:3])
    assert one(PLAIN.replace("KeyError", "IndexError") + PLAIN + cut).type == "KeyError"


@pytest.mark.parametrize("first", ["    ~~~~^^", "^^\n", "app/scripts/sync.py", "in()\n"])
def test_a_text_whose_beginning_was_cut_off_still_gives_the_rest(first: str) -> None:
    cut = PLAIN[PLAIN.index(first) :]
    raised = one(cut)
    assert raised.type == "KeyError"
    assert [frame.function for frame in raised.frames] == ["main"]


def test_a_swallowed_exception_is_not_the_one_that_ended_the_program() -> None:
    swallowed = "Exception ignored in: <function A.__del__ at 0x7f>\n" + PLAIN.replace(
        "KeyError", "OSError"
    )
    assert one(PLAIN + swallowed).type == "KeyError"
    assert one(swallowed).type == "OSError"


def test_the_traceback_of_another_process_is_the_cause() -> None:
    remote = 'multiprocessing.pool.RemoteTraceback: \n"""\n' + PLAIN + '"""\n'
    link = "\nThe above exception was the direct cause of the following exception:\n\n"
    chain = parse_traceback(remote + link + PLAIN, ROOT)
    assert [(r.type, r.message, r.relation) for r in chain] == [
        ("KeyError", "'total'", "cause"),
        ("KeyError", "'total'", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "all went well\n",
        "Traceback (most recent call last):\n",
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n',
        'Stack (most recent call last):\n  File "a.py", line 1, in f\n    f()\nINFO: x\n',
        'Current thread 0x00007f (most recent call first):\n  File "a.py", line 1 in f\n',
        '  File "a.py", line 1\nValueError: not a syntax error\n',
        "see Traceback (most recent call last): in the docs\nERROR: x\n\n\n",
        "ValueError: mentioned\n",
        "During handling of the above exception, another exception occurred:\n",
        "  + Exception Group Traceback (most recent call last):\n",
    ],
)
def test_what_is_no_complete_traceback_gives_nothing(text: str) -> None:
    assert parse_traceback(text) == ()


@pytest.mark.parametrize(
    ("file", "inside"),
    [
        ("/srv/app/a.py", "a.py"),
        ("/srv/app/./b/../a.py", "a.py"),
        ("/srv/application/a.py", None),
        ("/srv/app/../other/a.py", None),
        ("a.py", "a.py"),
        ("./scripts/a.py", "scripts/a.py"),
        ("../a.py", None),
        ("/job/scripts/a.py", "scripts/a.py"),
        ("<string>", None),
        ("<frozen importlib._bootstrap>", None),
        ("", None),
    ],
)
def test_a_file_is_own_only_below_a_root(file: str, inside: str | None) -> None:
    assert relative_to(file, ("/srv/app", "/job")) == inside


def test_relative_files_start_at_the_folder_the_job_ran_in() -> None:
    assert relative_to("a.py", ("/srv/app",), cwd="/srv/app/scripts") == "scripts/a.py"
    assert relative_to("a.py", ("/srv/app",), cwd="/home/user") is None


@pytest.mark.parametrize(
    "file",
    [
        "/srv/app/.venv/lib/python3.12/site-packages/requests/api.py",
        "/srv/app/venv/lib/x.py",
        "/usr/lib/python3/dist-packages/apt/x.py",
        "/usr/lib/python3.12/json/decoder.py",
    ],
)
def test_installed_packages_are_not_own_wherever_they_lie(file: str) -> None:
    raised = one(PLAIN.replace("/srv/app/scripts/sync.py", file))
    assert not any(frame.own for frame in raised.frames)


def test_huge_and_hostile_texts_stay_within_the_caps() -> None:
    frames = '  File "a.py", line 1, in f\n    f()\n  File "b.py", line 2, in g\n' * 5_000
    raised = one(f"Traceback (most recent call last):\n{frames}" + "E" * 9_999 + "Error: x\n")
    assert len(raised.frames) <= 400
    deep = "  + Exception Group Traceback (most recent call last):\n" + "".join(
        f"{'  ' * (n + 1)}+-+---------------- 1 ----------------\n{'  ' * (n + 2)}| ValueError: 1\n"
        for n in range(3_000)
    )
    assert len(parse_traceback(deep)) <= 50
    assert (
        parse_traceback('Traceback (most recent call last):\n  File "a", line ' + "9" * 5000) == ()
    )


@given(BYTES)
def test_any_bytes_give_a_value(data: bytes) -> None:
    for chain in (*parse_all(data), parse_traceback(data, "/srv/app", ("/job",), "/")):
        assert all(raised.type and len(raised.message) <= 4_000 for raised in chain)


@given(st.text())
def test_any_text_gives_a_value(text: str) -> None:
    parse_traceback(text)
