"""One program runs a script for several inputs, with what it is answered where it fetches."""

from pathlib import Path

import pytest

from healer.evidence.fetching_client import URLLIB
from healer.evidence.run_driver import Inputs, RunEnd, Start, read_ends, write_answer
from healer.redact import Redactor
from healer.services.runner import SandboxRunner
from sandbox import Limits, Plan
from sandbox.fake import ScriptedSandbox
from tests.support.host_sandbox import run_on_host
from tests.support.memory_tree import MemoryTree


def run(text: str, start: Start, inputs: list[Inputs], folder: Path) -> list[RunEnd]:
    box = ScriptedSandbox([run_on_host])
    runner = SandboxRunner(lambda: box, folder, Limits(), dict, Redactor())
    tree = MemoryTree({start.script: text})
    end = runner.run(tree, Plan(command=start.make_command(inputs))).command
    assert end is not None
    return read_ends(end.stdout)


def test_each_input_has_a_folder_of_its_own(tmp_path: Path) -> None:
    text = "import sys\nopen(sys.argv[1], 'a').write(open('in').read().upper())\n"
    inputs = [Inputs({"in": "a"}), Inputs({"in": "b"}), Inputs({})]
    ends = run(text, Start("job.py", ("out",)), inputs, tmp_path)
    assert [end.written for end in ends] == [{"out": "A"}, {"out": "B"}, {"out": ""}]
    assert [end.exit_code for end in ends] == [0, 0, 1]
    assert ends[2].last_line.startswith("FileNotFoundError: ")
    assert not any(end.exits for end in ends)


def test_what_is_written_is_as_a_test_reads_it(tmp_path: Path) -> None:
    text = "import csv\ncsv.writer(open('out.csv', 'w', newline='')).writerow(['a', 1])\n"
    (end,) = run(text, Start("job.py", ()), [Inputs({})], tmp_path)
    assert end.written == {"out.csv": "a,1\n"}


def test_what_it_fetches_is_answered_and_nothing_else_is(tmp_path: Path) -> None:
    text = (
        "import os, sys, urllib.request\nurl = os.environ['PLACE']\n"
        "with urllib.request.urlopen(urllib.request.Request(url)) as answer:\n"
        "    print(answer.status, answer.headers.get_content_charset(), answer.read())\n"
        "sys.exit()\n"
    )
    start = Start("a/job.py", (), client=URLLIB, kind="text/csv; charset=utf-8")
    place = "http://api.example/a?b=1"
    ends = run(
        text,
        start,
        [
            Inputs({}, {place: "x,y\n"}, {"PLACE": place}),
            Inputs({}, {}, {"PLACE": place}),
        ],
        tmp_path,
    )
    assert ends[0].stdout == "200 utf-8 b'x,y\\n'\n"
    assert (ends[0].exits, ends[0].exit_code) == (True, 0)
    assert (ends[1].exits, ends[1].last_line) == (False, f"KeyError: '{place}'")


def test_the_function_that_answers_is_a_few_lines() -> None:
    text = write_answer(URLLIB, "text/csv", "DATA")
    assert text.endswith("    return addinfourl(BytesIO(DATA), headers, url, 200)\n")
    assert "'Content-Type: text/csv'" in text


@pytest.mark.parametrize("text", ["", "\nhealer-ends: [", "\nhealer-ends: [[1]]"])
def test_a_driver_that_did_not_come_to_its_end_tells_nothing(text: str) -> None:
    assert read_ends(text) == []
