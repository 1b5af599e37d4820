"""Tracebacks as they stand in real output: prefixed, interleaved, cut, coloured, wrapped."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure import Failure, Raised, parse_all, parse_traceback
from healer.failure.parse import relative_to
from healer.failure.scan import Scanner

PLAIN = """\
Traceback (most recent call last):
  File "/srv/app/scripts/sync.py", line 9, in <module>
    main()
    ~~~~^^
  File "/srv/app/scripts/sync.py", line 5, in main
    return rows["total"]
           ~~~~^^^^^^^^^
KeyError: 'total'
"""
CHAINED = (
    PLAIN
    + """
During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/app/scripts/sync.py", line 7, in main
    raise SyncFailed("no total")
__main__.SyncFailed: no total
"""
)
SYNTAX = """\
  File "/srv/app/scripts/sync.py", line 3
    def f(
         ^
SyntaxError: '(' was never closed
"""
ROOT = "/srv/app"


def one(text: str | bytes) -> Raised:
    (raised,) = parse_traceback(text, ROOT)
    return raised


def prefixed(prefix: str, text: str = PLAIN) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


def test_a_plain_traceback_gives_type_message_and_own_frames() -> None:
    raised = one(PLAIN)
    assert (raised.type, raised.message) == ("KeyError", "'total'")
    assert [(f.file, f.line, f.function, f.source, f.own) for f in raised.frames] == [
        ("scripts/sync.py", 9, "<module>", "main()", True),
        ("scripts/sync.py", 5, "main", 'return rows["total"]', True),
    ]


@pytest.mark.parametrize(
    "prefix",
    [
        "web_1  | ",
        "web-1  | 2026-11-20T20:47:17.123456789Z ",
        "2026-11-20T20:47:17.123456789Z ",
        "2026-11-20T20:47:17.123456789Z stderr F ",
        "Nov 20 20:47:17 host sync[123]: ",
        "2026-11-20T20:47:17+0000 host sync[123]: ",
        "2026-11-20 20:47:17,123 ERROR sync ",
        "[2026-11-20 20:47:17 +0000] [123] [ERROR] ",
        "    | ",
        "ERROR: ",
    ],
)
def test_any_prefix_that_stays_the_same_but_for_its_time_is_taken_off(prefix: str) -> None:
    before = prefixed(prefix, CHAINED).replace("20:47:17", "20:47:16", 3)
    chain = parse_traceback(before, ROOT)
    assert [raised.type for raised in chain] == ["KeyError", "__main__.SyncFailed"]
    assert chain[0].relation == "context"
    assert all(frame.own for raised in chain for frame in raised.frames)


@pytest.mark.parametrize(
    "record",
    [
        "ERROR:root:sync failed\n",
        "2026-11-20 20:47:17,123 - sync - ERROR - failed\n",
        "[2026-11-20 20:47:17 +0000] [123] [ERROR] Exception in worker process\n",
        "[2026-11-20 20:47:17,123: ERROR/ForkPoolWorker-1] Task sync[4a] raised unexpected: "
        "KeyError('total')\n",
        "ERROR:root:sync failed ",
        "2026-11-20 20:47:17,123 ERROR sync failed: ",
    ],
)
def test_only_the_first_line_may_carry_a_prefix(record: str) -> None:
    text = f"INFO:root:start\n{record}{PLAIN}2026-11-20 20:47:18,001 INFO next\nINFO:root:more\n"
    assert one(text) == one(PLAIN)


NOISE = [
    "2026-11-20 20:47:17,123 INFO worker 3 is alive",
    "INFO:root:still here",
    '{"event": "tick", "level": "info"}',
    "10.0.0.7 - - [20/Nov/2026] GET / 200",
    "processed 40 rows",
    "done",
    "Progress: 40 %",
    "",
]


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("after", range(1, 7))
def test_a_line_of_another_writer_in_any_place_changes_nothing(noise: str, after: int) -> None:
    lines = PLAIN.splitlines()
    lines.insert(after, noise)
    assert one("\n".join(lines) + "\n") == one(PLAIN)


def test_two_services_whose_lines_alternate_are_kept_apart() -> None:
    first = prefixed("web_1  | ").splitlines()
    second = prefixed("job_1  | ", PLAIN.replace("KeyError", "IndexError")).splitlines()
    mixed = "\n".join(line for pair in zip(first, second, strict=True) for line in pair) + "\n"
    assert {chain[-1].type for chain in parse_all(mixed, ROOT)} == {"KeyError", "IndexError"}
    assert all(len(chain[-1].frames) == 2 for chain in parse_all(mixed, ROOT))


def test_two_processes_of_one_unit_are_kept_apart_by_their_ids() -> None:
    first = prefixed("Nov 20 20:47:17 host sync[123]: ").splitlines()
    second = prefixed("Nov 20 20:47:18 host sync[124]: ", CHAINED).splitlines()
    mixed = [line for pair in zip(first, second, strict=False) for line in pair]
    mixed += second[len(first) :]
    found = sorted(len(chain) for chain in parse_all("\n".join(mixed), ROOT))
    assert found == [1, 2]


def test_json_lines_are_looked_into() -> None:
    line = json.dumps({"event": "failed", "level": "error", "exception": PLAIN.strip()})
    assert one(f"starting\n{line}\nnext\n") == one(PLAIN)


def test_a_json_line_deep_inside_a_record_and_after_a_prefix_is_looked_into() -> None:
    line = json.dumps({"a": [{"exc": {"text": CHAINED}}]})
    chain = parse_traceback(f"2026-11-20T20:47:17.1Z stdout F {line}\n", ROOT)
    assert [raised.type for raised in chain] == ["KeyError", "__main__.SyncFailed"]


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


def test_docker_json_files_are_unwrapped_by_stream() -> None:
    def wrapped(text: str, stream: str) -> list[str]:
        return [
            json.dumps({"log": line, "stream": stream, "time": "2026-11-20T20:47:17Z"})
            for line in text.splitlines(keepends=True)
        ]

    error, out = wrapped(PLAIN, "stderr"), wrapped("a\nb\nc\nd\ne\nf\ng\nh\n", "stdout")
    mixed = [line for pair in zip(error, out, strict=True) for line in pair]
    assert one("\n".join(mixed) + "\n") == one(PLAIN)


def test_escaped_newlines_on_one_line_are_read() -> None:
    escaped = PLAIN.strip().replace('"', '\\"').replace("\n", "\\n")
    assert one(f'level=error msg="failed" exc="{escaped}"\n') == one(PLAIN)
    rsyslog = PLAIN.strip().replace("\n", "#012")
    assert one(f"Nov 20 20:47:17 host sync[1]: {rsyslog}\n") == one(PLAIN)


def test_colour_codes_are_no_part_of_anything() -> None:
    coloured = (
        PLAIN.replace("/srv/app/scripts/sync.py", "\x1b[35m/srv/app/scripts/sync.py\x1b[0m")
        .replace("KeyError", "\x1b[1;35mKeyError\x1b[0m")
        .replace("9", "\x1b[35m9\x1b[0m")
    )
    assert one(coloured) == one(PLAIN)


def test_a_coloured_name_of_a_service_before_each_line_is_taken_off() -> None:
    coloured = prefixed("\x1b[33mweb_1      | \x1b[0m", CHAINED)
    record = "\x1b[33mweb_1      | \x1b[0m[2026-11-20 20:47:17 +0000] [8] [ERROR] Exception\n"
    chain = parse_traceback(record + coloured, ROOT)
    assert [raised.type for raised in chain] == ["KeyError", "__main__.SyncFailed"]


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


def test_the_culprit_of_a_group_is_where_its_first_member_failed() -> None:
    group = (
        "  + Exception Group Traceback (most recent call last):\n"
        '  |   File "a.py", line 9, in main\n  |     async with TaskGroup() as tasks:\n'
        "  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)\n"
        "  +-+---------------- 1 ----------------\n"
        "    | Traceback (most recent call last):\n"
        '    |   File "a.py", line 3, in work\n    |     return 1 / n\n'
        "    | ZeroDivisionError: division by zero\n"
        "    +------------------------------------\n"
    )
    failure = Failure(id="", script="a.py", source="run", chain=parse_traceback(group))
    assert failure.culprit and failure.culprit.source == "return 1 / n"
    plain = failure.model_copy(update={"chain": parse_traceback(CHAINED, ROOT)})
    assert plain.culprit and plain.culprit.line == 7


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


LINE = st.sampled_from(
    [
        *CHAINED.splitlines(),
        *SYNTAX.splitlines(),
        *prefixed("web_1 | ").splitlines(),
        *NOISE,
        "  + Exception Group Traceback (most recent call last):",
        '  |   File "a.py", line 1, in f',
        "  | ExceptionGroup: g (2 sub-exceptions)",
        "  +-+---------------- 1 ----------------",
        "    | ValueError: 1",
        "    +---------------- 2 ----------------",
        "    +------------------------------------",
        "The above exception was the direct cause of the following exception:",
        json.dumps({"exception": PLAIN}),
        json.dumps({"log": PLAIN.splitlines()[0] + "\n", "stream": "stderr"}),
        "Traceback (most recent call last):\\n  File",
        '{"exc_type": ["Traceback (most recent call last):\\n',
        '{"exception": [{"exc_type": "E", "frames": [1, {}, {"filename": 3}]}]}',
        "[" * 5_000,
        '{"a":' * 3_000 + "}",
        "\x1b[31mValueError\x1b[0m: x",
        "  [Previous line repeated 996 more times]",
    ]
)
TEXT = st.lists(st.one_of(LINE, st.text(max_size=40)), max_size=40).map("\n".join)
BYTES = st.one_of(TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary())


@given(BYTES)
def test_any_bytes_give_a_value(data: bytes) -> None:
    for chain in (*parse_all(data), parse_traceback(data, "/srv/app", ("/job",), "/")):
        assert all(raised.type and len(raised.message) <= 4_000 for raised in chain)


@given(st.text())
def test_any_text_gives_a_value(text: str) -> None:
    parse_traceback(text)


@given(BYTES, st.lists(st.integers(min_value=0, max_value=3_000), max_size=12))
def test_where_a_stream_is_cut_into_pieces_makes_no_difference(
    data: bytes, cuts: list[int]
) -> None:
    whole = Scanner()
    expected = whole.feed(data) + whole.end()
    pieces = Scanner()
    found, place = [], 0
    for cut in [*sorted(cuts), len(data)]:
        found += pieces.feed(data[place:cut])
        place = max(place, cut)
    assert found + pieces.end() == expected
