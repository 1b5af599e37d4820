"""Rules for how the arguments of a call are wrapped: as a tuple, as a list, one by one.

Belongs here: right values in the wrong number of brackets. Does not belong here: arguments' names
(`keys_and_arguments`), and arguments that are missing (`by_analogy`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import imported_names, qualified_name
from healer.draft.rules.source_file import TextEdit

_ONE_ARGUMENT = (
    re.compile(
        r"(?P<name>\w+)\(\) takes (?:exactly one argument|1 positional argument"
        r"|exactly 1 positional argument|at most 1 argument) (?:but|\()\d+"
    ),
    re.compile(r"\w+\.(?P<name>\w+)\(\) takes 2 positional arguments but \d+"),
)
"""A function says what it takes; a method written in Python counts `self` too."""
_COLLECTED = {
    "any": 0.93, "all": 0.93, "join": 0.93, "list": 0.85, "set": 0.85, "tuple": 0.85, "append": 0.6,
    "add": 0.6, "choice": 0.9, "len": 0.6, "prod": 0.9, "fsum": 0.93, "writerow": 0.93,
    "writelines": 0.9,
}  # fmt: skip  # the pairs of a table read best side by side
"""How surely loose values were meant as one value with several items."""
_BINDINGS = re.compile(
    r"uses (\d+), and there are (\d+) supplied|parameters are of unsupported type"
)


@rule(
    "one-tuple",
    "ProgrammingError InterfaceError ValueError TypeError",
    estimate=0.95,
    example="""
          import sqlite3
          name = "ann"
          db = sqlite3.connect(":memory:")
        - db.execute("select ?", (name))
          #! ProgrammingError: Incorrect number of bindings supplied. The current statement uses 1,
          #! and there are 3 supplied.
        + db.execute("select ?", (name,))
        """,
    silent="""
        import sqlite3
        name = "ann"
        db = sqlite3.connect(":memory:")
        db.execute("select ?, ?", (name))
        #! ProgrammingError: Incorrect number of bindings supplied. The current statement uses 2,
        #! and there are 3 supplied.
        """,
    link="https://docs.python.org/3/library/sqlite3.html#sqlite3-placeholders",
)
def one_tuple(site: FaultSite) -> Iterator[Fix]:
    """One value in brackets is no tuple, where a tuple of values is wanted: `execute(sql, (x))`."""
    match = site.search(_BINDINGS)
    if match and match[1] in (None, "1"):
        for call in site.calls("execute"):
            for value in call.args[1:2]:
                yield from _make_tuple(site, value, is_statement=True)
    if site.search(r"argument after \* must be an iterable|takes 1 positional argument but \d+ w"):
        for call in (n for n in site.code.nodes if isinstance(n, ast.Call)):
            if site.code.segment(call.func).endswith(("Thread", "Process", "Timer")):
                for value in (k.value for k in call.keywords if k.arg == "args"):
                    yield from _make_tuple(site, value, is_statement=False)


def _make_tuple(site: FaultSite, value: ast.expr, *, is_statement: bool) -> Iterator[Fix]:
    if not isinstance(value, ast.Name | ast.Attribute | ast.Constant | ast.Subscript):
        return
    code = site.code
    start, end = code.span(value)
    if code.text[:start].rstrip().endswith("(") and code.text[end] == ")":
        cause = "Brackets around one value are no tuple; a comma makes one."
        yield Fix(cause, (code.insert_after(value, ","),))
    elif is_statement:
        cause = "The values of a statement are a tuple, also where there is only one."
        yield Fix(cause, (code.wrap(value, "({},)"),), 0.9)


@rule(
    "loose-values",
    "TypeError",
    estimate=0.93,
    example="""
          first, second = 0, 1
        - print(any(first, second))  #! TypeError: any() takes exactly one argument (2 given)
        + print(any((first, second)))
        """,
    silent="""
        def area(side):
            return side * side
        print(area(2, 3))  #! TypeError: area() takes 1 positional argument but 2 were given
        """,
    link="https://docs.python.org/3/library/functions.html#any",
)
def loose_values(site: FaultSite) -> Iterator[Fix]:
    """Several values are given to a function that takes one value which holds them all."""
    match = next((m for pattern in _ONE_ARGUMENT if (m := site.search(pattern))), None)
    name = match["name"] if match else ""
    estimate = _COLLECTED.get(name, 0.0)
    for call in site.calls(name) if estimate else ():
        if len(call.args) > 1 and not call.keywords:
            start, end = site.code.span(call.args[0])[0], site.code.span(call.args[-1])[1]
            edit = TextEdit(start, end, f"({site.code.text[start:end]})")
            cause = f"`{name}` takes one value that holds all; they are put into one."
            yield Fix(cause, (edit,), estimate)


@rule(
    "list-of-parts",
    "TypeError",
    estimate=0.93,
    example="""
          import os
          parts = ["out", "day.csv"]
        - print(os.path.join(parts))
          #! TypeError: expected str, bytes or os.PathLike object, not list
        + print(os.path.join(*parts))
        """,
    silent="""
        import os
        parts = ["out", "day.csv"]
        print(os.path.getsize(parts))
        #! TypeError: stat: path should be string, bytes, os.PathLike or integer, not list
        """,
    link="https://docs.python.org/3/library/os.path.html#os.path.join",
)
def list_of_parts(site: FaultSite) -> Iterator[Fix]:
    """A list is given to a function that joins the parts of a path, which takes them one by one."""
    if not site.search(r"os\.PathLike object, not '?(?:list|tuple)"):
        return
    imports = imported_names(site.code)
    for call in site.calls():
        name = qualified_name(call.func, imports)
        if name in ("os.path.join", "pathlib.Path") and len(call.args) == 1:
            cause = f"`{name}` takes the parts one by one; the list is spread."
            yield Fix(cause, (site.code.wrap(call.args[0], "*{}"),))


@rule(
    "one-row",
    "Error",
    estimate=0.93,
    example="""
          import csv, sys
        - csv.writer(sys.stdout).writerow(3)  #! Error: iterable expected, not int
        + csv.writer(sys.stdout).writerow([3])
        """,
    silent="""
        import csv, sys
        csv.writer(sys.stdout).writerows([3])  #! Error: iterable expected, not int
        """,
    link="https://docs.python.org/3/library/csv.html#csv.csvwriter.writerow",
)
def one_row(site: FaultSite) -> Iterator[Fix]:
    """A row of one column is given as the bare value; a row is a list."""
    if "iterable expected, not " not in site.message:
        return
    for call in site.calls("writerow"):
        if len(call.args) == 1:
            cause = "A row is a list, also with one column."
            yield Fix(cause, (site.code.wrap(call.args[0], "[{}]"),))
