"""How files are opened: their encoding, a mark at their beginning, text or binary."""

import ast
import textwrap
from pathlib import Path

import pytest

from healer.draft.rules.drafter import find_fault_sites
from healer.draft.rules.example import Example
from healer.draft.rules.io.open_modes import mode_of, opening_calls, with_mode
from healer.draft.rules.rule import FaultSite
from healer.draft.rules.source_file import apply_edits
from healer.draft.rules.source_files import SourceFiles
from healer.failure import Frame, Raised
from tests.support.memory_tree import MemoryTree
from tests.support.rule_cases import (
    check_fix,
    check_silence,
    content_of,
    draft_script,
    example_case,
    run_script,
)

ASCII = "UnicodeDecodeError: 'ascii' codec can't decode byte 0xc3 in position 4: invalid"
UTF_8 = "UnicodeDecodeError: 'utf-8' codec can't decode byte {byte} in position {at}: invalid"
WANTS_BYTES = "TypeError: a bytes-like object is required, not 'str'"
MARKED_ROW = {"row": "{'\\ufeffname': 'ann'}"}
MENDED = [
    example_case(
        "a CSV in binary",
        "text-mode",
        """
          import csv
          def rows(path):
        -     with open(path, "rb") as file:
        +     with open(path, "r", newline="") as file:
                  return list(csv.reader(file))
              #! Error: iterator should return strings, not bytes (the file should be opened in text
              #! mode)
        """,
        is_reported=True,
    ),
    example_case(
        "JSON that is written in binary",
        "text-mode",
        f"""
          import json
          def save(path, rows):
        -     with open(path, "wb") as file:
        +     with open(path, "w") as file:
                  json.dump(rows, file)  #! {WANTS_BYTES}
        """,
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "what is printed under cron: the terminal's encoding, no file's",
        "*",
        """
        print("61 \\u00b0C")
        #! UnicodeEncodeError: 'ascii' codec can't encode character '\\xb0' in position 3
        """,
        is_reported=True,
    ),
    example_case(
        "a text that is split by bytes",
        "text-mode",
        f"""
        def save(path, text):
            with open(path, "w") as file:
                file.write(b"a,b".split(text))  #! {WANTS_BYTES}
        """,
        is_reported=True,
    ),
    example_case(
        "no file is opened here",
        "text-mode",
        f"""
        def save(file, text):
            file.write(text)  #! {WANTS_BYTES}
        """,
        is_reported=True,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_file_is_opened_as_its_content_wants(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_a_file_that_shows_nothing_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


def test_a_csv_is_written_in_text_mode(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    source = (
        f"import csv\nwith open({str(target)!r}, 'wb') as f:\n    csv.writer(f).writerow(['a'])\n"
    )
    draft = draft_script(source)[0]
    assert draft.rule == "text-mode"
    assert 'newline=""' in content_of(draft)
    run_script(content_of(draft))
    assert target.read_bytes() == b"a\r\n"


def site_of(text: str) -> FaultSite:
    """The fault's site at the last line of a script."""
    script = textwrap.dedent(text).lstrip("\n")
    line = len(script.splitlines())
    error = Raised(
        type="ValueError", message="", frames=(Frame(file="job.py", line=line, function="f"),)
    )
    return next(find_fault_sites(error, SourceFiles(MemoryTree({"job.py": script}))))


@pytest.mark.parametrize(
    ("call", "mode"),
    [
        ("open(path)", "r"),
        ("open(path, 'rb')", "rb"),
        ("open(path, mode='w')", "w"),
        ("open(path, mode)", "r"),
        ("path.open()", "r"),
        ("path.open('wb')", "wb"),
        ("gzip.open(path, 'rt')", "rt"),
        ("gzip.open(path)", "r"),
    ],
)
def test_a_call_s_mode_is_read_where_it_stands(call: str, mode: str) -> None:
    site = site_of(f"import gzip\nx = {call}\n")
    (node,) = (n for n in site.code.nodes if isinstance(n, ast.Call))
    assert mode_of(site, node) == mode


@pytest.mark.parametrize(
    ("call", "mode", "after"),
    [
        ("open(path)", "rb", 'open(path, "rb")'),
        ("open(path, encoding='utf-8')", "rb", 'open(path, "rb")'),
        ("open(path, 'r', newline='')", "rb", 'open(path, "rb")'),
        ("open(path, mode='rb', buffering=0)", "rt", 'open(path, "rt", buffering=0)'),
        ("path.open(encoding='utf-8')", "rb", 'path.open("rb")'),
        ("gzip.open(path, encoding='utf-8')", "rt", "gzip.open(path, \"rt\", encoding='utf-8')"),
    ],
)
def test_another_mode_takes_what_only_text_has_with_it(call: str, mode: str, after: str) -> None:
    site = site_of(f"import gzip\nx = {call}\n")
    (node,) = (n for n in site.code.nodes if isinstance(n, ast.Call))
    text = apply_edits(site.code.text, [with_mode(site, node, mode)])
    assert text == f"import gzip\nx = {after}\n"


def test_files_that_are_opened_in_the_failing_function_come_nearest_first() -> None:
    site = site_of(
        """
        def other():
            open("other")
        def main():
            a = open("a")
            b = open("b")
            print(a, b)
        """
    )
    assert [site.code.segment(call) for call in opening_calls(site)] == ['open("b")', 'open("a")']
