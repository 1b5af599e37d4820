"""A fix is held against the nights of its job, and its neighbours on the failing one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from healer.evidence.neighbour import Neighbour
from healer.evidence.neighbours import find_neighbours
from healer.evidence.nights import (
    AT_ONCE,
    MOST_NEIGHBOURS,
    MOST_OTHERS,
    NightCase,
    ask_nights,
    choose_neighbours,
    read_expectations,
    read_of,
    try_neighbours,
)
from healer.evidence.wrong_values import find_wrong_values
from healer.judge import Nights
from healer.services.runner import SandboxRunner
from healer.tape.facts import RecordedFile, WrittenFile
from sandbox import Fault, FaultKind, Limits, ProcessEnd, Report, SandboxError
from sandbox.fake import ScriptedSandbox
from tests.support.memory_tree import MemoryTree
from tests.support.night_bench import SCRIPT, answer, make_case
from tests.support.nights import JOBS
from tests.support.tapes import connection, exchange, tape

OUT = "out/rates.csv"
RATES = JOBS[0]
BASE = """\
def run(data):
    lines = ["code,rate"]
    for row in data:
        rate = row["rate"]
        lines.append(f"{row['code']},{rate}")
    return {"out/rates.csv": "\\n".join(lines) + "\\n"}
"""
OLD = '        rate = row["rate"]\n'
RIGHT = BASE.replace(OLD, '        rate = row["rate"] if "rate" in row else row["rate_value"]\n')
DEFAULT = BASE.replace(OLD, '        rate = row.get("rate", 0)\n')
NEIGHBOUR = BASE.replace(OLD, '        rate = row["rate"] if "rate" in row else row["bid"]\n')
ROUNDED = BASE.replace(OLD, '        rate = round(row.get("rate") or row["rate_value"], 1)\n')


def list_records(night: int) -> list[dict[str, Any]]:
    rows = RATES.records(night)
    if night < 5:
        return rows
    return [
        {("rate_value" if k == "rate" else k): v for k, v in row.items()}
        | {"rate_mid": round(row["rate"] * 1.0004, 4)}
        for row in rows
    ]


def make_rates_case(fix: str, folder: Path, nights: int = 5) -> NightCase:
    return make_case(BASE, fix, [list_records(n) for n in range(nights)], list_records(5), folder)


def ask(case: NightCase) -> Nights:
    nights = ask_nights(case)
    assert nights is not None
    return nights


def test_the_right_fix_is_singled_out(tmp_path: Path) -> None:
    case = make_rates_case(RIGHT, tmp_path)
    nights = ask(case)
    assert (nights.replays, nights.change, nights.continuity) == (5, "", "continues")
    assert nights.is_open
    answer = try_neighbours(nights, case, choose_neighbours(find_neighbours(case.experiment)))
    assert answer.told_apart >= 2
    assert answer.rivals == ()
    assert answer.doubt == ""


@pytest.mark.parametrize(
    ("fix", "words"),
    [
        (DEFAULT, "column `rate`"),
        (NEIGHBOUR, "holds what was read as `bid`"),
    ],
)
def test_a_wrong_value_breaks_with_the_good_nights(fix: str, words: str, tmp_path: Path) -> None:
    nights = ask(make_rates_case(fix, tmp_path))
    assert (nights.change, nights.continuity) == ("", "breaks")
    assert words in nights.doubt


IN_PAGES = """import json

def run(data):
    rows = data["rows"] if isinstance(data, dict) else data
    return {"out/rates.csv": "name,rate\\n" + "".join(f"{r['name']},{r['rate']}\\n" for r in rows)}
"""
WHOLE = IN_PAGES.replace('data["rows"] if isinstance(data, dict) else data', "data")


def make_paged_case(rest: dict[str, object], folder: Path) -> NightCase:
    """Three to seven rows a night; the failing one brings five of them, and says something else."""
    counts = (3, 6, 4, 7, 5)
    nights = [
        [{"name": f"n{i}", "rate": 1 + i + n % 3 / 10} for i in range(count)]
        for n, count in enumerate(counts)
    ]
    return make_case(WHOLE, IN_PAGES, nights, {"rows": nights[2], **rest}, folder)


def test_the_first_page_alone_is_no_night_like_the_others(tmp_path: Path) -> None:
    """As many rows as nights have had, and yet not all."""
    nights = ask(make_paged_case({"has_more": True}, tmp_path))
    assert (nights.replays, nights.change, nights.continuity) == (5, "", "continues")
    assert nights.unread_pages == "GET api.example/data"
    assert "comes in pages since the last good night" in nights.doubt
    assert not nights.is_open
    whole = ask(make_paged_case({"has_more": False}, tmp_path))
    assert (whole.unread_pages, whole.is_open) == ("", True)


def test_a_good_night_that_changes_is_told(tmp_path: Path) -> None:
    nights = ask(make_rates_case(ROUNDED, tmp_path))
    assert nights.change.startswith("python scripts/job.py, 2023-11-18: `out/rates.csv`: column")
    assert nights.replays == 0


def test_too_few_nights_cannot_tell(tmp_path: Path) -> None:
    nights = ask(make_rates_case(RIGHT, tmp_path, nights=2))
    assert (nights.replays, nights.continuity) == (2, "cannot-tell")
    assert not nights.is_open


def test_without_good_nights_nothing_is_asked(tmp_path: Path) -> None:
    assert ask_nights(make_rates_case(RIGHT, tmp_path, nights=0)) is None


def test_a_failing_night_without_a_tape_leaves_the_good_ones(tmp_path: Path) -> None:
    case = make_rates_case(ROUNDED, tmp_path)
    nights = ask(NightCase(case.experiment, None, case.good_nights, case.runner, case.redactor))
    assert nights.change
    assert nights.why == "the failing night is not recorded"


def test_a_neighbour_that_goes_on_as_well_is_a_rival(tmp_path: Path) -> None:
    """Both new names hold what may be a rate: nothing on the good nights tells which."""
    case = make_rates_case(RIGHT, tmp_path)
    assert case.tape is not None
    nights = ask(case)
    rival = Neighbour(SCRIPT, RIGHT.replace("rate_value", "rate_mid"), "key", 4)
    answer = try_neighbours(nights, case, [rival])
    assert answer.rivals[0].startswith("scripts/job.py:4 (key): `out/rates.csv`: column `rate` is")
    assert "another fix goes on as well" in answer.doubt


def test_a_neighbour_that_could_not_be_run_is_not_good(tmp_path: Path) -> None:
    case = make_rates_case(RIGHT, tmp_path)
    nights = ask(case)
    broken = SandboxRunner(lambda: ScriptedSandbox([Report()]), tmp_path, Limits(), dict)
    other = NightCase(case.experiment, case.tape, case.good_nights, broken, case.redactor)
    assert try_neighbours(nights, other, []).is_cut_short


def test_neighbours_share_a_few_containers_whatever_their_number(tmp_path: Path) -> None:
    case, box = make_rates_case(RIGHT, tmp_path), ScriptedSandbox([answer])
    runner = SandboxRunner(lambda: box, tmp_path, Limits(timeout_s=20.0), dict)
    nights = ask(case)
    neighbours = choose_neighbours(find_neighbours(case.experiment))
    try_neighbours(nights, replace(case, runner=runner), neighbours)
    jobs = box.jobs[:AT_ONCE]
    assert sum(len(job.plan.variants) for job in jobs) == len(neighbours) + 1 > AT_ONCE
    assert all(job.limits.timeout_s == 20.0 * len(job.plan.variants) for job in jobs)
    assert all(job.plan.variant_s == 20.0 for job in jobs)
    assert len(box.jobs) <= AT_ONCE * (1 + len(case.good_nights))


def test_a_sandbox_that_fails_at_neighbours_says_nothing_of_the_fix(tmp_path: Path) -> None:
    case = make_rates_case(RIGHT, tmp_path)
    nights = ask(case)
    for is_retryable in (True, False):
        fault = Fault(kind=FaultKind.ENGINE, message="away", retryable=is_retryable)
        runner = SandboxRunner(
            lambda fault=fault: ScriptedSandbox([fault]), tmp_path, Limits(), dict
        )
        other = replace(case, runner=runner)
        if is_retryable:
            with pytest.raises(SandboxError, match="away"):
                try_neighbours(nights, other, [])
        else:
            assert try_neighbours(nights, other, []).is_cut_short


def test_neighbours_of_every_kind_have_their_turn() -> None:
    def make(shape: str, n: int) -> Neighbour:
        return Neighbour(SCRIPT, f"x = {n}\n", shape, 1)

    many = [make(f"part/{n}", n) for n in range(40)] + [make("key/a", 99), make("key/b", 99)]
    choice = choose_neighbours([*many, Neighbour(SCRIPT, "x =", "broken", 1)])
    assert len(choice) == MOST_NEIGHBOURS
    assert choice[1].shape == "key/a"
    assert "key/b" not in [each.shape for each in choice]


def test_wrong_values_take_no_other_neighbours_place() -> None:
    many = [Neighbour(SCRIPT, f"x = {n}\n", f"key/{n}", 1) for n in range(40)]
    wrong = [Neighbour(SCRIPT, f"x = {n} * 100\n", "value", 1) for n in range(40)]
    choice = choose_neighbours(many, [many[0], Neighbour(SCRIPT, "x =", "value", 1), *wrong])
    assert choice == [*many[:MOST_NEIGHBOURS], *wrong[:MOST_OTHERS]]


NUMBER = BASE.replace('row["rate"]', 'float(row["rate"])')


def test_a_conversion_is_told_from_wrong_values_where_hardly_another_neighbour_runs(
    tmp_path: Path,
) -> None:
    def write(night: int, form: str) -> list[dict[str, Any]]:
        rows = RATES.records(night)
        return [{"code": row["code"], "rate": format(row["rate"] * 1e4, form)} for row in rows]

    base, now = [write(n, ".1f") for n in range(5)], write(5, ",.1f")
    fix = NUMBER.replace('row["rate"])', 'row["rate"].replace(",", ""))')
    case = make_case(NUMBER, fix, base, now, tmp_path)
    nights = ask(case)
    others = choose_neighbours(find_neighbours(case.experiment))
    assert try_neighbours(nights, case, others).told_apart == 1  # it leaves the text as it is
    wrong = choose_neighbours(others, find_wrong_values(case.experiment))
    answer = try_neighbours(nights, case, wrong)
    assert answer.doubt == ""
    assert answer.told_apart >= 2


def test_data_is_read_and_programs_are_not() -> None:
    night = tape(
        files=(RecordedFile("/srv/app/in.csv", b"a", 0), RecordedFile("/srv/app/job.py", b"b", 0)),
        connections=(
            connection(exchange("/x?day=1", b"{}"), exchange("/gone", b"no", status=404)),
        ),
    )
    assert [each.name for each in read_of(night)] == ["/srv/app/in.csv", "api.example/x"]


def test_an_expectation_that_breaks_is_no_fix(tmp_path: Path) -> None:
    toml = f'[[job]]\nscript = "{SCRIPT}"\n[[job.expect]]\nfile = "{OUT}"\nmin = {{ rate = 0.9 }}\n'
    expectations = read_expectations(MemoryTree({"healer.toml": toml}), SCRIPT)
    assert read_expectations(MemoryTree({"healer.toml": toml}), "scripts/other.py") == ()
    assert read_expectations(MemoryTree({"healer.toml": "rows = ["}), SCRIPT) == ()
    case = replace(make_rates_case(RIGHT, tmp_path), expectations=expectations)
    nights = ask(case)
    assert nights.continuity == "breaks"
    assert "less than 0.9" in nights.doubt
    alone = ask_nights(replace(case, good_nights=()))
    assert alone is not None
    assert alone.continuity == "breaks"


def test_an_input_that_another_night_lends_is_read_and_a_result_is_not(tmp_path: Path) -> None:
    case = make_rates_case(RIGHT, tmp_path)
    files = tuple(RecordedFile(f"/data/{name}.csv", b"a\n1\n", 0) for name in ("in", "out"))
    written = (WrittenFile("/data/out.csv", 2, "x", b"a\n2\n"),)
    lender = replace(case.good_nights[0].tape, files=files, written=written)
    runs = (replace(case.good_nights[0], tape=lender),)
    night = replace(case, good_nights=runs).make_night(ProcessEnd(exit_code=0))
    assert night is not None
    assert [each.name for each in night.read] == ["api.example/data", "/data/in.csv"]
