import pytest

from healer.facts.effects import Effects, MailEffect, RequestEffect, StatementEffect
from healer.nights import Reading
from healer.nights.sinks import generalise, list_readings_by_name, list_sinks
from tests.support.nights import make_file


def make_effects(**fields):
    nothing = {"stdout": b"", "files": (), "requests": (), "statements": (), "mails": ()}
    return Effects(0, **{**nothing, **fields})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("out/2026-11-24.csv", "out/2026-11-25.csv"),
        ("out/report_20261124.csv", "out/report_20261125.csv"),
        ("/v1/orders/123456", "/v1/orders/123999"),
        ("tmp/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "tmp/aa2504e0-4f89-11d3-9a0c-0305e82c33ff"),
        ("2026-11/data.json", "2026-12/data.json"),
    ],
)
def test_names_that_differ_by_date_or_id_are_one(one, other):
    assert generalise(one) == generalise(other)


@pytest.mark.parametrize(
    ("one", "other"), [("out/a.csv", "out/b.csv"), ("page-1.json", "page-2.json")]
)
def test_other_names_stay_apart(one, other):
    assert generalise(one) != generalise(other)


def test_each_kind_of_effect_has_its_place():
    effects = make_effects(
        stdout=b"done\n",
        files=(make_file("out/a.csv", b"a,b\n1,2\n"), make_file("old.lock", None)),
        requests=(RequestEffect("POST", "api", 443, "/items/12345?dry=1", b'{"id": 1}'),),
        statements=(StatementEffect("db", "INSERT INTO t VALUES (%s, 'x')", ("7",)),),
        mails=(MailEffect("a@x", ("b@x", "a@y"), "Report", "Total: 5\n"),),
    )
    sinks = list_sinks(effects)
    assert set(sinks) == {
        "out/a.csv", "old.lock", "stdout", "POST api/items/*",
        "db: INSERT INTO t VALUES (%s, ?)", "mail to a@y, b@x",
    }  # fmt: skip
    assert sinks["old.lock"].form == "taken away"
    assert sinks["POST api/items/*"].tables["query"].rows == (("1",),)
    assert sinks["POST api/items/*"].tables[""].column("id") == [1]
    assert sinks["db: INSERT INTO t VALUES (%s, ?)"].tables[""].rows == (("7", "'x'"),)
    assert sinks["mail to a@y, b@x"].tables[""].columns == ("Subject", "Total")


def test_the_same_statement_many_times_is_one_table():
    statements = tuple(StatementEffect("db", "INSERT INTO t VALUES (?)", (v,)) for v in "abc")
    sinks = list_sinks(make_effects(statements=statements))
    assert sinks["db: INSERT INTO t VALUES (?)"].tables[""].column("1") == ["a", "b", "c"]


def test_a_form_that_is_posted_is_fields():
    request = RequestEffect("POST", "h", 80, "/send", b"name=Ana&age=7")
    document = list_sinks(make_effects(requests=(request,)))["POST h/send"]
    assert document.tables["query"].columns == ("name", "age")


def test_a_file_whose_content_is_not_kept_says_so():
    file = make_file("big.bin", b"x")
    effects = make_effects(files=(type(file)(file.path, 10**9, file.digest, None),))
    assert list_sinks(effects)["big.bin"].form == "not kept"


def test_pages_of_one_name_are_read_as_one():
    read = [Reading("api/2026-11-24", b'[{"id": 1}]'), Reading("api/2026-11-25", b'[{"id": 2}]')]
    assert list_readings_by_name(read)["api/*"].tables[""].column("id") == [1, 2]
