"""Rules for what is read once and line by line: generators, CSV files.

Belongs here: a second walk over what is used up, newlines and delimiters of CSV files. Does not
belong here: encodings (`files`).
"""

import ast
import re
from collections.abc import Iterable, Iterator

from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.source_file import TextEdit

_ONCE = ("map", "filter", "zip", "reversed", "enumerate", "iter", "reader", "DictReader")
_EMPTY = re.compile(r"empty (?:sequence|iterable)|division by zero|list index out of range|^$")
_USES = ("sum", "list", "max", "min", "len", "sorted", "set", "tuple", "dict", "any", "all", "join")


def used_up(site: FaultSite) -> Iterator[Fix]:
    """A generator was walked before, and the second walk finds nothing: a list can be walked twice.

    Only where the failing line, or what it reads, walks the same name that an earlier line walked.
    """
    if not _EMPTY.search(site.error.message):
        return
    scope = site.code.function_at(site.line) or site.code.tree
    for node in ast.walk(scope) if scope else ():
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target = node.targets[0]
        if not isinstance(target, ast.Name) or not _is_walked_once(node.value):
            continue
        walks = _walks(scope, target.id) if scope else []
        if len(walks) > 1 and walks[0] > node.lineno and walks[1] <= site.line:
            text = site.code.segment(node.value)
            plain = isinstance(node.value, ast.GeneratorExp)
            new = f"[{text[1:-1]}]" if plain else f"list({text})"
            cause = f"`{target.id}` is used up by line {walks[0]}; a list can be walked again."
            yield Fix(cause, (site.code.replace(node.value, new),), 0.85)


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


def reader_outlives_file(site: FaultSite) -> Iterator[Fix]:
    """A function gives back what still reads the file that it has closed: a list has it all."""
    if "closed file" not in site.error.message:
        return
    for block in (n for n in site.code.nodes if isinstance(n, ast.With)):
        files = {getattr(item.optional_vars, "id", "") for item in block.items} - {""}
        for node in block.body:
            value = node.value if isinstance(node, ast.Return) else None
            if value is None or not _reads(site, value, files):
                continue
            text = site.code.segment(value)
            new = f"[{text[1:-1]}]" if isinstance(value, ast.GeneratorExp) else f"list({text})"
            cause = "The file is closed when the rows are asked for; a list has them all by then."
            yield Fix(cause, (site.code.replace(value, new),), 0.93)


def _reads(site: FaultSite, value: ast.expr, files: set[str]) -> bool:
    """A lazy value that reads one of these files."""
    used = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)} & files
    return bool(used) and (_is_walked_once(value) or site.code.segment(value) in files)


def field_limit(site: FaultSite) -> Iterator[Fix]:
    """A CSV field is larger than the csv module's own limit."""
    if "field larger than field limit" not in site.error.message:
        return
    code, tree = site.code, site.code.tree
    last = [n for n in (tree.body if tree else []) if isinstance(n, ast.Import | ast.ImportFrom)]
    if not last or "field_size_limit" in code.text:
        return
    at = code.line_start((last[-1].end_lineno or last[-1].lineno) + 1)
    line = f"{code.newline}csv.field_size_limit(1 << 30){code.newline}"
    cause = "A field is larger than the csv module's limit of 128 KiB; a gigabyte is allowed."
    yield Fix(cause, (TextEdit(at, at, line),), 0.85)


def csv_newline(site: FaultSite) -> Iterator[Fix]:
    """The csv module wants the file's own line ends: `newline=""`."""
    if "new-line character seen in unquoted field" not in site.error.message:
        return
    for node in site.code.nodes:
        if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "open":
            continue
        if not any(keyword.arg == "newline" for keyword in node.keywords):
            end = site.code.span(node)[1] - 1
            cause = 'The file has line ends of its own; csv reads them with `newline=""`.'
            yield Fix(cause, (TextEdit(end, end, ', newline=""'),), 0.9)


def csv_delimiter(site: FaultSite) -> Iterator[Fix]:
    """All columns came as one, with another delimiter between their names. Two-sided: the first
    line of each file decides, so files with commas are read as before."""
    wanted = site.error.message.strip("'\"")
    mark = _one_column(site.locals.values(), wanted)
    readers = [
        node
        for node in site.code.nodes
        if isinstance(node, ast.Call)
        and site.code.segment(node.func) in ("csv.DictReader", "DictReader")
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Name)
        and not node.keywords
    ]
    if mark is None or len(readers) != 1:
        return
    reader = readers[0]
    name = site.code.segment(reader.args[0])
    statement = site.code.statement_at(reader.lineno)
    if statement is None:
        return
    indent, newline = site.code.indent(statement.lineno), site.code.newline
    lines = (
        f'{indent}delimiter = {mark!r} if {mark!r} in {name}.readline() else ","',
        f"{indent}{name}.seek(0)",
    )
    start, end = site.code.line_start(statement.lineno), site.code.span(reader)[1] - 1
    changes = (
        TextEdit(start, start, newline.join((*lines, ""))),
        TextEdit(end, end, ", delimiter=delimiter"),
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
