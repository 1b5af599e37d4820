"""Which new key carries an old one's values: by the values, or by the words over values of one
kind; never another field of the same kind."""

import json

import pytest

from healer.draft.rules.columns import find_successors, is_related, read_columns, read_objects
from healer.facts.draft import ReadData

ORDERS = "order,amount,quantity\n1001,2.50,3\n1002,4.00,1\n1003,1.25,8\n"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ('{"a": {"b": 3}}', {("a", "b"): ["3.0"]}),
        ('[{"a": 1}, {"a": "x"}]', {("a",): ["1.0", "x"]}),
        ('{"a": 1}\n{"a": 2}\n', {("a",): ["1.0", "2.0"]}),
        ("a;b\n1;x\n", {("a",): ["1.0"], ("b",): ["x"]}),
        ("\ufeffa\tb\n1\tx\n", {("a",): ["1.0"], ("b",): ["x"]}),
        ("Report of May,\n\na,b\n1,x\n2,y\n", {("a",): ["1.0", "2.0"], ("b",): ["x", "y"]}),
        ("only words here", {}),
        ("{broken", {}),
        ("", {}),
        ("a,b\n", {}),
    ],
)
def test_data_is_read_as_columns(text: str, columns: dict[tuple[str, ...], list[str]]) -> None:
    assert read_columns(text) == columns


def test_deeply_nested_data_is_no_data() -> None:
    assert read_columns("[" * 100_000) == {}


@pytest.mark.parametrize(
    ("before", "now", "successors"),
    [
        (  # translated and reordered: the values say it
            ORDERS,
            "menge;betrag;bestellung\n1;4.00;1002\n8;1.25;1003\n3;2.50;1004\n",
            {"amount": "betrag", "order": "bestellung", "quantity": "menge"},
        ),
        (  # other values of the same kind under a name of the same words
            ORDERS,
            "order,unitAmount,quantity\n1009,3.75,3\n",
            {"amount": "unitAmount"},
        ),
        (  # a decoy of another scale: a tax, or cents
            ORDERS,
            "order,amount_tax,quantity\n1002,0.76,1\n1003,0.24,8\n",
            {},
        ),
        (ORDERS, "order,amount_cents,quantity\n1002,400,1\n1003,125,8\n", {}),
        (  # two columns that may be it
            "name,price\na,19.90\nb,5\n",
            "name,price_now,price_old\na,21.90,25.00\nb,6,7\n",
            {},
        ),
        (  # dropped
            "login,created\na,2019-01-01\nb,2020-01-01\n",
            "login,seen\na,2024-05-01\nb,2024-05-02\n",
            {},
        ),
        (  # all numbers have moved a little, each thing's own
            "currency,rate\nUSD,1.08\nJPY,162.5\nSEK,11.2\n",
            "currency,value\nJPY,163.1\nSEK,11.19\nUSD,1.084\n",
            {"rate": "value"},
        ),
        (  # of two that are near none is clear
            "currency,rate\nUSD,1.08\nJPY,162.5\nSEK,11.2\n",
            "currency,bid,ask\nUSD,1.07,1.09\nJPY,162.1,163.0\nSEK,11.1,11.3\n",
            {},
        ),
        (  # numbers that say nothing of which thing is which
            "city,degrees\nA,20\nB,21\nC,20.5\n",
            "city,humidity\nA,20.2\nB,20.9\nC,20.4\n",
            {},
        ),
        (ORDERS, ORDERS, {}),
        ("", ORDERS, {}),
    ],
)
def test_a_key_has_a_successor_where_the_values_or_the_words_say_so(
    before: str, now: str, successors: dict[str, str]
) -> None:
    found = find_successors(read_columns(before), read_columns(now))
    assert {old[-1]: new[-1] for old, new in found.items()} == successors


def test_a_key_that_lies_deeper_now_is_found_there() -> None:
    before = read_columns('{"station": "Harbour", "temperature": 11.5}')
    now = read_columns('{"station": "Harbour", "readings": {"temperature": 12.0}}')
    assert find_successors(before, now) == {("temperature",): ("readings", "temperature")}


def test_one_value_that_recurs_by_chance_says_nothing() -> None:
    before, now = read_columns('{"floor": 3}'), read_columns('{"doors": 3}')
    assert find_successors(before, now) == {}


@pytest.mark.parametrize(
    ("old", "new", "is_so"),
    [
        ("price", "unit_price", True),
        ("price", "unitPrice", True),
        ("rate", "rates", True),
        ("category", "categories", True),
        ("ride_id", "rideId", True),
        ("Price", "price", True),
        ("created_at", "updated_at", False),
        ("room", "Rooms of the house", False),
        ("class", "clas", False),
        ("price", "cost", False),
        ("", "", False),
    ],
)
def test_names_are_related_by_their_words(old: str, new: str, *, is_so: bool) -> None:
    assert is_related(old, new) is is_so


def test_objects_are_read_and_lists_and_tables_are_not() -> None:
    texts = [json.dumps({"a": 1}), "[1]", "a,b\n1,2\n", "{broken"]
    reads = [ReadData(name="x", text=text) for text in texts]
    assert list(read_objects(reads)) == [{"a": 1}]


def test_the_same_key_deeper_outdoes_one_of_the_same_words() -> None:
    before = read_columns('[{"ip": "10.0.4.1"}, {"ip": "10.0.4.2"}]')
    now = read_columns('[{"net": {"ip": "10.0.5.1", "management_ip": "10.9.5.1"}}]')
    assert find_successors(before, now) == {("ip",): ("net", "ip")}


def test_the_same_key_deeper_is_none_where_another_has_the_values() -> None:
    before = read_columns('[{"ip": "10.0.4.1"}, {"ip": "10.0.4.2"}]')
    rows = ", ".join(f'{{"net": {{"ip": "10.9.5.{n}", "old_ip": "10.0.4.{n}"}}}}' for n in (1, 2))
    assert find_successors(before, read_columns(f"[{rows}]")) == {}
