"""The daemon's log is one JSON line for each step, and whoever reads it cannot stop the work."""

import io
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import pytest

from healer.cli.logs import json_log
from healer.facts.progress import Progress

NOTE = Progress(repair="r1", step="draft", state="pass", detail="a rule", cost_usd=0.0123456789)


def test_a_line_holds_what_a_step_was_and_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", written := io.StringIO())
    write = json_log()
    write(NOTE)
    write(Progress(repair="r1", step="draft", state="running"))
    (line,) = written.getvalue().splitlines()
    said = json.loads(line)
    assert (said["event"], said["repair"], said["detail"]) == ("draft", "r1", "a rule")
    assert said["cost_usd"] == 0.012346
    assert said["at"].endswith("Z")


def without_reader() -> TextIO:
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "w")


def full_disk() -> TextIO:
    return Path("/dev/full").open("w")


def closed() -> TextIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [without_reader, full_disk, closed])
def test_a_log_that_cannot_be_written_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, stream: object
) -> None:
    made = stream()
    monkeypatch.setattr(sys, "stderr", made)
    write = json_log()
    write(NOTE)
    write(NOTE)
    monkeypatch.undo()
    with suppress(OSError):
        made.close()
