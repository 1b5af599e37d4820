"""Each stream of a job gets the pipe that it needs, in a process whose streams are real files."""

import json
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from healer.watch.runner.job_run import MAX_TAPE_BYTES
from tests.support.healer_jobs import PROJECT, environment

OPEN = """if 1:
    import json, os, sys
    from pathlib import Path
    from healer.watch.runner.job_run import JobRun, Recording
    from healer.watch.runner.options import RunOptions
    from healer.watch.runner.pipes import open_pipes
    words = [word for word in sys.argv[2:] if "python2" in word or "/" in word]
    job_run = JobRun(RunOptions(("x", *words)), Path("/"), 0.0)
    job_run.captures = "capture" in sys.argv
    if "off" in sys.argv:
        job_run.recording = Recording(is_on=False)
    variables = {"PYTHONPATH": "/theirs"} if "pythonpath" in sys.argv else {}
    pipes = open_pipes(job_run, "/root" if "root" in sys.argv else "", variables)
    Path(sys.argv[1]).write_text(json.dumps({
        "targets": sorted(stream.target for stream in pipes.streams),
        "to_job": sorted(pipes.to_job),
        "hook": pipes.hook_handles,
        "variables": variables,
        "stdin": job_run.stdin and job_run.stdin.decode(),
        "printed": {id(job_run.stdout): "stdout", id(job_run.stderr): "stderr"}.get(
            id(job_run.printed)),
        "position": os.lseek(0, 0, os.SEEK_CUR) if "capture" in sys.argv else 0,
    }))
    pipes.close_job_ends()
"""


def opened(
    tmp_path: Path, *words: str, stdin: "int | IO[bytes]" = subprocess.DEVNULL, **streams: int
) -> dict[str, object]:
    answer = tmp_path / "answer.json"
    subprocess.run(
        [sys.executable, "-c", OPEN, answer, *words],
        env=environment(PYTHONPATH=str(PROJECT)),
        stdin=stdin,
        check=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},  # type: ignore[call-overload]  # stdout and stderr
    )
    facts: dict[str, object] = json.loads(answer.read_text())
    return facts


def test_both_outputs_have_a_pipe_each(tmp_path: Path) -> None:
    facts = opened(tmp_path)
    assert (facts["targets"], facts["to_job"], facts["printed"]) == ([1, 2], [1, 2], "stdout")


def test_one_file_for_both_is_one_pipe(tmp_path: Path) -> None:
    facts = opened(tmp_path, stderr=subprocess.STDOUT)
    assert (facts["targets"], facts["to_job"], facts["printed"]) == ([2], [1, 2], "stderr")


@pytest.mark.parametrize(
    ("closing", "targets", "printed"),
    [(">&-", [2], None), ("2>&-", [1], "stdout"), (">&- 2>&-", [], None)],
)
def test_a_closed_stream_is_left_alone(
    tmp_path: Path, closing: str, targets: list[int], printed: str | None
) -> None:
    command = [sys.executable, "-c", OPEN, str(tmp_path / "answer.json")]
    subprocess.run(
        ["sh", "-c", f'"$@" {closing}', "sh", *command],
        env=environment(PYTHONPATH=str(PROJECT)),
        capture_output=True,
        check=True,
    )
    facts = json.loads((tmp_path / "answer.json").read_text())
    assert (facts["targets"], facts["printed"]) == (targets, printed)


@pytest.mark.parametrize("theirs", [True, False])
def test_in_a_repository_python_children_are_told_of_the_hook(tmp_path: Path, theirs: bool) -> None:
    facts = opened(tmp_path, "root", *["pythonpath"] * theirs)
    (handle,) = facts["hook"]  # type: ignore[misc]  # a list
    assert handle >= 200
    variables = facts["variables"]
    assert isinstance(variables, dict)
    hook, *others = variables["PYTHONPATH"].split(":")
    assert (Path(hook) / "sitecustomize.py").is_file()
    assert others == ["/theirs"] * theirs
    assert variables.get("HEALER_PYTHONPATH") == ("/theirs" if theirs else None)
    assert variables["HEALER_HOOK"].startswith(f"{handle}:")
    assert variables["HEALER_HOOK"].endswith(f":{MAX_TAPE_BYTES}:1:/root")


def test_without_a_repository_nobody_is_told(tmp_path: Path) -> None:
    facts = opened(tmp_path)
    assert (facts["hook"], facts["variables"]) == ([], {})


def test_a_file_as_stdin_is_copied_and_read_by_nobody(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"rows\n")
    with (tmp_path / "in").open("rb") as file:
        facts = opened(tmp_path, "capture", stdin=file)
    assert (facts["stdin"], facts["to_job"], facts["position"]) == ("rows\n", [1, 2], 0)


def test_stdin_is_left_alone_where_nothing_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"rows\n")
    with (tmp_path / "in").open("rb") as file:
        facts = opened(tmp_path, "off", stdin=file)
    assert (facts["stdin"], facts["to_job"]) == (None, [1, 2])


def test_where_a_run_is_recorded_a_file_is_copied_and_a_pipe_left_alone(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"rows\n")
    with (tmp_path / "in").open("rb") as file:
        assert opened(tmp_path, stdin=file)["stdin"] == "rows\n"
    with (tmp_path / "in").open("r+b") as file:
        file.truncate(2 << 20)
        assert opened(tmp_path, stdin=file)["stdin"] is None
    with (tmp_path / "in").open("ab") as file:
        assert opened(tmp_path, stdin=file)["stdin"] is None
    facts = opened(tmp_path, stdin=subprocess.PIPE)
    assert (facts["stdin"], facts["to_job"]) == (None, [1, 2])


def test_the_hash_seed_is_drawn_for_each_run(tmp_path: Path) -> None:
    (tmp_path / "job.sh").write_text("#!/bin/sh\npython3 job.py\n")
    seeds = set()
    for _ in range(2):
        variables = opened(tmp_path, "root", str(tmp_path / "job.sh"))["variables"]
        assert isinstance(variables, dict)
        assert variables["HEALER_HASH_SEED"] == "1"
        assert 0 < int(variables["PYTHONHASHSEED"]) < 2**32
        seeds.add(variables["PYTHONHASHSEED"])
    assert len(seeds) == 2


@pytest.mark.parametrize("word", ["python2.7", "/usr/bin/env python2 x.py", "/job.sh", "/no/such"])
def test_python_2_is_left_without_a_hash_seed(tmp_path: Path, word: str) -> None:
    (tmp_path / "job.sh").write_text("#!/bin/sh\npython2 old.py\n")
    path = f"{tmp_path}{word}" if word == "/job.sh" else word
    variables = opened(tmp_path, "root", path)["variables"]
    assert isinstance(variables, dict)
    assert ("PYTHONHASHSEED" in variables) is (word == "/no/such")
