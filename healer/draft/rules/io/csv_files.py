"""Rules for CSV files: delimiters, line ends, and the module's own limit.

Belongs here: what the csv module itself says of a file. Does not belong here: encodings
(`open_modes`), and numbers in columns (`values.numbers_from_text`).
"""

import ast
import re
from collections.abc import Iterable, Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, Rival, called_name, rule
from healer.draft.rules.source_file import TextEdit


@rule(
    "csv-field-limit",
    "Error",
    estimate=GUESS,
    example=Example(
        """
          import csv
        +
        + csv.field_size_limit(1 << 30)
          print(len(list(csv.reader(["x" * 200_000]))))
          #! Error: field larger than field limit (131072)
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        import csv
        csv.field_size_limit(131072)
        print(len(list(csv.reader(["x" * 200_000]))))
        #! Error: field larger than field limit (131072)
        """,
        is_reported=True,
    ),
    rivals=("a quote is never closed, and the rest of the file is read as one field",),
    link="https://docs.python.org/3/library/csv.html#csv.field_size_limit",
)
def csv_field_limit(site: FaultSite) -> Iterator[Fix]:
    """A field is larger than the csv module's own limit of 128 KiB; a gigabyte is allowed."""
    code = site.code
    if "field larger than field limit" not in site.message or "field_size_limit" in code.text:
        return
    body = code.tree.body if code.tree else []
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    if imports:
        at = code.line_after(imports[-1])
        line = f"{code.newline}csv.field_size_limit(1 << 30){code.newline}"
        cause = "A field is larger than the csv module's limit of 128 KiB; a gigabyte is allowed."
        yield Fix(cause, (TextEdit(at, at, line),))


@rule(
    "csv-newline",
    "Error",
    estimate=0.9,
    example=Example(
        """
          import csv
          def rows(path):
        -     with open(path) as file:
        +     with open(path, newline="") as file:
                  return list(csv.reader(file))
        #! Error: new-line character seen in unquoted field - do you need to open the file with
        #! newline=''?
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        import csv
        def rows(path):
            with open(path, newline="") as file:
                return list(csv.reader(file))
        #! Error: new-line character seen in unquoted field - do you need to open the file with
        #! newline=''?
        """,
        is_reported=True,
    ),
    link="https://docs.python.org/3/library/csv.html#id4",
)
def csv_newline(site: FaultSite) -> Iterator[Fix]:
    """A CSV file has line ends of its own, and is opened without `newline=""`."""
    if "new-line character seen in unquoted field" not in site.message:
        return
    for call in (node for node in site.code.nodes if isinstance(node, ast.Call)):
        is_open = isinstance(call.func, ast.Name) and call.func.id == "open"
        if is_open and not any(keyword.arg == "newline" for keyword in call.keywords):
            cause = 'The file has line ends of its own; csv reads them with `newline=""`.'
            yield Fix(cause, (site.code.add_argument(call, 'newline=""'),))


@rule(
    "csv-delimiter",
    "KeyError IndexError ValueError",
    estimate=0.8,
    example=Example(
        """
          import csv
          def names(file):
        -     rows = csv.DictReader(file)
        +     delimiter = ';' if ';' in file.readline() else ","
        +     file.seek(0)
        +     rows = csv.DictReader(file, delimiter=delimiter)
              return [row["name"] for row in rows]  #! KeyError: 'name'
        """,
        locals={"row": "{'id;name': '1;ann'}"},
        is_reported=True,
    ),
    silent=Example(
        """
        import csv
        def names(file):
            rows = csv.DictReader(file)
            return [row["name"] for row in rows]  #! KeyError: 'name'
        """,
        locals={"row": "{'id': '1'}"},
        is_reported=True,
    ),
    rivals=(Rival("the column has another name", "wrong-key"),),
    link="https://docs.python.org/3/library/csv.html#csv.Dialect.delimiter",
)
def csv_delimiter(site: FaultSite) -> Iterator[Fix]:
    """All columns came as one, with another delimiter between them.

    Two-sided: the first line of each file decides, so files with the old one are read as before.
    """
    code = site.code
    readers = [
        n
        for n in code.nodes
        if isinstance(n, ast.Call) and called_name(n) in ("DictReader", "reader")
    ]
    if len(readers) != 1 or len(readers[0].args) != 1:
        return
    reader, file = readers[0], readers[0].args[0]
    statement, old = code.statement_at(reader.lineno), _usual_delimiter_of(reader)
    mark = _delimiter_of(site.locals.values(), site.message.strip("'\""), old)
    if mark is None or statement is None or not isinstance(file, ast.Name):
        return
    if reader.keywords:  # what was asked for goes first
        choice = f"delimiter = {old!r} if {old!r} in {file.id}.readline() else {mark!r}"
        argument = code.replace(reader.keywords[0].value, "delimiter")
    else:
        choice = f'delimiter = {mark!r} if {mark!r} in {file.id}.readline() else ","'
        argument = code.add_argument(reader, "delimiter=delimiter")
    lines = f"{choice}{code.newline}{code.indent(statement.lineno)}{file.id}.seek(0)"
    cause = f"The columns are separated by {mark!r} here; the first line of a file decides now."
    edits = (code.add_line(statement, lines), argument)
    yield Fix(cause, edits, GUESS if reader.keywords else None)


def _usual_delimiter_of(reader: ast.Call) -> str:
    """What it is called with; empty where more than that is asked for."""
    if not reader.keywords:
        return ","
    first = reader.keywords[0]
    value = first.value.value if isinstance(first.value, ast.Constant) else ""
    is_alone = len(reader.keywords) == 1 and first.arg == "delimiter"
    return value if is_alone and isinstance(value, str) else ""


def _delimiter_of(values: Iterable[str], column: str, old: str) -> str | None:
    """The delimiter in a row that is all in one piece, as locals show it: its only key holds all
    names, or its only field the fields of a line. It is none that was asked for."""
    if not old:
        return None
    for text in values:
        names = re.match(r"\{'([^']*)': ", text)
        field = re.fullmatch(r"\['([^']*)'\]", text)
        for mark in (";", "\\t", "|", ","):
            character = "\t" if mark == "\\t" else mark
            if character == old:
                continue
            if names and mark in names[1] and column in names[1].split(mark):
                return character
            if field and mark in field[1]:
                return character
    return None
