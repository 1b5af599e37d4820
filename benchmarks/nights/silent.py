"""What goes wrong without failing: how much of it a job's own expectations notice.

Eight jobs in nine forms. `healer expect` proposes from five good nights, and what it proposes is
held against the night after, on which something went wrong although the job ended well; and against
500 more good nights, whose numbers, rows and order vary as they do in life. Nobody has touched the
proposals. Printed: what was noticed of each kind, and the false alarms.

    python -m benchmarks.nights.silent
"""

import random
import tomllib
from collections import Counter
from collections.abc import Callable
from typing import Any

from healer.nights import Night
from healer.nights.expectations import Expectation, find_broken, make_expectation
from healer.nights.propose import propose_expectations
from tests.support.nights import (
    FORMATS,
    GOOD_NIGHTS,
    WRONG,
    Job,
    Record,
    list_entries,
    make_file,
    make_good_nights,
    make_job_night,
    select_fields,
)

GOOD = 500
CLOSE = ("a default in one row", "one row dropped", "the neighbouring column", "the unit changed",
         "one value in every row", "the encoding broken", "a default made up",
         "the scale changed")  # fmt: skip
"""What a table's form cannot show: continuity sees it (`singled_out`), when a fix is proved."""
Change = Callable[[list[Record], Job], list[Record]]
FORM: dict[str, Change] = {
    **{name: change for name, change in WRONG.items() if name not in CLOSE},
    "two rows of all": lambda rows, _: rows[:2],
    "the number with its unit": lambda rows, job: [
        {**row, job.number: f"{row[job.number]} EUR"} for row in rows
    ],
    "another column's name": lambda rows, job: [
        {(f"{k}_new" if k == job.number else k): v for k, v in row.items()} for row in rows
    ],
}


def list_expectations(nights: list[Night]) -> list[Expectation]:
    text = propose_expectations("job.py", nights)
    jobs = tomllib.loads(text)["job"] if text else []
    return [make_expectation(**entry) for job in jobs for entry in job.get("expect", ())]


def vary(rows: list[Record], job: Job, dice: random.Random) -> list[Record]:
    """Another good night: numbers move, rows come and go, the order is another one."""
    others = [
        {k: _move(v, dice) if k in (job.number, job.neighbour) else v for k, v in row.items()}
        for row in rows
    ]
    dice.shuffle(others)
    return others[dice.randrange(max(1, len(others) // 4)) :]


def _move(value: Any, dice: random.Random) -> Any:
    number = value * dice.uniform(0.7, 1.4)
    return round(number) if isinstance(value, int) else round(number, 2)


def main() -> None:
    alarms: Counter[str] = Counter()
    seeds: Counter[str] = Counter()
    false_alarms: list[str] = []
    entries = [(job, kind, make_good_nights(job, kind)) for job, kind in list_entries()]
    proposals = [(job, kind, list_expectations(nights)) for job, kind, nights in entries]
    for job, kind, expectations in proposals:
        path = FORMATS[kind][0]
        rows = select_fields(job.records(GOOD_NIGHTS), job)
        nights = {
            name: make_job_night(job, kind, GOOD_NIGHTS, select_fields(change(rows, job), job))
            if name != "another column's name"
            else _without_selection(job, kind, change(rows, job))
            for name, change in FORM.items()
        }
        nights["the file is empty"] = _with_file(nights["all rows dropped"], path, b"")
        nights["the file was not written"] = _with_file(nights["all rows dropped"], path, None)
        for name, night in nights.items():
            seeds[name] += 1
            alarms[name] += bool(find_broken(expectations, night.effects))
    dice = random.Random(15)
    for number in range(GOOD):
        job, kind, expectations = proposals[number % len(proposals)]
        rows = vary(job.records(number % (GOOD_NIGHTS + 1)), job, dice)
        differences = find_broken(expectations, make_job_night(job, kind, 0, rows).effects)
        false_alarms += [f"{job.name} {kind}: {differences[0].sentence}"] if differences else []
    for name, count in seeds.items():
        print(f"{name:28} {alarms[name]:3} of {count}")
    print(f"noticed {alarms.total()} of {seeds.total()} ({alarms.total() / seeds.total():.1%})")
    print(
        f"false alarms {len(false_alarms)} of {GOOD} good nights ({len(false_alarms) / GOOD:.1%})"
    )
    for each in false_alarms:
        print(f"  {each}")


def _without_selection(job: Job, kind: str, rows: list[Record]) -> Night:
    path, write = FORMATS[kind]
    night = make_job_night(job, kind, GOOD_NIGHTS)
    return _with_file(night, path, write(rows))


def _with_file(night: Night, path: str, data: bytes | None) -> Night:
    effects = night.effects
    files = (make_file(path, data),)
    return Night(type(effects)(**{**vars(effects), "files": files}), night.read)


if __name__ == "__main__":
    main()
