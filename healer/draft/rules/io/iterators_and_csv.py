"""Rules for what is read once and line by line: generators, CSV files.

Belongs here: a second walk over what is used up, newlines and delimiters of CSV files. Does not
belong here: encodings (`files`).
"""

import ast
import re
from collections.abc import Iterable, Iterator

from healer.draft.rules.rule import Fix, Place, rule
from healer.draft.rules.source_file import Change

_ONCE = ("map", "filter", "zip", "reversed", "enumerate", "iter", "reader", "DictReader")
_EMPTY = re.compile(r"empty (?:sequence|iterable)|division by zero|list index out of range|^$")
_USES = ("sum", "list", "max", "min", "len", "sorted", "set", "tuple", "dict", "any", "all", "join")


def used_up(place: Place) -> Iterator[Fix]:
    """A generator was walked before, and the second walk finds nothing: a list can be walked twice.

    Only where the failing line, or what it reads, walks the same name that an earlier line walked.
    """
    if not _EMPTY.search(place.error.message):
        return
    scope = place.code.function(place.line) or place.code.tree
    for node in ast.walk(scope) if scope else ():
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target = node.targets[0]
        if not isinstance(target, ast.Name) or not _is_walked_once(node.value):
            continue
        walks = _walks(scope, target.id) if scope else []
        if len(walks) > 1 and walks[0] > node.lineno and walks[1] <= place.line:
            text = place.code.segment(node.value)
            plain = isinstance(node.value, ast.GeneratorExp)
            new = f"[{text[1:-1]}]" if plain else f"list({text})"
            cause = f"`{target.id}` is used up by line {walks[0]}; a list can be walked again."
            yield Fix(cause, (place.code.replace(node.value, new),), 0.85)


def _is_walked_once(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        function = value.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return name in _ONCE
    return isinstance(value, ast.GeneratorExp)


def _walks(scope: ast.AST, name: str) -> list[int]:
    """Lines that walk over all of a name, in order."""
    found = []
    for node in ast.walk(scope):
        walked: list[ast.expr] = []
        if isinstance(node, ast.For | ast.comprehension):
            walked = [node.iter]
        elif isinstance(node, ast.Call):
            function = node.func
            called = getattr(function, "attr", None) or getattr(function, "id", "")
            walked = node.args if called in _USES else []
        found += [w.lineno for w in walked if isinstance(w, ast.Name) and w.id == name]
    return sorted(found)


def reader_outlives_file(place: Place) -> Iterator[Fix]:
    """A function gives back what still reads the file that it has closed: a list has it all."""
    if "closed file" not in place.error.message:
        return
    for block in (n for n in place.code.nodes if isinstance(n, ast.With)):
        files = {getattr(item.optional_vars, "id", "") for item in block.items} - {""}
        for node in block.body:
            value = node.value if isinstance(node, ast.Return) else None
            if value is None or not _reads(place, value, files):
                continue
            text = place.code.segment(value)
            new = f"[{text[1:-1]}]" if isinstance(value, ast.GeneratorExp) else f"list({text})"
            cause = "The file is closed when the rows are asked for; a list has them all by then."
            yield Fix(cause, (place.code.replace(value, new),), 0.93)


def _reads(place: Place, value: ast.expr, files: set[str]) -> bool:
    """A lazy value that reads one of these files."""
    used = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)} & files
    return bool(used) and (_is_walked_once(value) or place.code.segment(value) in files)


def field_limit(place: Place) -> Iterator[Fix]:
    """A CSV field is larger than the csv module's own limit."""
    if "field larger than field limit" not in place.error.message:
        return
    code, tree = place.code, place.code.tree
    last = [n for n in (tree.body if tree else []) if isinstance(n, ast.Import | ast.ImportFrom)]
    if not last or "field_size_limit" in code.text:
        return
    at = code.line_start((last[-1].end_lineno or last[-1].lineno) + 1)
    line = f"{code.newline}csv.field_size_limit(1 << 30){code.newline}"
    cause = "A field is larger than the csv module's limit of 128 KiB; a gigabyte is allowed."
    yield Fix(cause, (Change(at, at, line),), 0.85)


def csv_newline(place: Place) -> Iterator[Fix]:
    """The csv module wants the file's own line ends: `newline=""`."""
    if "new-line character seen in unquoted field" not in place.error.message:
        return
    for node in place.code.nodes:
        if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "open":
            continue
        if not any(keyword.arg == "newline" for keyword in node.keywords):
            end = place.code.span(node)[1] - 1
            cause = 'The file has line ends of its own; csv reads them with `newline=""`.'
            yield Fix(cause, (Change(end, end, ', newline=""'),), 0.9)


def csv_delimiter(place: Place) -> Iterator[Fix]:
    """All columns came as one, with another delimiter between their names. Two-sided: the first
    line of each file decides, so files with commas are read as before."""
    wanted = place.error.message.strip("'\"")
    mark = _one_column(place.locals.values(), wanted)
    readers = [
        node
        for node in place.code.nodes
        if isinstance(node, ast.Call)
        and place.code.segment(node.func) in ("csv.DictReader", "DictReader")
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Name)
        and not node.keywords
    ]
    if mark is None or len(readers) != 1:
        return
    reader = readers[0]
    name = place.code.segment(reader.args[0])
    statement = place.code.statement(reader.lineno)
    if statement is None:
        return
    indent, newline = place.code.indent(statement.lineno), place.code.newline
    lines = (
        f'{indent}delimiter = {mark!r} if {mark!r} in {name}.readline() else ","',
        f"{indent}{name}.seek(0)",
    )
    start, end = place.code.line_start(statement.lineno), place.code.span(reader)[1] - 1
    changes = (
        Change(start, start, newline.join((*lines, ""))),
        Change(end, end, ", delimiter=delimiter"),
    )
    cause = f"The columns are separated by {mark!r} here; the first line of a file decides now."
    yield Fix(cause, changes, 0.8)


def _one_column(shown: Iterable[str], wanted: str) -> str | None:
    """The delimiter in a row whose only key holds all column names, as locals show it."""
    for text in shown:
        match = re.match(r"\{'([^']*)': ", text)
        for mark in (";", "\\t", "|"):
            if match and mark in match[1] and wanted in match[1].split(mark):
                return "\t" if mark == "\\t" else mark
    return None


STREAM_RULES = (
    rule("reader-outlives-file", "ValueError", reader_outlives_file),
    rule("csv-field-limit", "Error", field_limit),
    rule("used-up", "ValueError ZeroDivisionError IndexError StopIteration", used_up),
    rule("csv-newline", "Error", csv_newline),
    rule("csv-delimiter", "KeyError", csv_delimiter),
)
