"""A record without a value is left out for a person to agree with; nothing is made up."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_guess, check_silence, draft_example, example_case

MENDED = [
    example_case(
        "of several fields the one that is empty",
        "empty-field",
        """
          rows = [{"sku": "a", "n": "3", "cost": "1.5"}, {"sku": "b", "n": "", "cost": "2.5"}]
          for row in rows:
        +     if not row["n"]:
        +         continue
              print(row["sku"], int(row["n"]), float(row["cost"]))
        #! ValueError: invalid literal for int() with base 10: ''
        """,
        recorded={"row": "{'sku': 'b', 'n': '', 'cost': '2.5'}"},
    ),
    example_case(
        "a word for no value",
        "empty-field",
        """
          rows = [{"n": "3"}, {"n": "n/a"}]
        - print([float(row["n"]) for row in rows])
        #! ValueError: could not convert string to float: 'n/a'
        + print([float(row["n"]) for row in rows if row["n"] != "n/a"])
        """,
    ),
    example_case(
        "what is computed of a list of them",
        "empty-field",
        """
          points = [{"v": 1.5}, {"v": None}]
        - values = [p["v"] for p in points]
        + values = [p["v"] for p in points if p["v"] is not None]
          print(sum(values))
        #! TypeError: unsupported operand type(s) for +: 'float' and 'NoneType'
        """,
        recorded={"values": "[1.5, None]"},
    ),
    example_case(
        "an element that one item lacks",
        "empty-field",
        """
          import xml.etree.ElementTree as ET
          root = ET.fromstring("<r><i><t>a</t><p>1</p></i><i><t>b</t></i></r>")
          for item in root:
        +     if item.find("p") is None:
        +         continue
              print(item.find("t").tag, item.find("p").text)
        #! AttributeError: 'NoneType' object has no attribute 'text'
        """,
        recorded={"item": "<Element 'i' at 0x7f>"},
    ),
    example_case(
        "an element that is empty in one item",
        "empty-field",
        """
          import xml.etree.ElementTree as ET
          root = ET.fromstring("<r><i><p>1</p></i><i><p/></i></r>")
          for item in root:
        +     if item.find("p").text is None:
        +         continue
              print(float(item.find("p").text))
        #! TypeError: float() argument must be a string or a real number, not 'NoneType'
        """,
    ),
    example_case(
        "a table that wants a value",
        "empty-field",
        """
          import sqlite3
          table = sqlite3.connect(":memory:")
          table.execute("CREATE TABLE t (id INTEGER, name TEXT NOT NULL)")
          for row in [{"id": 1, "name": "a"}, {"id": 2, "name": None}]:
        +     if row["name"] is None:
        +         continue
              table.execute("INSERT INTO t VALUES (?, ?)", (row["id"], row["name"]))
        #! sqlite3.IntegrityError: NOT NULL constraint failed: t.name
        """,
        recorded={"row": "{'id': 2, 'name': None}"},
        is_reported=True,
    ),
    example_case(
        "only blanks",
        "empty-field",
        """
          for row in [{"n": "3"}, {"n": "  "}]:
        +     if not row["n"].strip():
        +         continue
              print(int(row["n"]))
        #! ValueError: invalid literal for int() with base 10: '  '
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_record_is_left_out_and_never_by_itself(rule: str, example: Example) -> None:
    check_guess(rule, example)
    drafts = [d for d in draft_example(example).candidates if d.rule == rule]
    assert "only a person can say" in drafts[0].doubt


SILENT = [
    example_case(
        "a value that is no number is a fault of the data",
        "empty-field",
        """
        for row in [{"n": "3"}, {"n": "12x"}]:
            print(int(row["n"]))
        #! ValueError: invalid literal for int() with base 10: '12x'
        """,
    ),
    example_case(
        "two fields that may be the empty one",
        "empty-field",
        """
        class Row:
            a, b = None, 1
        for row in [Row]:
            print(row.a + row.b)
        #! TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'
        """,
    ),
    example_case(
        "no record but the result of a call",
        "empty-field",
        """
        def find(n):
            return None
        for n in [1, 2]:
            print(find(n) + 1)
        #! TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_what_is_not_shown_to_be_empty_stops_the_run(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize("now", ["<q>{}</q>", ""])
def test_a_field_that_all_records_have_lost_leaves_none_out(now: str) -> None:
    def feed(form: str) -> str:
        items = "".join(f"<i><t>{n}</t>{form.format(n + 3)}</i>" for n in range(4))
        return f'<r xmlns:x="urn:x">{items}</r>'

    example = Example(
        """
        def read(root):
            for item in root.iter("i"):
                print(item.find("p").text)
        #! AttributeError: 'NoneType' object has no attribute 'text'
        """,
        is_reported=True,
        read=(feed("<p>{}</p>"), feed(now)),
    )
    check_silence("empty-field", example)


LIST = """
      def describe(values):
{}
    #! TypeError: '<' not supported between instances of 'NoneType' and 'int'
    """


def test_what_is_missing_in_a_list_of_numbers_is_left_out_if_a_person_agrees() -> None:
    lines = """\
    +     values = [each for each in values if each is not None]
          return min(values), sum(values) / len(values)"""
    example = Example(LIST.format(lines), locals={"values": "[1.5, None, 2, ..."}, is_reported=True)
    check_guess("empty-field", example)
    (draft, *_) = draft_example(example).candidates
    assert "which only a person can say" in draft.doubt


@pytest.mark.parametrize(
    ("line", "record"),
    [
        ("return min(values)", "[1, 2]"),  # nothing is missing
        ("return min(values)", "[(1, None), (2, 3)]"),  # pairs
        ("return min(values)", "(1, None)"),
        ("return min(values, key=len)", "['a', None]"),
        ("return min(values, others)", "[1, None]"),
        ("return values[0] < values[1]", "[1, None]"),
    ],
)
def test_a_list_without_gaps_or_of_other_things_is_left_alone(line: str, record: str) -> None:
    text = LIST.format(f"          {line}")
    text = "\n".join(each[2:] if each.strip() else each for each in text.split("\n"))
    check_silence("empty-field", Example(text, locals={"values": record}, is_reported=True))
