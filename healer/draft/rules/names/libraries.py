"""Rules for libraries whose newer versions want more than another name.

Belongs here: one rule for each such change, with its source. Does not belong here: what a table can
say (`moved`, `rewrites`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.names.changed_apis import module_name
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import imports
from healer.draft.rules.source_file import TextEdit

_SQLALCHEMY = "https://docs.sqlalchemy.org/en/20/changelog/migration_20.html"
_PYDANTIC = "https://docs.pydantic.dev/latest/migration/"
_USED_UP = r"\.(?:fetchall|fetchone|first|all|scalar|scalar_one|one|mappings\(\)\.all)\(\)"


def textual_sql(site: FaultSite) -> Iterator[Fix]:
    """`connection.execute("select 1")`: SQL as text is marked as such from SQLAlchemy 2.0 on."""
    message = site.error.message
    if "should be explicitly declared as text" not in message and (
        "Not an executable object: '" not in message
    ):
        return
    for call in site.nodes(ast.Call):
        if getattr(call.func, "attr", "") in ("execute", "scalar", "scalars") and call.args:
            changes = _as_text(site, call)
            cause = f"SQL as text is wrapped in `text` from SQLAlchemy 2.0 on ({_SQLALCHEMY})."
            yield Fix(cause, tuple(changes), 0.95)


def _as_text(site: FaultSite, call: ast.Call) -> list[TextEdit]:
    name, added = module_name(site.code, "sqlalchemy:text")
    inside = site.code.segment(call.args[0])
    return [*added, site.code.replace(call.args[0], f"{name}({inside})")]


def engine_execute(site: FaultSite) -> Iterator[Fix]:
    """`engine.execute(...)`: from SQLAlchemy 2.0 on only a connection executes."""
    if "'Engine' object has no attribute 'execute'" not in site.error.message:
        return
    code, statement = site.code, site.code.statement_at(site.line)
    calls = [c for c in site.nodes(ast.Call) if getattr(c.func, "attr", "") == "execute"]
    if statement is None or len(calls) != 1 or not isinstance(calls[0].func, ast.Attribute):
        return
    call, receiver = calls[0], code.segment(calls[0].func.value)
    loop = isinstance(statement, ast.For)
    taken = re.search(rf"\){_USED_UP}", code.segment(statement))
    if not (loop or taken or isinstance(statement, ast.Expr)) or "connection" in code.text:
        return  # a result that is read later needs the connection still open
    start = code.line_start(statement.lineno)
    end = code.line_start((statement.end_lineno or statement.lineno) + 1)
    indent = code.indent(statement.lineno)
    first, last = code.span(calls[0].func.value)
    text = code.text[start:first] + "connection" + code.text[last:end]
    added: list[TextEdit] = []
    literal = call.args[0] if call.args else None
    if isinstance(literal, ast.JoinedStr | ast.Constant):
        name, added = module_name(code, "sqlalchemy:text")
        inside = code.segment(literal)
        text = text.replace(inside, f"{name}({inside})", 1)
    lines = ("    " + line if line.strip() else line for line in text.splitlines(keepends=True))
    head = f"{indent}with {receiver}.begin() as connection:{code.newline}"
    cause = f"An engine executes nothing itself from SQLAlchemy 2.0 on ({_SQLALCHEMY})."
    yield Fix(cause, (*added, TextEdit(start, end, head + "".join(lines))), 0.85)


def select_list(site: FaultSite) -> Iterator[Fix]:
    """`select([a, b])`: columns are given one by one from SQLAlchemy 2.0 on."""
    if "Did you mean to say select(" not in site.error.message:
        return
    for call in site.nodes(ast.Call):
        columns = call.args[0] if len(call.args) == 1 else None
        if getattr(call.func, "id", getattr(call.func, "attr", "")) == "select" and isinstance(
            columns, ast.List
        ):
            inside = ", ".join(site.code.segment(column) for column in columns.elts)
            cause = f"`select` takes its columns one by one from SQLAlchemy 2.0 on ({_SQLALCHEMY})."
            yield Fix(cause, (site.code.replace(columns, inside),), 0.95)


def row_by_name(site: FaultSite) -> Iterator[Fix]:
    """`row["name"]` of a result row, which is a tuple from SQLAlchemy 2.0 on."""
    known = imports(site.code).values()
    if "tuple indices must be integers" not in site.error.message:
        return
    if not any(name.partition(".")[0] == "sqlalchemy" for name in known):
        return
    for node in site.nodes(ast.Subscript):
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(key, str) and isinstance(node.value, ast.Name):
            end = site.code.span(node.value)[1]
            cause = f"A row is a tuple from SQLAlchemy 2.0 on ({_SQLALCHEMY}); `_mapping` has keys."
            yield Fix(cause, (TextEdit(end, end, "._mapping"),), 0.9)


def root_validator(site: FaultSite) -> Iterator[Fix]:
    """`@root_validator` without `pre`: pydantic 2 wants `skip_on_failure=True`."""
    if "MUST specify `skip_on_failure=True`" not in site.error.message:
        return
    code = site.code
    for function in code.nodes:
        for mark in getattr(function, "decorator_list", []):
            text = code.segment(mark)
            if not re.fullmatch(r"(?:pydantic\.)?root_validator(?:\(.*\))?", text, re.DOTALL):
                continue
            if "pre" in text or "skip_on_failure" in text:
                continue
            inside = text.partition("(")[2].removesuffix(")")
            new = f"{text.partition('(')[0]}({inside + ', ' if inside else ''}skip_on_failure=True)"
            cause = f"pydantic 2 wants `skip_on_failure=True` here ({_PYDANTIC})."
            yield Fix(cause, (code.replace(mark, new),), 0.95)
            return


def orm_mode(site: FaultSite) -> Iterator[Fix]:
    """`orm_mode = True` is `from_attributes = True` in pydantic 2."""
    if "from_attributes=True" not in site.error.message:
        return
    for node in site.code.nodes:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "orm_mode":
            change = site.code.replace(node.targets[0], "from_attributes")
            cause = f"pydantic 2 calls `orm_mode` `from_attributes` ({_PYDANTIC})."
            yield Fix(cause, (change,), 0.96)
            return


def unannotated_field(site: FaultSite) -> Iterator[Fix]:
    """`retries = 3` in a model: pydantic 2 wants a type with every field."""
    match = re.search(r"non-annotated attribute was detected: `(\w+) =", site.error.message)
    for node in site.code.nodes if match else ():
        if not isinstance(node, ast.Assign) or not match:
            continue
        value, target = node.value, node.targets[0]
        plain = isinstance(value, ast.Constant) and isinstance(
            value.value, bool | int | float | str
        )
        inside = isinstance(site.code.parents.get(node), ast.ClassDef)
        if plain and inside and getattr(target, "id", "") == match[1]:
            kind = type(value.value).__name__ if isinstance(value, ast.Constant) else ""
            end = site.code.span(target)[1]
            cause = f"pydantic 2 wants a type with every field ({_PYDANTIC}); the value shows it."
            yield Fix(cause, (TextEdit(end, end, f": {kind}"),), 0.93)
            return


LIBRARY_RULES = (
    rule("textual-sql", "ArgumentError ObjectNotExecutableError", textual_sql),
    rule("engine-execute", "AttributeError", engine_execute),
    rule("select-list", "ArgumentError", select_list),
    rule("row-by-name", "TypeError", row_by_name),
    rule("root-validator", "PydanticUserError", root_validator, outward=True),
    rule("orm-mode", "PydanticUserError ValidationError ConfigError", orm_mode),
    rule("unannotated-field", "PydanticUserError", unannotated_field),
)
