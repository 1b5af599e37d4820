"""Rules for what SQLAlchemy 2.0 wants otherwise, where it is more than another name.

Belongs here: one rule for each such change. Does not belong here: what a table can say
(`renamed_apis`, `changed_apis`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.example import Example
from healer.draft.rules.names.forms import name_of_module
from healer.draft.rules.rule import FaultSite, Fix, Rival, rule
from healer.draft.rules.scope import imported_names
from healer.draft.rules.source_file import TextEdit

_SQLALCHEMY = "https://docs.sqlalchemy.org/en/20/changelog/migration_20.html"
_READS_ALL = r"\)\.(?:fetchall|fetchone|first|all|scalar|scalar_one|one|mappings\(\)\.all)\(\)"


@rule(
    "textual-sql",
    "ArgumentError ObjectNotExecutableError",
    estimate=0.95,
    example=Example(
        """
        + from sqlalchemy import text
          import sqlalchemy
          with sqlalchemy.create_engine("sqlite://").connect() as db:
        -     print(db.execute("select 1").scalar())
        #! ObjectNotExecutableError: Not an executable object: 'select 1'
        +     print(db.execute(text("select 1")).scalar())
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        def run(db):
            db.execute(3)  #! ObjectNotExecutableError: Not an executable object: 3
        """,
        is_reported=True,
    ),
    link=_SQLALCHEMY,
)
def textual_sql(site: FaultSite) -> Iterator[Fix]:
    """SQL is handed over as plain text, which is marked as such from SQLAlchemy 2.0 on."""
    if not site.search("should be explicitly declared as text|Not an executable object: '"):
        return
    for call in site.calls("execute", "scalar", "scalars"):
        if call.args:
            name, edits = name_of_module(site.code, "sqlalchemy:text")
            edit = site.code.wrap(call.args[0], f"{name}({{}})")
            cause = f"SQL as text is wrapped in `text` from SQLAlchemy 2.0 on ({_SQLALCHEMY})."
            yield Fix(cause, (*edits, edit))


@rule(
    "engine-execute",
    "AttributeError",
    estimate=GUESS,
    example=Example(
        """
        + from sqlalchemy import text
          import sqlalchemy
          engine = sqlalchemy.create_engine("sqlite://")
        - print(engine.execute("select 1").scalar())
        #! AttributeError: 'Engine' object has no attribute 'execute'
        + with engine.begin() as connection:
        +     print(connection.execute(text("select 1")).scalar())
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        import sqlalchemy
        engine = sqlalchemy.create_engine("sqlite://")
        rows = engine.execute("select 1")
        #! AttributeError: 'Engine' object has no attribute 'execute'
        print(rows.scalar())
        """,
        is_reported=True,
    ),
    rivals=("one connection for the whole run was meant, or one that commits later",),
    link=_SQLALCHEMY,
)
def engine_execute(site: FaultSite) -> Iterator[Fix]:
    """An engine executes nothing itself from SQLAlchemy 2.0 on; a connection does."""
    if "'Engine' object has no attribute 'execute'" not in site.message:
        return
    code, statement = site.code, site.statement()
    calls = list(site.calls("execute"))
    if statement is None or len(calls) != 1 or not isinstance(calls[0].func, ast.Attribute):
        return
    is_read_at_once = isinstance(statement, ast.For | ast.Expr) or re.search(
        _READS_ALL, code.segment(statement)
    )
    if not is_read_at_once or "connection" in code.text:
        return  # a result that is read later needs the connection still open
    call, receiver = calls[0], calls[0].func.value
    start, end = code.line_start(statement.lineno), code.line_after(statement)
    first, last = code.span(receiver)
    text = f"{code.text[start:first]}connection{code.text[last:end]}"
    imports: list[TextEdit] = []
    if call.args and isinstance(call.args[0], ast.JoinedStr | ast.Constant):
        name, imports = name_of_module(code, "sqlalchemy:text")
        sql = code.segment(call.args[0])
        text = text.replace(sql, f"{name}({sql})", 1)
    lines = ("    " + line if line.strip() else line for line in text.splitlines(keepends=True))
    head = f"{code.indent(statement.lineno)}with {code.segment(receiver)}.begin() as connection:"
    block = TextEdit(start, end, f"{head}{code.newline}{''.join(lines)}")
    cause = f"An engine executes nothing itself from SQLAlchemy 2.0 on ({_SQLALCHEMY})."
    yield Fix(cause, (*imports, block))


@rule(
    "select-list",
    "ArgumentError",
    estimate=0.95,
    example=Example(
        """
          import sqlalchemy
          one, two = sqlalchemy.literal(1), sqlalchemy.literal(2)
        - print(sqlalchemy.select([one, two]))
        #! ArgumentError: Column expression, FROM clause, or other columns clause element expected,
        #! got [1, 2]. Did you mean to say select(1, 2)?
        + print(sqlalchemy.select(one, two))
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        def query(select, columns):
            return select(columns)
        #! ArgumentError: Column expression expected, got [1, 2]. Did you mean to say select(1, 2)?
        """,
        is_reported=True,
    ),
    link=_SQLALCHEMY,
)
def select_list(site: FaultSite) -> Iterator[Fix]:
    """`select` is given a list of columns, and takes them one by one from SQLAlchemy 2.0 on."""
    if "Did you mean to say select(" not in site.message:
        return
    for call in site.calls("select"):
        if len(call.args) == 1 and isinstance(call.args[0], ast.List):
            columns = ", ".join(site.code.segment(column) for column in call.args[0].elts)
            cause = f"`select` takes its columns one by one from SQLAlchemy 2.0 on ({_SQLALCHEMY})."
            yield Fix(cause, (site.code.replace(call.args[0], columns),))


@rule(
    "row-by-name",
    "TypeError",
    estimate=0.9,
    example=Example(
        """
          import sqlalchemy
          with sqlalchemy.create_engine("sqlite://").connect() as db:
              row = db.execute(sqlalchemy.text("select 1 as n")).first()
        -     print(row["n"])  #! TypeError: tuple indices must be integers or slices, not str
        +     print(row._mapping["n"])
        """,
        is_reported=True,
    ),
    silent="""
        row = (1, 2)
        print(row["n"])  #! TypeError: tuple indices must be integers or slices, not str
        """,
    rivals=(Rival("the tuple is a named one of the file's own", "attribute-as-key"),),
    link=_SQLALCHEMY,
)
def row_by_name(site: FaultSite) -> Iterator[Fix]:
    """A result row is asked for a column by name, and is a tuple from SQLAlchemy 2.0 on."""
    modules = {name.partition(".")[0] for name in imported_names(site.code).values()}
    if "tuple indices must be integers" not in site.message or "sqlalchemy" not in modules:
        return
    for node in site.nodes(ast.Subscript):
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(key, str) and isinstance(node.value, ast.Name):
            cause = f"A row is a tuple from SQLAlchemy 2.0 on ({_SQLALCHEMY}); `_mapping` has keys."
            yield Fix(cause, (site.code.insert_after(node.value, "._mapping"),))
