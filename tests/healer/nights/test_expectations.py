import math

import pytest

from healer.facts.effects import RequestEffect
from healer.nights.expectations import Expectation, find_broken, make_expectation, read_span
from tests.support.nights import make_night

CSV = "code,rate\nUSD,1.1\nGBP,0.85\nCHF,0.94\n"
FILE = "out/rates.csv"


def say(expectation, files=None, seconds=None, **more):
    effects = make_night({FILE: CSV} if files is None else files, **more).effects
    return [each.sentence for each in find_broken([expectation], effects, seconds)]


KEPT = [
    Expectation(FILE),
    Expectation("out/*.csv", rows="1..5", columns=("rate", "code")),
    Expectation(FILE, not_null=("rate",), unique=("code",), min={"rate": 0}, max={"rate": 2}),
    Expectation(FILE, sum={"rate": "2..3"}),
    Expectation(FILE, kinds={"rate": "a number", "code": "text"}),
    Expectation(stdout=r"^wrote \d+", requests="1..2", max_s=10),
]


@pytest.mark.parametrize("expectation", KEPT)
def test_what_is_as_expected_is_silent(expectation):
    request = RequestEffect("POST", "api", 80, "/", b"")
    assert say(expectation, stdout="ok\nwrote 3\n", requests=(request,), seconds=2.0) == []


@pytest.mark.parametrize(
    ("changes", "files", "sentence"),
    [
        ({}, {}, "it was not written"),
        ({}, {FILE: None}, "it was not written"),
        ({}, {FILE: ""}, "it is empty"),
        ({"rows": "4..9"}, None, "3 rows, not 4..9"),
        ({"rows": "1..9"}, {FILE: "code,rate\n"}, "0 rows, not 1..9"),
        ({"columns": ("code", "bid")}, None, "column `bid` is not there"),
        ({"not_null": ("rate",)}, {FILE: CSV.replace("0.85", "")},
         "column `rate` is empty in 1 of 3 rows"),
        ({"unique": ("code",)}, {FILE: CSV + "USD,1.2\n"},
         "column `code` has 'USD' more than once"),
        ({"min": {"rate": 0.9}}, None, "column `rate` is 0.85, less than 0.9"),
        ({"max": {"rate": 1}}, None, "column `rate` is 1.1, more than 1"),
        ({"min": {"rate": 0}}, {FILE: CSV.replace("0.85", "none")},
         "column `rate` holds 'none', which is no number"),
        ({"kinds": {"rate": "a number"}}, {FILE: CSV.replace("0.85", "0.85 EUR")},
         "column `rate` holds '0.85 EUR', which is a number in EUR, not a number"),
        ({"kinds": {"rate": "a number"}}, {FILE: CSV.replace("0.85", '"0,85"')},
         "column `rate` holds '0,85', which is a number with a decimal comma, not a number"),
        ({"kinds": {"price": "a number"}}, None, "column `price` is not there"),
        ({"sum": {"rate": "3..4"}}, None, "the sum of `rate` is 2.89, not 3..4"),
        ({"rows": "1..2"}, {FILE: b"\0\1"}, "no table can be read in it"),
    ],
)  # fmt: skip
def test_what_is_otherwise_is_said_in_words(changes, files, sentence):
    assert say(Expectation(FILE, **changes), files)[0] == f"`{FILE}`: {sentence}"


@pytest.mark.parametrize(
    ("expectation", "sentence"),
    [
        (Expectation(stdout="wrote"), "`stdout`: 'wrote' is not found in what it printed"),
        (Expectation(requests="1"), "`requests`: 0 were sent, not 1"),
        (Expectation(max_s=1), "`duration`: it took 2.5 s, more than 1"),
    ],
)
def test_the_run_as_a_whole(expectation, sentence):
    assert say(expectation, stdout="nothing\n", seconds=2.5) == [sentence]


def test_what_is_not_known_is_not_broken():
    assert say(Expectation(max_s=1)) == []
    assert say(Expectation(requests="1"), gaps=("the recorder stumbled",)) == []


def test_one_of_several_tables_is_named():
    files = {"a.json": '{"meta": {"n": 1}, "items": [{"id": 1}, {"id": 2}]}'}
    assert say(Expectation("a.json", table="items", rows="2"), files) == []
    assert say(Expectation("a.json", table="things", rows="2"), files)


def test_a_table_of_the_configuration_becomes_one():
    assert make_expectation(file="a", rows="1..2") == Expectation("a", rows="1..2")
    with pytest.raises(TypeError, match="'row'"):
        make_expectation(file="a", row="1")


@pytest.mark.parametrize(
    ("text", "span"),
    [("20..60", (20, 60)), ("31", (31, 31)), ("1..", (1, math.inf)), ("..9", (-math.inf, 9)),
     ("", (-math.inf, math.inf)), ("-1.5..2", (-1.5, 2))],
)  # fmt: skip
def test_spans(text, span):
    assert read_span(text) == span


@pytest.mark.parametrize(
    "fields",
    [{"rows": "many"}, {"rows": 31}, {"sum": {"a": "1-2"}}, {"stdout": "("}, {"requests": "x..y"}],
)
def test_what_cannot_be_read_is_told_at_once(fields):
    with pytest.raises(ValueError, match=r"span|expression|text"):
        Expectation("a", **fields)
