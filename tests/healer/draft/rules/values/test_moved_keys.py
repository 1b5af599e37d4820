"""Fields under another name or at another depth: both forms are read, none is made up."""

import ast

import pytest

from healer.draft.rules.example import Example
from healer.draft.rules.values.moved_keys import key_of
from healer.facts.draft import ReadData
from healer.failure import Raised
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    content_of,
    draft_example,
    example_case,
    run_script,
)

MENDED = [
    example_case(
        "deeper, with another field that moved with it",
        "moved-key",
        """
          data = {"name": "n1", "state": {"load": 3, "free": 1}}
        - print(data["name"], data["load"])  #! KeyError: 'load'
        + print(data["name"], data["load"] if "load" in data else data["state"]["load"])
        - free = data["free"]
        + free = data["free"] if "free" in data else data["state"]["free"]
        """,
        recorded={"data": "{'name': 'n1', 'state': {'load': 3, 'free': 1}}"},
    ),
    example_case(
        "read in an f-string",
        "moved-key",
        """
          for row in [{"unit_price": 3}]:
        +     if "price" not in row:
        +         row["price"] = row["unit_price"]
              print(f"{row['price']:.2f}")  #! KeyError: 'price'
        """,
        recorded={"row": "{'unit_price': 3}"},
    ),
    example_case(
        "further out",
        "flattened-key",
        """
          offer = {"product_price": 3}
        - total = offer["product"]["price"] * 2  #! KeyError: 'product'
        + total = (offer["product"]["price"] if "product" in offer else offer["product_price"]) * 2
        """,
        recorded={"offer": "{'product_price': 3}"},
    ),
]
SILENT = [
    example_case(
        "two fields of its words",
        "moved-key",
        """
        row = {"price_old": 1, "price_now": 2}
        print(row["price"])  #! KeyError: 'price'
        """,
        recorded={"row": "{'price_old': 1, 'price_now': 2}"},
    ),
    example_case(
        "a field that the code knows as another one",
        "moved-key",
        """
        row = {"unit_price": 2}
        print(row["unit_price"], row["price"])  #! KeyError: 'price'
        """,
        recorded={"row": "{'unit_price': 2}"},
    ),
    example_case(
        "at two places deeper",
        "moved-key",
        """
        row = {"a": {"price": 2}, "b": {"price": 3}}
        print(row["price"])  #! KeyError: 'price'
        """,
        recorded={"row": "{'a': {'price': 2}, 'b': {'price': 3}}"},
    ),
    example_case(
        "what gives the data would be asked twice",
        "moved-key",
        """
        def load():
            return {"unit_price": 2}
        print(load()["price"])  #! KeyError: 'price'
        """,
    ),
    example_case(
        "a number as key",
        "moved-key",
        """
        row = {1: 2}
        print(row[2])  #! KeyError: 2
        """,
        recorded={"row": "{1: 2}"},
    ),
]
SCRIPT = """
    def show(row):
        return row["price"] * row["count"]
    #! KeyError: 'price'
    """


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_both_forms_are_read(rule: str, example: Example) -> None:
    check_fix(rule, example)
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_no_other_field_takes_its_place(rule: str, example: Example) -> None:
    check_silence(rule, example)


def test_the_last_good_night_says_where_each_field_is_now() -> None:
    read = ReadData(
        name="prices.csv",
        before="price,count\n2.5,3\n4,10\n1.5,8\n",
        text="anzahl,preis\n3,2.5\n10,4\n8,1.75\n",
    )
    drafts = draft_example(Example(SCRIPT), reads=(read,)).candidates
    (draft,) = [each for each in drafts if each.rule == "moved-key"]
    show = run_script(content_of(draft))["show"]
    assert show({"preis": 2, "anzahl": 3}) == show({"price": 2, "count": 3}) == 6
    with pytest.raises(KeyError):
        show({"preis": 2})


@pytest.mark.parametrize(
    "after",
    [
        "unit_price,count\n250,3\n400,10\n",  # in cents
        "count,weight\n3,2\n10,7\n",  # dropped
    ],
)
def test_where_the_good_night_shows_another_meaning_nothing_is_drafted(after: str) -> None:
    read = ReadData(name="prices.csv", before="price,count\n2.5,3\n4,10\n", text=after)
    example = Example(SCRIPT, locals={"row": "{'unit_price': '250', 'count': '3'}"})
    drafts = draft_example(example, reads=(read,)).candidates
    assert [draft.rule for draft in drafts] == []


SILENT_LOSS = Raised(
    type="healer.ExpectationError", message="column `rate` is empty in 3 of 3 rows"
)


@pytest.mark.parametrize(
    ("before", "after", "line", "mended"),
    [
        ("rate,count\n2.5,3\n4,10\n", "count,kurs\n3,2.5\n10,4.0\n", "row.get('rate')",
         "row.get(\"rate\", row.get(\"kurs\"))"),
        ("rate,count\n2.5,3\n4,10\n", "count,kurs\n3,2.5\n10,4.0\n", "row.get('rate', 0)",
         "row.get(\"rate\", row.get(\"kurs\", 0))"),
        ('[{"rate": 2.5}, {"rate": 4}]', '[{"m": {"rate": 2.5}}, {"m": {"rate": 4}}]',
         "row.get('rate')", "row.get(\"rate\", row.get(\"m\", {}).get(\"rate\"))"),
        ('[{"rate": 2.5}, {"rate": 4}]', '[{"m": {"kurs": 2.5}}, {"m": {"kurs": 4}}]',
         "row.get('rate', None)", "row.get(\"rate\", row.get(\"m\", {}).get(\"kurs\", None))"),
        ('{"items": [{"id": 1}, {"id": 2}]}', '{"rows": [{"id": 1}, {"id": 2}]}',
         "row.get('items', [])", "row.get(\"items\", row.get(\"rows\", []))"),
        ("rate,count\n2.5,3\n4,10\n", "count\n3\n10\n", "row.get('rate')", ""),
    ],
)  # fmt: skip
def test_what_is_missed_in_silence_is_read_in_both_forms_after_a_broken_expectation(
    before: str, after: str, line: str, mended: str
) -> None:
    read = ReadData(name="data", before=before, text=after)
    example = Example(f"def show(row):\n    return {line}\n#! KeyError: 'rate'\n")
    drafts = draft_example(example, SILENT_LOSS, reads=(read,)).candidates
    assert [mended in content_of(draft) for draft in drafts] == [True] * bool(mended)
    other = Raised(type="ValueError", message="no")
    assert draft_example(example, other, reads=(read,)).candidates == ()


@pytest.mark.parametrize(
    ("text", "key"), [("a['x']", "x"), ("a[0]", None), ("a[x]", None), ("a[:1]", None)]
)
def test_a_key_is_what_is_written_out(text: str, key: str | None) -> None:
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Subscript)
    assert key_of(node) == key
