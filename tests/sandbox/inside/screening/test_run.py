"""The step of a screening: what the workers sent is read as far as it is whole."""

import json
import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import Command, DockerSandbox, Plan
from sandbox.container import encode_round
from sandbox.inside.messages import ScreenRecord
from sandbox.inside.screening.run import read_records, read_rounds
from sandbox.job import Job, ScreenPlan
from sandbox.trees import tar
from tests.sandbox.inside.screening.projects import DOUBLE, FIXED, PROJECT, SAME


def lines(*records: ScreenRecord) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def test_records_come_back_in_their_order() -> None:
    records: list[ScreenRecord] = [{"kind": "seen", "node": "a"}, {"kind": "screened", "index": 1}]
    assert read_records(lines(*records)) == records


def test_a_line_that_the_deadline_cut_is_left_out() -> None:
    data = lines({"kind": "screened", "index": 1}, {"kind": "screened", "index": 2})
    assert [record["index"] for record in read_records(data[:-4])] == [1]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"[1]\n2\nnull\n", b"\xff\n", b"{'a': 1}\n"])
def test_what_is_no_record_is_left_out(data: bytes) -> None:
    assert read_records(data) == []


@given(st.binary(max_size=200))
def test_any_bytes_give_records(data: bytes) -> None:
    assert all(isinstance(record, dict) for record in read_records(data))


def test_every_round_has_its_bytes_and_its_time() -> None:
    command = Command(argv=("python", "job.py"), stdin=b"\xff", files={"in.csv": b"1;2"})
    data = encode_round(ScreenPlan(command=command), 7.0) + encode_round(ScreenPlan(), 1.0)
    read, write = os.pipe()
    os.write(write, data)
    os.close(write)
    first, second = read_rounds(read)
    os.close(read)
    asked = first.plan["command"]
    assert asked is not None
    assert (asked["stdin"], asked["files"]) == (b"\xff", {"in.csv": b"1;2"})
    assert second.plan["command"] is None
    assert 6.0 < first.deadline - time.monotonic() <= 7.0


@pytest.mark.docker
def test_a_container_screens_candidates_in_several_workers(docker_sandbox: DockerSandbox) -> None:
    files = {path: text.encode() for path, text in PROJECT.items()}
    screen = ScreenPlan(
        watched=("lib.py",), failing=(DOUBLE,), passing=(SAME,), workers=2,
        candidates=tuple({"lib.py": text} for text in (FIXED, PROJECT["lib.py"], FIXED)),
    )  # fmt: skip
    report = docker_sandbox.run(Job(tree=tar(files), plan=Plan(screen=screen)))
    assert report.fault is None
    assert (report.seen, report.behaved) == ((), ())
    outcomes = {result.index: result.outcome for result in report.screened}
    assert outcomes == {0: "passed", 1: "failed", 2: "passed"}
    assert "screen" in report.step_seconds
