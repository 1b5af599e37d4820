"""Tables whose layout changed: title rows above the header, columns of a data frame renamed.

Belongs here: reading the new layout as well as the old. Does not belong here: delimiters and the
csv module's own errors (`csv_files`), and keys of rows (`values.moved_keys`).
"""

import ast
import re
from collections.abc import Iterator, Mapping

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.columns import find_successors, is_related, read_columns
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, Rival, called_name, literal_of, rule
from healer.draft.rules.scope import add_missing_import

_FRAME_COLUMNS = re.compile(r"^DataFrame\(.*columns=\{(?P<columns>.*)\}\)$", re.DOTALL)
_COLUMN = re.compile(r"(?:^|, )(?P<name>[^:]+): \w")
_LOST_COLUMNS = re.compile(r"\[?'(?P<name>[^']+)'")
_READERS = frozenset(
    {"read_csv", "read_json", "read_excel", "read_table", "read_parquet", "read_sql", "DataFrame",
     "json_normalize"}
)  # fmt: skip  # a list of words is read as a paragraph


@rule(
    "title-rows",
    "KeyError",
    estimate=0.75,
    example=Example(
        """
        + import itertools
          import csv
          def prices(file):
        -     rows = csv.DictReader(file)
        +     rows = csv.DictReader(itertools.dropwhile(lambda line: 'price' not in line, file))
              for row in rows:
                  print(row["price"])  #! KeyError: 'price'
        """,
        locals={"row": "{'Report of May': 'name', None: ['price', 'stock']}"},
        is_reported=True,
    ),
    silent=Example(
        """
        import csv
        def prices(file):
            for row in csv.DictReader(file):
                print(row["price"])  #! KeyError: 'price'
        """,
        locals={"row": "{'name': 'tea', 'stock': '3'}"},
        is_reported=True,
    ),
    rivals=(Rival("the column has another name", "moved-key"),),
    link="https://docs.python.org/3/library/itertools.html#itertools.dropwhile",
)
def title_rows(site: FaultSite) -> Iterator[Fix]:
    """Lines stand above a table's header; what comes before the header is left out."""
    key, code = literal_of(site.message.strip()), site.code
    readers = [n for n in code.nodes if isinstance(n, ast.Call) and called_name(n) == "DictReader"]
    if not isinstance(key, str) or len(readers) != 1 or len(readers[0].args) != 1:
        return
    if not _is_header_below(site, key):
        return
    lines = readers[0].args[0]
    imports = add_missing_import(code, "itertools")
    text = f"itertools.dropwhile(lambda line: {key!r} not in line, {code.segment(lines)})"
    cause = f"Lines stand above the header with `{key}`; the table begins with the header."
    yield Fix(cause, (code.replace(lines, text), *imports))


def _is_header_below(site: FaultSite, key: str) -> bool:
    """The recorded row is the header itself, or what the job read has one below its first line."""
    for record in site.locals.values():
        row = literal_of(record)
        for value in row.values() if isinstance(row, dict) else ():
            if key in (value if isinstance(value, list) else [value]):
                return True
    return any(
        key in re.split(r"[,;\t|]", line.strip()) and key not in read.text.partition("\n")[0]
        for read in site.files.reads
        for line in read.text.splitlines()[1:20]
    )


@rule(
    "renamed-column",
    "KeyError",
    estimate=0.8,
    is_outward=True,
    example=Example(
        """
          import pandas
        - frame = pandas.read_csv("day.csv")
        + frame = pandas.read_csv("day.csv").rename(columns={"prices": "price"})
          print(frame["price"].sum())  #! KeyError: 'price'
        """,
        locals={"frame": "DataFrame(shape=(2, 2), columns={name: object, prices: int64})"},
        is_reported=True,
    ),
    silent=Example(
        """
        import pandas
        frame = pandas.read_csv("day.csv")
        print(frame["price"].sum())  #! KeyError: 'price'
        """,
        locals={"frame": "DataFrame(shape=(2, 2), columns={name: object, stock: int64})"},
        is_reported=True,
    ),
    rivals=(
        "the column was dropped, and the other one means something else",
        Rival("the name is misspelled in the code", "wrong-key"),
    ),
    link="https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.rename.html",
)
def renamed_column(site: FaultSite) -> Iterator[Fix]:
    """A column of a data frame has another name now; it gets the old one where it is read, and a
    table with the old name stays as it is."""
    match = _LOST_COLUMNS.search(site.message)
    frames = [m for record in site.locals.values() if (m := _FRAME_COLUMNS.match(record))]
    reads = [n for n in site.code.nodes if isinstance(n, ast.Call) and called_name(n) in _READERS]
    if not match or not frames or len(reads) != 1:
        return
    columns = {m["name"] for frame in frames for m in _COLUMN.finditer(frame["columns"])}
    names = _find_names(site, match["name"], columns)
    if match["name"] in names.values():
        pairs = ", ".join(f'"{new}": "{old}"' for new, old in names.items())
        cause = (
            f"The table has no column `{match['name']}` any more; what has its place is renamed."
        )
        edit = site.code.insert_after(reads[0], f".rename(columns={{{pairs}}})")
        yield Fix(cause, (edit,), GUESS if site.files.reads else None)


def _find_names(site: FaultSite, old_name: str, columns: set[str]) -> Mapping[str, str]:
    """New names, each with the old one that the code knows."""
    words = {n.value for n in site.code.nodes if isinstance(n, ast.Constant)}
    nights = [(read_columns(r.before), read_columns(r.text)) for r in site.files.reads if r.before]
    nights = [(before, now) for before, now in nights if (old_name,) in before]
    if nights:
        moves = [find_successors(before, now) for before, now in nights]
        pairs = {(new[-1], old[-1]) for old, new in moves[-1].items() if len(old) == len(new) == 1}
        return {new: old for new, old in sorted(pairs) if old in words and new in columns}
    spare = [name for name in sorted(columns) if name not in words and is_related(old_name, name)]
    return {spare[0]: old_name} if len(spare) == 1 else {}
