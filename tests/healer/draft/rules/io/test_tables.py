"""Tables in another layout: the header is found, columns get their names back, old ones stay."""

import io

import pytest

from healer.draft.rules.example import Example
from healer.facts.draft import ReadData
from tests.support.rule_cases import (
    check_guess,
    check_silence,
    content_of,
    draft_example,
    example_case,
    run_script,
)

FRAME = "DataFrame(shape=(2, 2), columns={%s})"
GUESSED = [
    example_case(
        "plural for singular, seen from the line that calls",
        "renamed-column",
        """
          import pandas as pd
        - frame = pd.read_csv("day.csv", sep=";")
        + frame = pd.read_csv("day.csv", sep=";").rename(columns={"amounts": "amount"})
          print(frame.groupby("amount").size())  #! KeyError: 'amount'
        """,
        recorded={"frame": FRAME % "name: object, amounts: int64"},
        is_reported=True,
    ),
    example_case(
        "of several columns",
        "renamed-column",
        """
          import pandas as pd
        - frame = pd.read_json("day.json")
        + frame = pd.read_json("day.json").rename(columns={"unitPrice": "price"})
          print(frame[["name", "price"]])  #! KeyError: "['price'] not in index"
        """,
        recorded={"frame": FRAME % "name: object, unitPrice: int64"},
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "two columns of its words",
        "renamed-column",
        """
        import pandas as pd
        frame = pd.read_csv("day.csv")
        print(frame["price"])  #! KeyError: 'price'
        """,
        recorded={"frame": FRAME % "price_old: int64, price_now: int64"},
        is_reported=True,
    ),
    example_case(
        "two tables are read, and nothing says which",
        "renamed-column",
        """
        import pandas as pd
        frame, other = pd.read_csv("day.csv"), pd.read_csv("week.csv")
        print(frame["price"])  #! KeyError: 'price'
        """,
        recorded={"frame": FRAME % "unit_price: int64"},
        is_reported=True,
    ),
    example_case(
        "a table without a title",
        "title-rows",
        """
        import csv
        for row in csv.DictReader(file):
            print(row["price"])  #! KeyError: 'price'
        """,
        recorded={"row": "{'name': 'tea'}"},
        is_reported=True,
    ),
]
TITLED = "Stock of May\nname,price\ntea,3\n"


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_column_gets_its_old_name_back(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_no_other_column_takes_its_place(rule: str, example: Example) -> None:
    check_silence(rule, example)


def test_the_good_night_s_values_say_which_column_it_is() -> None:
    example = Example(
        """
        import pandas as pd
        frame = pd.read_csv("day.csv")
        print(frame["price"])  #! KeyError: 'price'
        """,
        locals={"frame": FRAME % "ware: object, preis: float64"},
        is_reported=True,
    )
    read = ReadData(
        name="day.csv", before="name,price\ntea,3.5\noil,8\n", text="ware,preis\ntea,3.5\noil,8\n"
    )
    (draft,) = draft_example(example, reads=(read,)).candidates
    assert '.rename(columns={"preis": "price"})' in content_of(draft)


@pytest.mark.parametrize("reads", [(), (ReadData(name="stock.csv", text=TITLED),)])
def test_the_table_begins_with_its_header(reads: tuple[ReadData, ...]) -> None:
    example = Example(
        """
        import csv
        def prices(file):
            for row in csv.DictReader(file):
                yield int(row["price"])  #! KeyError: 'price'
        """,
        locals={} if reads else {"row": "{'Stock of May': 'name', None: ['price']}"},
        is_reported=True,
    )
    (draft,) = draft_example(example, reads=reads).candidates
    prices = run_script(content_of(draft))["prices"]
    assert list(prices(io.StringIO(TITLED))) == [3]
    assert list(prices(io.StringIO("name,price\ntea,3\n"))) == [3]
