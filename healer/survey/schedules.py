"""Programs that the clock starts: crontabs, systemd timers and CI schedules of a repository.

Belongs here: where such times stand, in files that are tracked. Does not belong here: this
machine's own crontab (`healer.watch.schedule`), or what a command line starts (`commands`).
"""

import configparser
import re
from collections.abc import Iterator
from typing import Any

import yaml

from healer.survey.commands import Starts
from healer.survey.facts import Job
from quarantine.project_tests import Listed

_TIME = r"[\d*/,\-A-Za-z?#]+"
_CRON = re.compile(rf"^\s*(@(?:hourly|daily|midnight|weekly|monthly|yearly|annually|reboot)|"
                   rf"(?:{_TIME}[ \t]+){{4}}{_TIME})[ \t]+(\S.*)$")  # fmt: skip
_IS_TIME = re.compile(r"[\d*@]")
_CRON_PLACES = re.compile(r"(^|/)(crontab[^/]*|[^/]*\.(cron|crontab))$|(^|/)cron(\.d)?/[^/]+$")
MOST_BYTES = 200_000
"""Of a file that is read for times: longer ones are data."""


def find_jobs(tree: Listed, starts: Starts) -> tuple[Job, ...]:
    """In the order of paths; a program at two times is two jobs."""
    jobs: list[Job] = []
    for path in sorted(starts.paths):
        if _CRON_PLACES.search(path) and not path.endswith(".py"):
            jobs += _read_crontab(path, _text(tree, path), starts)
        elif path.endswith(".timer"):
            jobs += _read_timer(tree, path, starts)
        elif _is_workflow(path):
            jobs += _read_workflow(path, _text(tree, path), starts)
    return tuple(dict.fromkeys(jobs))


def _read_crontab(path: str, text: str, starts: Starts) -> Iterator[Job]:
    for line in text.splitlines():
        match = _CRON.match(line)
        if not match or not _IS_TIME.match(match[1]):
            continue
        for start in starts.find(match[2].replace("\\%", "%")):
            yield Job(start.script, start.command, " ".join(match[1].split()), path)


def _read_timer(tree: Listed, path: str, starts: Starts) -> Iterator[Job]:
    timer = _unit(_text(tree, path), "Timer")
    names = ("OnCalendar", "OnUnitActiveSec", "OnBootSec")
    times = [f"{name}={timer[name.lower()]}" for name in names if name.lower() in timer]
    unit = timer.get("unit", path.rpartition("/")[2].removesuffix(".timer") + ".service")
    service = path.rpartition("/")[0] + "/" + unit if "/" in path else unit
    line = _unit(_text(tree, service), "Service").get("execstart", "")
    for start in starts.find(line):
        if times:
            yield Job(start.script, start.command, times[0].removeprefix("OnCalendar="), path)


def _unit(text: str, section: str) -> dict[str, str]:
    """The keys of one section, in lower case; of several values the last."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
    try:
        parser.read_string(text)
        return dict(parser.items(section))
    except configparser.Error:
        return {}


def _is_workflow(path: str) -> bool:
    return path.startswith(".github/workflows/") and path.endswith((".yml", ".yaml"))


def _read_workflow(path: str, text: str, starts: Starts) -> Iterator[Job]:
    document = _load_yaml(text)
    triggers = document.get("on", document.get(True))  # YAML 1.1 reads `on` as true
    schedule = triggers.get("schedule") if isinstance(triggers, dict) else None
    entries = schedule if isinstance(schedule, list) else []
    times = [str(each["cron"]) for each in entries if isinstance(each, dict) and "cron" in each]
    for line in _find_run_lines(document):
        for start in starts.find(line):
            for time in times[:1]:
                yield Job(start.script, start.command, time, path)


def _find_run_lines(document: dict[Any, Any]) -> Iterator[str]:
    jobs = document.get("jobs")
    for job in jobs.values() if isinstance(jobs, dict) else ():
        steps = job.get("steps") if isinstance(job, dict) else None
        for step in steps if isinstance(steps, list) else ():
            if isinstance(step, dict) and isinstance(step.get("run"), str):
                yield from step["run"].replace("\\\n", " ").splitlines()


def _load_yaml(text: str) -> dict[Any, Any]:
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _text(tree: Listed, path: str) -> str:
    data = tree.read(path) or b""
    return data.decode("utf-8", "replace") if len(data) <= MOST_BYTES else ""
