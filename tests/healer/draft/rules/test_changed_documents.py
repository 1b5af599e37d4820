"""What an object or a number became is said where the data of two nights leaves no doubt."""

import json

import pytest

from healer.draft.rules.changed_documents import Records, find_records, find_retyped

RATES = {"USD": 1.08, "GBP": 0.85, "CHF": 0.94}


def records(now: object, before: object = RATES) -> list[Records]:
    return find_records(json.dumps({"rates": before}), json.dumps({"rates": now}))


def rows(**fields: object) -> list[dict[str, object]]:
    """One for each of the rates; a number is that many times the rate."""
    return [
        {"code": code}
        | {k: value * each if isinstance(each, float) else each for k, each in fields.items()}
        for code, value in RATES.items()
    ]


@pytest.mark.parametrize(
    ("now", "form"),
    [
        (rows(rate=1.01), Records("rates", "code", "rate")),
        (rows(rate=1.01, reverse=9.0, note="x"), Records("rates", "code", "rate")),
        ([*rows(rate=1.0)[:2], {"code": "JPY", "rate": 161.2}], Records("rates", "code", "rate")),
    ],
)
def test_a_list_of_records_holds_what_the_object_held(now: object, form: Records) -> None:
    assert records(now) == [form]


@pytest.mark.parametrize(
    "now",
    [
        rows(bid=1.0, ask=1.01),  # two hold nearly the same
        rows(rate=9.0),  # another unit, or something else
        rows(alias="x"),
        [{**row, "symbol": row["code"]} for row in rows(rate=1.0)],  # two name them
        [*rows(rate=1.0), {"code": "USD", "rate": 1.0}],  # one twice
        [*rows(rate=1.0), 3],
        rows(rate=1.0)[:1],
        [{"code": "A", "rate": 1.08}, {"code": "B", "rate": 0.85}],  # none comes again
        RATES,
        [],
        None,
    ],
)
def test_nothing_is_said_where_it_may_be_otherwise(now: object) -> None:
    assert records(now) == []


def test_records_may_themselves_be_what_the_object_held() -> None:
    hosts = {name: {"ip": f"10.0.0.{n}"} for n, name in enumerate("abc")}
    now = [{"host": name, **host} for name, host in hosts.items()]
    assert records(now, hosts) == [Records("rates", "host", "")]
    assert records([{"host": name} for name in hosts], hosts) == []


def test_the_document_itself_may_be_the_object() -> None:
    assert find_records(json.dumps(RATES), json.dumps(rows(rate=1.0))) == [
        Records("", "code", "rate")
    ]
    assert find_records("a,b\n1,2\n", "[]") == []


@pytest.mark.parametrize(
    ("before", "now", "reader"),
    [
        ([4, 11], ["3", "-12"], "int"),
        ([4, 11.5], ["3", "12"], "float"),
        ([4, 11], ["3.0", "12"], "float"),
        ([4, 11], ["3", "many"], ""),
        ([4, 11], ["3", ""], ""),
        ([4, 11], ["3", 12], ""),
        ([4, 11], ["3", None], ""),
        ([4, None], ["3", "4"], ""),
        ([True], ["1"], ""),
        (["4"], ["3"], ""),
        ([4.5], ["nan"], ""),
    ],
)
def test_numbers_became_text_only_where_all_did(
    before: list[object], now: list[object], reader: str
) -> None:
    texts = [json.dumps({"rows": [{"n": value} for value in each]}) for each in (before, now)]
    assert find_retyped(*texts) == ({"n": reader} if reader else {})
