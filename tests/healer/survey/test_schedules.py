"""Times in crontabs, systemd timers and CI lead to the programs that they start."""

import pytest

from healer.survey.commands import Starts
from healer.survey.facts import Job
from healer.survey.schedules import find_jobs
from tests.support.memory_tree import MemoryTree

SCRIPT = "jobs/sync.py"
CRON = """
# m h dom mon dow
MAILTO=ops@example.com
10 2 * * 1-5 cd /srv/app && /srv/app/env/bin/python jobs/sync.py --all >/dev/null 2>&1
@daily root python3 /srv/app/jobs/sync.py
0 4 * * * /usr/bin/backup
see jobs/sync.py for all of this, please
"""
WORKFLOW = """
on:
  schedule:
    - cron: "0 3 * * *"
  push:
jobs:
  sync:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          pip install -r requirements.txt
          python jobs/sync.py \\
            --all
"""


def jobs(files: dict[str, str]) -> tuple[Job, ...]:
    tree = MemoryTree({SCRIPT: "", **files})
    return find_jobs(tree, Starts(tree))


@pytest.mark.parametrize("path", ["crontab", "ops/crontab.txt", "ops/app.cron", "etc/cron.d/app"])
def test_a_crontab_is_read_wherever_it_lies(path: str) -> None:
    first, second = jobs({path: CRON})
    assert (first.script, first.schedule, first.place) == (SCRIPT, "10 2 * * 1-5", path)
    assert first.command[:3] == ("python", "jobs/sync.py", "--all")
    assert second.schedule == "@daily"


def test_a_timer_starts_what_its_service_says() -> None:
    timer = "[Unit]\nDescription=x\n[Timer]\nOnCalendar=*-*-* 02:00\n"
    service = "[Service]\nExecStart=/usr/bin/python3 /srv/app/jobs/sync.py\n"
    (job,) = jobs({"ops/sync.timer": timer, "ops/sync.service": service})
    assert (job.script, job.schedule, job.place) == (SCRIPT, "*-*-* 02:00", "ops/sync.timer")
    assert jobs({"ops/sync.timer": timer}) == ()
    named = timer + "Unit=other.service\n"
    assert jobs({"sync.timer": named, "other.service": service})[0].script == SCRIPT


def test_a_workflow_with_a_schedule_is_a_job_and_one_without_is_none() -> None:
    (job,) = jobs({".github/workflows/nightly.yml": WORKFLOW})
    assert (job.schedule, job.command) == ("0 3 * * *", ("python", "jobs/sync.py", "--all"))
    assert jobs({".github/workflows/ci.yml": WORKFLOW.replace("cron:", "corn:")}) == ()


@pytest.mark.parametrize(
    "text",
    ["", "a: [", "on: 1", "on: {schedule: 1}", "jobs: {a: {steps: 3}}", "- a\n- b", "\0",
     "on: {schedule: [{cron: x}]}\njobs: {a: {steps: [{run: 3}, 4]}}"],
)  # fmt: skip
def test_a_workflow_of_any_shape_is_no_error(text: str) -> None:
    assert jobs({".github/workflows/x.yml": text}) == ()


def test_what_only_looks_like_a_time_is_no_job() -> None:
    assert (
        jobs({"crontab": "please run python jobs/sync.py now\na b c d e python jobs/sync.py\n"})
        == ()
    )
    assert jobs({"crontab": "10 2 * * * python jobs/sync.py\n" * 20_000}) == ()
