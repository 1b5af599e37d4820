import pytest

from healer.facts.effects import MailEffect, RequestEffect
from healer.nights import compare_effects, find_noise
from tests.support.nights import make_night


def run(files=None, **more):
    return make_night(files or {}, **more).effects


def say(expected, effects, noise=frozenset()):
    return [each.sentence for each in compare_effects(expected, effects, noise)]


CSV = "id,rate\n1,2.5\n2,3.5\n3,4.5\n"


@pytest.mark.parametrize(
    ("then", "now", "sentence"),
    [
        (
            CSV,
            "id,rate\n1,2.5\n2,\n3,4.5\n",
            "column `rate` is empty and was '3.5', in 1 of 3 rows",
        ),
        (CSV, "id,rate\n1,2.5\n2,9\n3,9\n", "column `rate` is '9' and was '3.5', in 2 of 3 rows"),
        (CSV, "id,rate\n1,2.5\n2,3.5\n", "2 rows, not 3"),
        (CSV, "id\n1\n2\n3\n", "it is text, not csv with ','"),
        (CSV, "rate,id\n2.5,1\n3.5,2\n4.5,3\n", "the columns are in another order"),
        (CSV, "id,rate\n2,3.5\n1,2.5\n3,4.5\n", "the rows are in another order"),
        (CSV, "id,rate,x\n1,2.5,\n2,3.5,\n3,4.5,\n", "column `x` was not there before"),
        (CSV, CSV.replace(",", ";"), "it is csv with ';', not csv with ','"),
        (CSV, CSV.replace("\n", "\r\n"), "it says the same in other characters"),
        (CSV, None, "it is taken away, not csv with ','"),
        (b"\0\1", b"\0\2", "its content is another (2 bytes, not 2)"),
    ],
)
def test_a_file_that_differs_is_said_in_words(then, now, sentence):
    first = say(run({"a.csv": then}), run({"a.csv": now}))[0]
    assert first == f"`a.csv`: {sentence}"


def test_numbers_that_become_text_differ():
    assert say(run({"a.json": '{"a": 1}'}), run({"a.json": '{"a": "1"}'}))
    assert say(run({"a.json": '{"a": 1}'}), run({"a.json": '{"a": true}'}))


def test_the_same_is_silent():
    mail = MailEffect("a@x", ("b@x",), "Report", "12 rows")
    request = RequestEffect("POST", "api", 80, "/x", b"{}")
    night = run({"a.csv": CSV}, stdout="done\n", mails=(mail,), requests=(request,))
    assert compare_effects(night, night) == ()


def test_files_mails_requests_and_ends_that_are_missing_or_new():
    mail = MailEffect("a@x", ("b@x",), "Report", "12 rows")
    request = RequestEffect("POST", "api", 80, "/x", b"{}")
    full = run({"a.csv": CSV}, mails=(mail,), requests=(request,))
    assert len(say(full, run())) == 3
    assert len(say(run(), full)) == 3
    assert say(run(), run(exit_code=2)) == ["`exit status`: it ends with 2, not with 0"]


def test_what_two_runs_of_the_same_code_differ_in_counts_for_nothing():
    first = run({"a.json": '[{"id": 1, "at": "2026-11-25T02:00:00", "v": 5}]'})
    second = run({"a.json": '[{"id": 1, "at": "2026-11-25T02:00:07", "v": 5}]'})
    noise = find_noise([first, second])
    assert noise == {("a.json", "", "at")}
    third = run({"a.json": '[{"id": 1, "at": "2026-11-25T02:00:09", "v": 5}]'})
    assert say(first, third, noise) == []
    other = run({"a.json": '[{"id": 1, "at": "2026-11-25T02:00:09", "v": 6}]'})
    assert say(first, other, noise) == ["`a.json`: column `v` is 6 and was 5, in 1 of 1 rows"]
    empty = run({"a.json": '[{"id": 1, "at": null, "v": 5}]'})
    assert "holds other things" in say(first, empty, noise)[0]


def test_order_counts_for_nothing_where_it_is_chance():
    rows = ["id,rate\n1,2.5\n2,3.5\n3,4.5\n", "id,rate\n3,4.5\n1,2.5\n2,3.5\n"]
    noise = find_noise([run({"a.csv": each}) for each in rows])
    third = run({"a.csv": "id,rate\n2,3.5\n3,4.5\n1,2.5\n"})
    assert say(run({"a.csv": rows[0]}), third, noise) == []
    wrong = run({"a.csv": "id,rate\n2,3.5\n3,4.5\n1,2.0\n"})
    assert len(say(run({"a.csv": rows[0]}), wrong, noise)) == 1


def test_ids_in_names_and_text_that_differ_by_chance():
    first = run({"out/2026-11-25.csv": CSV}, stdout="took 12.5 s\n")
    second = run({"out/2026-11-26.csv": CSV}, stdout="took 13.1 s\n")
    assert say(first, second, find_noise([first, second])) == []
