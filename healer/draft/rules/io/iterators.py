"""Rules for what can be read only once, or only while its file is open.

Belongs here: a second walk over what is used up, and a use after the file is closed. Does not
belong here: how a file is opened (`open_modes`), and CSV (`csv_files`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, called_name, rule
from healer.draft.rules.source_file import SourceFile, TextEdit

_ONCE = frozenset({"map", "filter", "zip", "reversed", "enumerate", "iter", "reader", "DictReader"})
_EMPTY = re.compile(r"empty (?:sequence|iterable)|division by zero|list index out of range|^$")
_WALKS = frozenset(
    {"sum", "list", "max", "min", "len", "sorted", "set", "tuple", "dict", "any", "all", "join"}
)


@rule(
    "used-up",
    "ValueError ZeroDivisionError IndexError StopIteration",
    estimate=GUESS,
    example="""
          def mean(rows):
        -     values = (float(row) for row in rows)
        +     values = [float(row) for row in rows]
              total = sum(values)
              return total / len(list(values))  #! ZeroDivisionError: float division by zero
          print(mean(["1", "3"]))
        """,
    silent="""
        def mean(rows):
            values = [float(row) for row in rows]
            total = sum(values)
            return total / len(list(values))  #! ZeroDivisionError: division by zero
        print(mean([]))
        """,
    rivals=("there is no data today",),
    link="https://docs.python.org/3/glossary.html#term-iterator",
)
def used_up(site: FaultSite) -> Iterator[Fix]:
    """A generator was walked before, and the second walk finds nothing: a list can be walked twice.

    Only where the failing line, or what it reads, walks the same name that an earlier line walked.
    """
    if not _EMPTY.search(site.message):
        return
    for node in site.walk_scope():
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if not isinstance(node, ast.Assign) or not isinstance(target, ast.Name):
            continue
        if len(node.targets) != 1 or not _is_walked_once(node.value):
            continue
        lines = _lines_that_walk(site, target.id)
        if len(lines) > 1 and lines[0] > node.lineno and lines[1] <= site.line:
            cause = f"`{target.id}` is used up by line {lines[0]}; a list can be walked again."
            yield Fix(cause, (_as_list(site.code, node.value),))


def _is_walked_once(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return called_name(value) in _ONCE
    return isinstance(value, ast.GeneratorExp)


def _as_list(code: SourceFile, value: ast.expr) -> TextEdit:
    if isinstance(value, ast.GeneratorExp):
        return code.replace(value, f"[{code.segment(value)[1:-1]}]")
    return code.wrap(value, "list({})")


def _lines_that_walk(site: FaultSite, name: str) -> list[int]:
    """Lines that walk over all of a name, in order."""
    lines = []
    for node in site.walk_scope():
        iterables: list[ast.expr] = []
        if isinstance(node, ast.For | ast.comprehension):
            iterables = [node.iter]
        elif isinstance(node, ast.Call) and called_name(node) in _WALKS:
            iterables = node.args
        lines += [w.lineno for w in iterables if isinstance(w, ast.Name) and w.id == name]
    return sorted(lines)


@rule(
    "reader-outlives-file",
    "ValueError",
    estimate=0.93,
    example=Example(
        """
          import csv
          def rows(path):
              with open(path) as file:
        -         return csv.DictReader(file)
        +         return list(csv.DictReader(file))
          print(next(iter(rows("day.csv"))))  #! ValueError: I/O operation on closed file.
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        def text(path):
            with open(path) as file:
                return file.read()
        print(text("day.csv").close())  #! ValueError: I/O operation on closed file.
        """,
        is_reported=True,
    ),
    rivals=("the file is too large for a list: a generator was meant",),
    link="https://docs.python.org/3/reference/compound_stmts.html#with",
)
def reader_outlives_file(site: FaultSite) -> Iterator[Fix]:
    """A function gives back what still reads the file that it has closed: a list has it all."""
    if "closed file" not in site.message:
        return
    for block in (node for node in site.code.nodes if isinstance(node, ast.With)):
        files = {getattr(item.optional_vars, "id", "") for item in block.items} - {""}
        for node in block.body:
            value = node.value if isinstance(node, ast.Return) else None
            if value is not None and _reads_one_of(site, value, files):
                cause = (
                    "The file is closed when the rows are asked for; a list has them all by then."
                )
                yield Fix(cause, (_as_list(site.code, value),))


def _reads_one_of(site: FaultSite, value: ast.expr, files: set[str]) -> bool:
    """A lazy value that reads one of these files."""
    names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    is_lazy = _is_walked_once(value) or site.code.segment(value) in files
    return is_lazy and bool(names & files)


@rule(
    "closed-too-early",
    "ValueError",
    estimate=GUESS,
    example=Example(
        """
          def text(path):
              with open(path) as file:
                  first = file.readline()
        -     rest = file.read()
        #! ValueError: I/O operation on closed file.
        +         rest = file.read()
              return first + rest
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        def text(file):
            file.close()
            return file.read()  #! ValueError: I/O operation on closed file.
        """,
        is_reported=True,
    ),
    rivals=("the file was to be opened again, from its beginning",),
    link="https://docs.python.org/3/reference/compound_stmts.html#with",
)
def closed_too_early(site: FaultSite) -> Iterator[Fix]:
    """A statement after a `with` block still needs the block's file; it moves into the block."""
    if "closed file" not in site.message:
        return
    code, statement = site.code, site.statement()
    names_used = {node.id for node in site.nodes(ast.Name)}
    for block in (node for node in code.nodes if isinstance(node, ast.With)):
        names = {getattr(item.optional_vars, "id", "") for item in block.items}
        end = block.end_lineno or 0
        if statement is None or end >= site.line or not names & names_used:
            continue
        first, last = end + 1, statement.end_lineno or site.line
        step = code.indent(block.body[0].lineno)[len(code.indent(block.lineno)) :]
        lines = (step + line if line.strip() else line for line in code.lines[first - 1 : last])
        edit = TextEdit(code.line_start(first), code.line_start(last + 1), "".join(lines))
        cause = "The file is closed before it is used; the use moves into the `with` block."
        yield Fix(cause, (edit,))
