"""Files in another encoding than the code names: read as they are, and others as before."""

from pathlib import Path

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    content_of,
    draft_script,
    example_case,
    run_script,
)

ASCII = "UnicodeDecodeError: 'ascii' codec can't decode byte 0xc3 in position 4: invalid"
UTF_8 = "UnicodeDecodeError: 'utf-8' codec can't decode byte {byte} in position {at}: invalid"
MARKED_ROW = {"row": "{'\\ufeffname': 'ann'}"}
MENDED = [
    example_case(
        "a column with the mark before its name",
        "byte-order-mark",
        """
          import csv
          def names(path):
        -     with open(path, newline="") as file:
        +     with open(path, newline="", encoding="utf-8-sig") as file:
                  return [row["name"] for row in csv.DictReader(file)]  #! KeyError: 'name'
        """,
        recorded=MARKED_ROW,
        is_reported=True,
    ),
    example_case(
        "JSON with the mark at its beginning",
        "byte-order-mark",
        """
          import json
          def settings(path):
        -     with open(path, encoding="utf-8") as file:
        +     with open(path, encoding="utf-8-sig") as file:
                  return json.load(file)
              #! JSONDecodeError: Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1
        """,
        is_reported=True,
    ),
    example_case(
        "a file of the repository that begins with the mark",
        "byte-order-mark",
        """
        - line = open("rates.csv").readline()
        + line = open("rates.csv", encoding="utf-8-sig").readline()
          print(float(line))  #! ValueError: could not convert string to float: '1'
        """,
        files={"rates.csv": "\ufeff1.5\n"},
        is_reported=True,
    ),
    example_case(
        "a file that a Path reads",
        "byte-order-mark",
        """
          import json
          def settings(path):
        -     return json.loads(path.read_text(encoding="utf-8"))
        +     return json.loads(path.read_text(encoding="utf-8-sig"))
              #! JSONDecodeError: Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1
        """,
        is_reported=True,
    ),
    *(
        example_case(
            f"what is decoded by {call!r}",
            "byte-order-mark",
            f"""
              import csv
              def names(data):
            -     rows = csv.DictReader(data.{call}.splitlines())
            +     rows = csv.DictReader(data.decode("utf-8-sig").splitlines())
                  return [row["name"] for row in rows]  #! KeyError: 'name'
            """,
            recorded=MARKED_ROW,
            is_reported=True,
        )
        for call in ("decode()", 'decode("utf-8")')
    ),
    example_case(
        "the machine's encoding by accident",
        "default-encoding",
        f"""
        - with open('a.txt') as f:
        + with open('a.txt', encoding="utf-8") as f:
              x = f.read()  #! {ASCII}
        """,
        is_reported=True,
    ),
    example_case(
        "the machine's encoding, writing",
        "default-encoding",
        """
          def save(path, text):
        -     with open(path, "w") as file:
        +     with open(path, "w", encoding="utf-8") as file:
                  file.write(text)
              #! UnicodeEncodeError: 'charmap' codec can't encode character: maps to <undefined>
        """,
        is_reported=True,
    ),
    example_case(
        "the machine's encoding, of a Path",
        "default-encoding",
        f"""
          def load(path):
        -     return path.read_text()  #! {ASCII}
        +     return path.read_text(encoding="utf-8")
        """,
        is_reported=True,
    ),
    example_case(
        "a file with the mark of UTF-16",
        "utf-16",
        f"""
        - with open('a.txt', encoding='utf-8') as f:
        + with open('a.txt', encoding="utf-16") as f:
              x = f.read()  #! {UTF_8.format(byte="0xff", at=0)}
        """,
        is_reported=True,
    ),
    example_case(
        "a file with the other mark of UTF-16",
        "utf-16",
        f"""
          def load(path):
        -     return open(path).read()  #! {UTF_8.format(byte="0xfe", at=0)}
        +     return open(path, encoding="utf-16").read()
        """,
        is_reported=True,
    ),
]
GUESSED = [
    example_case(
        "one of two files that are read",
        "byte-order-mark",
        """
          import csv
          def names(path, other):
              skip = set(open(other))
        -     with open(path) as file:
        +     with open(path, encoding="utf-8-sig") as file:
                  return [row["name"] for row in csv.DictReader(file)]  #! KeyError: 'name'
        """,
        recorded=MARKED_ROW,
        is_reported=True,
    ),
    example_case(
        "the machine's settings may be wrong",
        "default-encoding",
        f"""
        - print(open("a.txt").read())  #! {ASCII}
        + print(open("a.txt", encoding="utf-8").read())
        """,
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "a column that is missing, without any mark",
        "byte-order-mark",
        """
        import csv
        def names(path):
            with open(path) as file:
                return [row["name"] for row in csv.DictReader(file)]  #! KeyError: 'name'
        """,
        recorded={"row": "{'first name': 'ann'}"},
        is_reported=True,
    ),
    example_case(
        "a file of the repository without the mark",
        "byte-order-mark",
        """
        print(float(open("rates.csv").readline()))
        #! ValueError: could not convert string to float: 'x'
        """,
        files={"rates.csv": "x\n"},
        is_reported=True,
    ),
    example_case(
        "a file that is written",
        "byte-order-mark",
        """
        def save(path, row):
            with open(path, "w") as file:
                file.write(row["name"])  #! KeyError: 'name'
        """,
        recorded=MARKED_ROW,
        is_reported=True,
    ),
    example_case(
        "a file that is read in binary",
        "byte-order-mark",
        """
        def names(path, row):
            data = open(path, "rb").read()
            return row["name"], data  #! KeyError: 'name'
        """,
        recorded=MARKED_ROW,
        is_reported=True,
    ),
    example_case(
        "a byte that is no UTF-8",
        "default-encoding",
        f"""
        print(open("a.txt").read())  #! {UTF_8.format(byte="0xe9", at=4)}
        """,
        is_reported=True,
    ),
    example_case(
        "an encoding that somebody named",
        "default-encoding",
        f"""
        print(open("a.txt", encoding="ascii").read())  #! {ASCII}
        """,
        is_reported=True,
    ),
    example_case(
        "a wrong byte further on",
        "utf-16",
        f"""
        print(open("a.txt", encoding="utf-8").read())  #! {UTF_8.format(byte="0xff", at=9)}
        """,
        is_reported=True,
    ),
    example_case(
        "another byte at the beginning",
        "utf-16",
        f"""
        print(open("a.txt", encoding="utf-8").read())  #! {UTF_8.format(byte="0x89", at=0)}
        """,
        is_reported=True,
    ),
    example_case(
        "a byte that is no letter in that code page",
        "old-code-page",
        f"""
        text = open(path).read()
        #! {UTF_8.format(byte="0x9d", at=3)}
        """,
        is_reported=True,
    ),
    example_case(
        "a file that is opened as bytes",
        "old-code-page",
        f"""
        text = open(path, "rb").read().decode()
        #! {UTF_8.format(byte="0xe9", at=3)}
        """,
        is_reported=True,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_file_is_read_in_its_own_encoding(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_another_file_or_setting_may_be_wrong(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_a_file_that_shows_nothing_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


def test_a_byte_order_mark_is_taken_off_a_real_file(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_bytes(b"\xef\xbb\xbfname,n\nx,1\n")
    source = f"""
        import csv
        with open({str(data)!r}, encoding="utf-8") as f:
            for row in csv.DictReader(f):
                print(row["name"])
        """
    draft = draft_script(source)[0]
    assert draft.rule == "byte-order-mark"
    assert 'encoding="utf-8-sig"' in content_of(draft)
    run_script(content_of(draft))


@pytest.mark.parametrize(
    "read",
    ["open({path!r}).read()", "open({path!r}, encoding='utf-8').read()", "READ_TEXT"],
)
def test_a_file_of_windows_and_one_in_utf_8_are_both_read(tmp_path: Path, read: str) -> None:
    path = tmp_path / "names.txt"
    expression = read.format(path=str(path))
    if read == "READ_TEXT":
        expression = f"__import__('pathlib').Path({str(path)!r}).read_text(encoding='utf-8')"
    path.write_bytes("Zoë".encode("cp1252"))
    draft = next(d for d in draft_script(f"text = {expression}\n") if d.rule == "old-code-page")
    assert run_script(content_of(draft))["text"] == "Zoë"
    path.write_bytes("Zoë".encode())
    assert run_script(content_of(draft))["text"] == "Zoë"
