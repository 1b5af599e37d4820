"""What the nights of a job without tests let merge: right fixes, and wrong ones that run.

Eight sets of data, as they move from night to night, read by jobs of eight shapes; one thing of the
data changes on the sixth night. Right fixes read both forms; wrong ones run, too. All in this
process, with the product's own neighbours, replays, continuity and rivals; what the sandbox adds is
measured elsewhere.

    python -m benchmarks.nights.singled_out [WORD]    only jobs whose name holds WORD
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from healer.evidence.neighbours import find_neighbours
from healer.evidence.nights import ask_nights, choose_neighbours, try_neighbours
from healer.evidence.wrong_values import find_wrong_values
from tests.support.night_bench import make_case, run_job
from tests.support.nights import GOOD_NIGHTS, JOBS, Job, Record

READ = "        value = row[{number!r}]\n"
HEAD = """\
def run(data):
    rows = []
    for row in data:
        value = row[{number!r}]
        rows.append([row[{key!r}], value])
"""
SHAPES = {
    "csv": """\
    lines = [f"{{key}},{{value}}" for key, value in rows]
    return {{"out/data.csv": "\\n".join(["key,value", *lines]) + "\\n"}}
""",
    "json": """\
    return {{"out/data.json": json.dumps([{{"key": k, "value": v}} for k, v in rows])}}
""",
    "by key": """\
    return {{"out/data.json": json.dumps({{str(k): {{"value": v}} for k, v in rows}}, indent=1)}}
""",
    "total": """\
    total = round(sum(v for _, v in rows), 2)
    return {{"out/total.json": json.dumps({{"total": total, "count": len(rows)}})}}
""",
    "computed": """\
    lines = [f"{{key}};{{value * 1.2:.2f}}" for key, value in rows]
    return {{"out/gross.csv": "\\n".join(["key;gross", *lines]) + "\\n"}}
""",
    "extremes": """\
    rows.sort(key=lambda row: row[1])
    text = f"least: {{rows[0][0]}} with {{rows[0][1]}}\\n"
    text += f"most: {{rows[-1][0]}} with {{rows[-1][1]}}\\n"
    return {{"out/report.txt": text}}
""",
    "report": """\
    lines = [f"{{key}} | {{value}}" for key, value in rows]
    return {{"out/report.txt": "\\n".join(["Report", *lines, f"{{len(rows)}} rows"]) + "\\n"}}
""",
    "two files": """\
    lines = [f"{{key}}\\t{{value}}" for key, value in rows]
    parts = {{"out/data.tsv": "\\n".join(["key\\tvalue", *lines]) + "\\n"}}
    return parts | {{"out/sum.json": json.dumps({{"sum": round(sum(v for _, v in rows), 4)}})}}
""",
}


@dataclass(frozen=True)
class Drift:
    """What changes on the bad night, and what people make of it."""

    change: Callable[[Record, str, int], Record]
    """A record, the field's name, the record's place."""
    right: str
    wrong: tuple[str, ...]


def _rename(row: Record, number: str, _: int) -> Record:
    return {(f"{number}_value" if k == number else k): v for k, v in row.items()}


def _nest(row: Record, number: str, _: int) -> Record:
    return {**row, number: {"amount": row[number], "unit": "x"}}


def _write_out(row: Record, number: str, _: int) -> Record:
    return {**row, number: f"{row[number]:,}"}


SAME = "it does the same, or does not run"
DROP = """\
        if {number!r} not in row:
            continue
        value = row[{number!r}]
"""
SWALLOW = """\
        try:
            value = row[{number!r}] + 0
        except (KeyError, TypeError):
            value = {default}
"""
STALE = """\
        value = row.get({number!r}, {default})
"""
DRIFTS = {
    "renamed": Drift(
        _rename,
        "        value = row[{number!r}] if {number!r} in row else row[{new!r}]\n",
        (
            STALE.replace("{default}", "0"),
            STALE.replace("{default}", "1"),
            "        value = row[{number!r}] if {number!r} in row else row[{neighbour!r}]\n",
            "        value = row[{number!r}] if {number!r} in row else row[{new!r}] * 100\n",
            "        value = row[{number!r}] if {number!r} in row else -row[{new!r}]\n",
            "        value = row[{number!r}] if {number!r} in row else round(row[{new!r}])\n",
            "        value = row[{number!r}] if {number!r} in row else data[0][{new!r}]\n",
            DROP,
        ),
    ),
    "nested": Drift(
        _nest,
        "        value = row[{number!r}]\n"
        "        value = value['amount'] if isinstance(value, dict) else value\n",
        (
            SWALLOW.replace("{default}", "0"),
            SWALLOW.replace("{default}", "row[{neighbour!r}]"),
            SWALLOW.replace("{default}", "len(row[{number!r}])"),
            SWALLOW.replace("{default}", "row[{number!r}]['amount'] / 100"),
        ),
    ),
    "text": Drift(
        _write_out,
        "        value = row[{number!r}]\n"
        "        value = float(value.replace(',', '')) if isinstance(value, str) else value\n",
        (
            SWALLOW.replace("{default}", "0"),
            SWALLOW.replace("{default}", "len(row[{number!r}])"),
            SWALLOW.replace(
                "{default}", "float(row[{number!r}].translate({{44: None, 46: None}}))"
            ),
            SWALLOW.replace("{default}", "row[{neighbour!r}]"),
        ),
    ),
}


def main(word: str = "") -> int:
    """Prints the figures and each miss."""
    figures: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, job, shape, drift) in enumerate(_list_jobs()):
            if word not in name:
                continue
            for label, is_right, read in _list_fixes(drift):
                doubt = _find_doubt(job, shape, drift, read, Path(folder) / str(number))
                if doubt == SAME:
                    continue
                figures[f"{'right' if is_right else 'wrong'} {'held' if doubt else 'merged'}"] += 1
                if is_right == bool(doubt):
                    print(f"{name}: {label}: {doubt or 'MERGED'}"[:200])
    for each, count in sorted(figures.items()):
        print(f"{each}: {count}")
    return 0


def _list_jobs() -> Iterator[tuple[str, Job, str, Drift]]:
    for n, job in enumerate(JOBS):
        for m, (shape_name, shape) in enumerate(SHAPES.items()):
            drift = list(DRIFTS)[(n + m) % len(DRIFTS)]
            yield f"{job.name} {shape_name} {drift}", job, shape, DRIFTS[drift]


def _list_fixes(drift: Drift) -> Iterator[tuple[str, bool, str]]:
    yield "right", True, drift.right
    for n, wrong in enumerate(drift.wrong):
        yield f"wrong {n}", False, wrong


def _find_doubt(job: Job, shape: str, drift: Drift, read: str, folder: Path) -> str:
    """Why the nights do not let this fix merge; empty where they do."""
    key = job.fields[0]
    names = {
        "number": job.number, "key": key, "new": f"{job.number}_value", "neighbour": job.neighbour,
    }  # fmt: skip
    base = (HEAD + shape).format(**names)
    fix, right = (
        base.replace(READ.format(**names), each.format(**names)) for each in (read, drift.right)
    )
    nights: list[Any] = [job.records(n) for n in range(GOOD_NIGHTS)]
    bad = [drift.change(row, job.number, n) for n, row in enumerate(job.records(GOOD_NIGHTS))]
    if fix != right and _is_no_wrong_one(fix, right, bad):
        return SAME
    case = make_case(base, fix, nights, bad, folder)
    answer = ask_nights(case)
    if answer is None:
        return "no nights"
    if answer.is_open:
        neighbours = find_neighbours(case.experiment)
        neighbours = choose_neighbours(neighbours, find_wrong_values(case.experiment))
        answer = try_neighbours(answer, case, neighbours)
    return answer.doubt


def _is_no_wrong_one(fix: str, right: str, bad: list[Record]) -> bool:
    """It does not even run, or does the same."""
    try:
        return run_job(fix, bad) == run_job(right, bad)
    except Exception:  # whatever it is
        return True


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
