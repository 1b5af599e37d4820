import tomllib

import pytest

from healer.nights.expectations import find_broken, make_expectation
from healer.nights.propose import propose_expectations
from tests.support.nights import FORMATS, GOOD_NIGHTS, JOBS, WRONG, make_job_night, make_night


def read(text):
    (job,) = tomllib.loads(text)["job"]
    return [make_expectation(**entry) for entry in job["expect"]]


def make_nights(job, kind, count=GOOD_NIGHTS):
    return [make_job_night(job, kind, night) for night in range(count)]


def test_a_proposal_reads_as_a_person_would_write_it():
    nights = [
        make_night(
            {"out/rates.csv": "code,rate\n" + "".join(f"C{i},{i}.{n}\n" for i in range(1, 5))},
            stdout=f"wrote {4} rates on night {n}\n",
        )
        for n in range(4)
    ]
    assert propose_expectations("scripts/rates.py", nights) == (
        '[[job]]\nscript = "scripts/rates.py"\n\n'
        "[[job.expect]]\n"
        'file = "out/rates.csv"  # written on every night\n'
        'rows = "2..8"  # 4 so far, with room on both sides\n'
        'columns = ["code", "rate"]  # on every night\n'
        'not_null = ["code", "rate"]  # never empty so far\n'
        'unique = ["code"]  # it named each row so far\n'
        'kinds = { rate = "a number" }  # as each value was written\n'
        "min = { rate = 0 }  # numbers; none was below\n"
        "max = { rate = 43 }  # ten times what was seen\n\n"
        "[[job.expect]]\n"
        'stdout = "^wrote"  # a line of every night begins so\n'
    )


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_what_is_proposed_holds_on_every_night_and_on_the_next(job, kind):
    expectations = read(propose_expectations("a.py", make_nights(job, kind)))
    for night in range(GOOD_NIGHTS + 1):
        assert find_broken(expectations, make_job_night(job, kind, night).effects) == ()


def test_what_is_proposed_notices_what_went_wrong_without_failing():
    gross = (
        "all rows dropped",
        "nothing in the column",
        "nothing in one row",
        "the column left out",
        "rows twice",
        "the number as words",
        "the scale changed",
    )
    for job in JOBS:
        expectations = read(propose_expectations("a.py", make_nights(job, "csv")))
        for name in gross:
            rows = WRONG[name](job.records(GOOD_NIGHTS), job)
            night = make_job_night(job, "csv", GOOD_NIGHTS, rows)
            assert find_broken(expectations, night.effects), (job.name, name)


def test_a_file_named_by_its_day_is_named_with_a_star():
    nights = [make_night({f"out/2026-11-2{n}.csv": "a,b\n1,2\n"}) for n in range(4)]
    assert 'file = "out/*.csv"' in propose_expectations("a.py", nights)


def test_a_file_that_cannot_be_read_is_to_be_there():
    nights = [make_night({"a.png": b"\x89PNG\0\0" + bytes([n])}) for n in range(4)]
    (expectation,) = read(propose_expectations("a.py", nights))
    assert expectation == make_expectation(file="a.png")


def test_a_file_that_only_some_nights_have_is_not_expected():
    nights = [make_night({"a.txt": "x"} | ({"b.txt": "y"} if n else {})) for n in range(4)]
    assert "b.txt" not in propose_expectations("a.py", nights)


def test_nothing_in_common_proposes_nothing():
    assert propose_expectations("a.py", [make_night({}) for _ in range(4)]) == ""


def test_two_nights_are_too_few():
    with pytest.raises(ValueError, match=r"2 good nights of a.py are recorded, and 3 are needed"):
        propose_expectations("a.py", [make_night({}) for _ in range(2)])
