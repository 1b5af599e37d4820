"""The short way to `healer run` takes what it is sure of, and leaves all else to the long one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.watch.runner.options import RunOptions, parse_run


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("run job.sh", RunOptions(("job.sh",))),
        ("run -- job.sh --repo x", RunOptions(("job.sh", "--repo", "x"))),
        ("run job.sh -- a", RunOptions(("job.sh", "--", "a"))),
        ("run -- -odd-name", RunOptions(("-odd-name",))),
        ("--repo R run job.sh", RunOptions(("job.sh",), "R")),
        ("--repo=R run job.sh", RunOptions(("job.sh",), "R")),
        ("run --repo R job.sh", RunOptions(("job.sh",), "R")),
        ("--repo A run --repo B job.sh", RunOptions(("job.sh",), "B")),
        ("run --max-runtime 2.5 job.sh", RunOptions(("job.sh",), max_runtime_s=2.5)),
        ("run --max-runtime=60 -- job.sh", RunOptions(("job.sh",), max_runtime_s=60.0)),
        ("run --source job -- job.sh", RunOptions(("job.sh",), source="job")),
        ("run run run", RunOptions(("run", "run"))),
    ],
)
def test_a_job_is_understood(line: str, options: RunOptions) -> None:
    found = parse_run(line.split())
    assert found is not None
    assert vars(found) == vars(options)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "run",
        "run --",
        "run --help",
        "run --max-runtime nan job.sh",
        "run --max-runtime inf job.sh",
        "run -h job.sh",
        "fix run",
        "job.sh run",
        "--help run job.sh",
        "-- run job.sh",
        "--repo run job.sh",
        "run --max-runtime never job.sh",
        "run --max-runtime 0 job.sh",
        "run --max-runtime -1 job.sh",
        "run --max-runtime",
        "run --source cron job.sh",
        "run --unknown job.sh",
        "run --repo",
    ],
)
def test_help_and_every_mistake_are_left_to_the_full_command_line(line: str) -> None:
    assert parse_run(line.split()) is None


@given(st.lists(st.sampled_from(["run", "--", "--repo", "-x", "a", "--max-runtime=1", "--help"])))
def test_what_belongs_to_the_job_is_always_the_end_of_the_line(words: list[str]) -> None:
    options = parse_run(words)
    if options is not None:
        assert options.argv
        assert words[-len(options.argv) :] == list(options.argv)
        assert "run" in words[: -len(options.argv)]
