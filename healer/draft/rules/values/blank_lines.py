"""A line without anything on it, where every other line is a record.

Belongs here: leaving out what is blank. Does not belong here: lines that are too short; a record
that was cut off is a fault of the data, and stopping is right.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.bindings import assigned_value
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, called_name, literal_of, rule
from healer.draft.rules.source_file import SourceFile, TextEdit

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_PART_METHODS = frozenset({"split", "rsplit", "partition", "rpartition", "strip", "rstrip"})
Loop = ast.For | ast.comprehension


@rule(
    "blank-line",
    "IndexError ValueError JSONDecodeError",
    estimate=0.8,
    is_outward=True,
    example=Example(
        """
          def rates(lines):
              table = {}
              for line in lines:
        +         if not line.strip():
        +             continue
                  parts = line.split()
                  table[parts[0]] = float(parts[1])  #! IndexError: list index out of range
              return table
          rates(["eur 1.1", ""])
        """,
        locals={"parts": "[]", "table": "{'eur': 1.1}"},
    ),
    silent=Example(
        """
        def rates(lines):
            table = {}
            for line in lines:
                parts = line.split()
                table[parts[0]] = float(parts[1])  #! IndexError: list index out of range
            return table
        rates(["eur 1.1", "usd"])
        """,
        locals={"parts": "['usd']", "table": "{'eur': 1.1}"},
    ),
    rivals=("the blank line ends the records: what comes after it is something else",),
    link="https://docs.python.org/3/tutorial/inputoutput.html#methods-of-file-objects",
)
def blank_line(site: FaultSite) -> Iterator[Fix]:
    """A loop over lines meets one with nothing on it, which is left out."""
    for loop in list_loops_around(site):
        name = loop.target.id if isinstance(loop.target, ast.Name) else ""
        blank = _find_blank(site, name) if name else ""
        if not blank or _asks_already(site, loop, name):
            continue
        cause = f"`{name}` is a line with nothing on it, which is left out; others as before."
        yield Fix(cause, (leave_out(site.code, loop, f"not {blank}", blank),))
        return


def list_loops_around(site: FaultSite) -> list[Loop]:
    """The loops around the failing line in its own function, the innermost first."""
    function = site.code.function_at(site.line)
    loops: list[Loop] = []
    for node in site.code.nodes_on_line(site.line):
        if isinstance(node, ast.For) and site.line > node.lineno:
            loops += [node] if site.code.function_at(node.lineno) is function else []
        elif isinstance(node, _COMPREHENSIONS):
            loops += node.generators
    return loops[::-1]


def _find_blank(site: FaultSite, name: str) -> str:
    """What is true of a blank loop variable, where this one is shown to be one; else empty."""
    value = literal_of(site.locals.get(name, ""))
    if isinstance(value, str | bytes):
        return "" if value.strip() else f"{name}.strip()"
    if value == [] and name in site.locals:
        return name
    for part in site.locals:
        if part != name and _is_part_of(site, part, name) and _is_of_blank(site.locals[part]):
            return f"{name}.strip()"
    if _is_unpacked_from(site, name):
        return f"{name}.strip()"
    return ""


def _is_part_of(site: FaultSite, part: str, name: str) -> bool:
    """The name was made of the line by splitting or stripping it."""
    source = assigned_value(site, ast.Name(part))
    while isinstance(source, ast.Call) and called_name(source) in _PART_METHODS:
        source = source.func.value if isinstance(source.func, ast.Attribute) else None
    return isinstance(source, ast.Name) and source.id == name


def _is_of_blank(record: str) -> bool:
    """`[]`, `['']`, `''`: what is left of a line that had nothing on it."""
    value = literal_of(record)
    if isinstance(value, list | tuple):
        return list(value) in ([], [""], [b""])
    return isinstance(value, str) and not value.strip()


def _is_unpacked_from(site: FaultSite, name: str) -> bool:
    """`a, b = line.split()` got none at all: only a blank line has no words."""
    if not site.search(r"not enough values to unpack \(expected \d+, got 0\)"):
        return False
    statement = site.statement()
    value = statement.value if isinstance(statement, ast.Assign) else None
    if not isinstance(value, ast.Call) or called_name(value) != "split" or value.args:
        return False
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(value))


def _asks_already(site: FaultSite, loop: Loop, name: str) -> bool:
    """The loop looks at blank lines itself."""
    tests = loop.ifs if isinstance(loop, ast.comprehension) else []
    if isinstance(loop, ast.For):
        tests = [node.test for node in loop.body if isinstance(node, ast.If)]
    forms = (name, f"{name}.strip()", f"not {name}", f"not {name}.strip()")
    return any(site.code.segment(test) in forms for test in tests)


def leave_out(code: SourceFile, loop: Loop, skip: str, keep: str) -> TextEdit:
    """The loop goes on with the next element where `skip` holds, which is where `keep` does not."""
    if isinstance(loop, ast.comprehension):
        return code.insert_after(loop.ifs[-1] if loop.ifs else loop.iter, f" if {keep}")
    first, newline = loop.body[0], code.newline
    indent = code.indent(first.lineno)
    return code.add_line(first, f"if {skip}:{newline}{indent}    continue")
