import json

import pytest

from healer.facts.effects import MailEffect, RequestEffect
from healer.nights import Habits, Night, check_continuity
from tests.support.nights import (
    FORMATS,
    GOOD_NIGHTS,
    JOBS,
    WRONG,
    make_good_nights,
    make_job_night,
    make_ledger_night,
    make_night,
    without_readings,
)

UNSEEN = {  # a new order of any amount may be any order: without what was read, none can tell
    ("orders", "one row dropped"),
    ("orders", "the neighbouring column"),
    ("invoices", "one row dropped"),
    ("sensors", "a default in one row"),
}


def describe(continuity):
    return [each.sentence for each in continuity.differences], continuity.why


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_the_right_outcome_goes_on_and_the_wrong_ones_break(job, kind):
    habits = Habits(tuple(make_good_nights(job, kind)))
    right = make_job_night(job, kind, GOOD_NIGHTS)
    answer = check_continuity(right, habits)
    assert answer.state == "continues", describe(answer)
    records = job.records(GOOD_NIGHTS)
    nights = {
        name: make_job_night(job, kind, GOOD_NIGHTS, change(records, job))
        for name, change in WRONG.items()
    }
    wrong = {name: night for name, night in nights.items() if night.effects != right.effects}
    assert len(wrong) >= 12
    states = {name: check_continuity(night, habits).state for name, night in wrong.items()}
    assert [name for name, state in states.items() if state != "breaks"] == []


@pytest.mark.parametrize("kind", ["csv", "sqlite"])
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_what_is_added_to_a_ledger_is_held_against_what_was_added_before(job, kind):
    habits = Habits(tuple(make_ledger_night(job, kind, night) for night in range(GOOD_NIGHTS)))
    right = make_ledger_night(job, kind, GOOD_NIGHTS)
    answer = check_continuity(right, habits)
    assert answer.state == "continues", describe(answer)
    records = job.records(GOOD_NIGHTS)
    for name, change in WRONG.items():
        night = make_ledger_night(job, kind, GOOD_NIGHTS, change(records, job))
        if night.effects != right.effects:
            assert check_continuity(night, habits).state == "breaks", name


def test_what_was_in_a_ledger_stays_there():
    job = JOBS[0]
    habits = Habits(tuple(make_ledger_night(job, "csv", night) for night in range(GOOD_NIGHTS)))
    right = make_ledger_night(job, "csv", GOOD_NIGHTS)
    (ledger,) = right.effects.files
    lines = ledger.data.splitlines(keepends=True)
    less = make_night({ledger.path: b"".join([*lines[:3], *lines[4:]])})
    sentences, _ = describe(check_continuity(Night(less.effects, right.read), habits))
    assert "`out/data.csv`: earlier rows are gone (1); on 5 good nights never" in sentences


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_effects_alone_tell_most(job):
    habits = Habits(tuple(without_readings(make_good_nights(job, "csv"))))
    records = job.records(GOOD_NIGHTS)
    (right,) = without_readings([make_job_night(job, "csv", GOOD_NIGHTS)])
    assert check_continuity(right, habits).state == "continues"
    for name, change in WRONG.items():
        (night,) = without_readings([make_job_night(job, "csv", GOOD_NIGHTS, change(records, job))])
        if night.effects != right.effects and (job.name, name) not in UNSEEN:
            assert check_continuity(night, habits).state == "breaks", name


def say(nights, tonight):
    answer = check_continuity(tonight, Habits(tuple(nights)))
    return answer.state, [each.sentence for each in answer.differences]


def test_a_difference_says_file_column_and_since_when():
    def night(n, rows=31, empty=0):
        text = "".join(f"C{i},{'' if i < empty else f'{i + 1}.{n + 1}'}\n" for i in range(rows))
        return make_night({"out/rates.csv": f"code,rate\n{text}"})

    state, sentences = say([night(n) for n in range(5)], night(5, empty=3))
    assert state == "breaks"
    assert sentences == [
        "`out/rates.csv`: column `rate` is empty in 3 of 31 rows; on 5 good nights never"
    ]


# What nights do by themselves.


def by_night(make):
    return [make(n) for n in range(5)], make(5)


NATURAL = {
    "rows in another order": lambda n: make_night(
        {"a.csv": "id,v\n" + "".join(f"{(i + n) % 5},{(i + n) % 5 + 1}.5\n" for i in range(5))}
    ),
    "time stamps": lambda n: make_night(
        {"a.json": json.dumps({"at": f"2026-11-{20 + n}T02:0{n}:11", "rows": 5})}
    ),
    "a file named by its day": lambda n: make_night({f"out/2026-11-{20 + n}.csv": "a,b\n1,2\n"}),
    "ids that are new each time": lambda n: make_night(
        {"a.csv": "id,v\n" + "".join(f"{n * 100 + i},{i + 2}\n" for i in range(6))}
    ),
    "a growing file": lambda n: make_night(
        {"log.csv": "day,v\n" + "".join(f"2026-11-{i + 1:02},{i % 3 + 1}\n" for i in range(9 + n))}
    ),
    "a window of days": lambda n: make_night(
        {"w.csv": "day,v\n" + "".join(f"2026-11-{i + n + 1:02},{i % 3 + 2}\n" for i in range(7))}
    ),
    "something new is sold": lambda n: make_night(
        {"s.csv": "sku,n\n" + "".join(f"A{i},{(i * 7 + n) % 5 + 3}\n" for i in range(9 + n))}
    ),
    "counts that move": lambda n: make_night({}, stdout=f"sent {90 + (n * 37) % 13} mails\n"),
    "a total that grows": lambda n: make_night({"t.json": json.dumps({"total": 1000 + 90 * n})}),
    "a lock that is taken away": lambda n: make_night({"run.lock": None, "a.txt": "done"}),
    "nothing to do on some nights": lambda n: make_night(
        {"a.csv": "id,v\n" + "".join(f"{n}{i},{i + 1}\n" for i in range((3, 0, 4, 0, 2, 0)[n]))}
    ),
    "an optional key": lambda n: make_night(
        {"a.json": json.dumps([{"id": i} | ({"note": "x"} if n % 2 else {}) for i in range(4)])}
    ),
    "an empty cell now and then": lambda n: make_night(
        {"a.csv": "id,v\n" + "".join(f"{i},{'' if i == n else i + 5}\n" for i in range(12))}
    ),
    "a file that only some nights have": lambda n: make_night(
        {"a.txt": "done\n"} | ({"errors.txt": "none\n"} if n in (1, 3) else {})
    ),
    "names in the output": lambda n: make_night(
        {}, stdout=f"hello {('Ana', 'Ben', 'Eva', 'Ole', 'Jon', 'Kim')[n]}\n"
    ),
    "a mail with its figures": lambda n: make_night(
        {}, mails=(MailEffect("a@x", ("b@x",), f"Night {n + 1}", f"Orders: {20 + n * 3 % 5}\n"),)
    ),
    "a request with its rows": lambda n: make_night(
        {}, requests=(RequestEffect("POST", "api", 80, "/in", b'[{"v": %d}]' % (n + 5)),)
    ),
    "dear ones among the new things of a window": lambda n: make_night(
        {
            "o.json": json.dumps(
                [
                    {"id": i, "sum": 300 + i if i % 3 == 0 or i >= 24 else 20 + i}
                    for i in range(3 * n, 3 * n + 12)
                ]
            )
        }
    ),
    "rates that move": lambda n: make_night(
        {"r.csv": "c,r\n" + "".join(f"C{i},{i + 1 + ((n * 7 + i) % 5) / 100}\n" for i in range(8))}
    ),
}


@pytest.mark.parametrize("name", NATURAL)
def test_what_varies_by_itself_is_silent(name):
    nights, tonight = by_night(NATURAL[name])
    assert say(nights, tonight) == ("continues", [])


BROKEN = {
    "the file is not written": lambda n: make_night({"a.csv": "a,b\n1,2\n"} if n < 5 else {}),
    "the file is empty": lambda n: make_night({"a.csv": "a,b\n1,2\n" if n < 5 else ""}),
    "only the header is there": lambda n: make_night({"a.csv": f"a,b\n{'1,2' if n < 5 else ''}\n"}),
    "another delimiter": lambda n: make_night({"a.csv": "a,b\n1,2\n" if n < 5 else "a;b\n1;2\n"}),
    "another encoding": lambda n: make_night(
        {"a.csv": "a,b\nZoë,2\n".encode("utf-8" if n < 5 else "latin-1")}
    ),
    "a file that was never there": lambda n: make_night(
        {"a.txt": "done\n"} | ({"errors.csv": "a,b\n1,2\n"} if n == 5 else {})
    ),
    "columns in another order": lambda n: make_night(
        {"a.csv": "a,b\n1,x\n" if n < 5 else "b,a\nx,1\n"}
    ),
    "a number becomes text": lambda n: make_night(
        {"a.json": json.dumps([{"id": i, "v": 3 + i if n < 5 else str(3 + i)} for i in range(5)])}
    ),
    "another date form": lambda n: make_night(
        {"a.csv": f"id,day\n1,{f'2026-11-{20 + n}' if n < 5 else '25/11/2026'}\n2,2026-11-01\n"}
    ),
    "no mail": lambda n: make_night(
        {"a.txt": "done"}, mails=(MailEffect("a@x", ("b@x",), "S", "B"),) if n < 5 else ()
    ),
    "a mail to someone else": lambda n: make_night(
        {}, mails=(MailEffect("a@x", ("b@x" if n < 5 else "c@x",), "S", "B"),)
    ),
    "another status": lambda n: make_night({"a.txt": "done"}, exit_code=0 if n < 5 else 3),
    "the request says nothing": lambda n: make_night(
        {}, requests=(RequestEffect("POST", "api", 80, "/in", b'{"v": 5}' if n < 5 else b"{}"),)
    ),
    "a line is no longer printed": lambda n: make_night(
        {}, stdout="start\nwrote 5 rows\n" if n < 5 else "start\n"
    ),
    "known things have another field's values": lambda n: make_night(
        {
            "o.json": json.dumps(
                [{"id": i, "sum": 90 - i if n < 5 else 95 - i} for i in range(3 * n, 3 * n + 12)]
            )
        }
    ),
    "half the total": lambda n: make_night(
        {"t.json": json.dumps({"total": 1000 + 3 * n if n < 5 else 400})}
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_never_was_so_is_told(name):
    nights, tonight = by_night(BROKEN[name])
    assert say(nights, tonight)[0] == "breaks"


def test_two_nights_are_too_few():
    nights = make_good_nights(JOBS[0], "csv")
    answer = check_continuity(nights[2], Habits(tuple(nights[:2])))
    assert answer.state == "cannot-tell"
    assert answer.why.startswith("2 good nights are recorded")


def test_nothing_left_behind_cannot_be_told():
    nights = [make_night({}) for _ in range(6)]
    assert check_continuity(nights[5], Habits(tuple(nights[:5]))).state == "cannot-tell"


def test_what_is_not_on_the_tape_cannot_be_told():
    nights = [make_night({"a.txt": "done"}) for _ in range(5)]
    tonight = make_night({"a.txt": "done"}, gaps=("2 conversations were not recorded: grpc",))
    answer = check_continuity(tonight, Habits(tuple(nights)))
    assert (answer.state, answer.why) == ("cannot-tell", "2 conversations were not recorded: grpc")


def test_what_cannot_be_read_cannot_be_told():
    nights = [make_night({"a.xlsx": b"PK\3\4\0" + bytes([n])}) for n in range(6)]
    assert check_continuity(nights[5], Habits(tuple(nights[:5]))).state == "cannot-tell"
