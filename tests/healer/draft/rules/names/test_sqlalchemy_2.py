"""What SQLAlchemy 2.0 refuses, asked of the library itself: the fixed scripts run."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "a statement as text",
        "textual-sql",
        """
        + from sqlalchemy import text
          import sqlalchemy as sa
          e = sa.create_engine("sqlite://")
          with e.connect() as c:
        -     x = c.execute("select 1").scalar()
        #! ObjectNotExecutableError: Not an executable object: 'select 1'
        +     x = c.execute(text("select 1")).scalar()
        """,
    ),
    example_case(
        "a session's statement as text",
        "textual-sql",
        """
        + from sqlalchemy import text
          import sqlalchemy as sa
          from sqlalchemy.orm import Session
        - x = Session(sa.create_engine("sqlite://")).execute("select 1").scalar()
        #! ArgumentError: Textual SQL expression 'select 1' should be explicitly declared as
        #! text('select 1')
        + x = Session(sa.create_engine("sqlite://")).execute(text("select 1")).scalar()
        """,
    ),
    example_case(
        "a statement in a variable",
        "textual-sql",
        """
        + from sqlalchemy import text
          import sqlalchemy as sa
          sql = "select 1"
          with sa.create_engine("sqlite://").connect() as c:
        -     print(c.scalar(sql))
        #! ObjectNotExecutableError: Not an executable object: 'select 1'
        +     print(c.scalar(text(sql)))
        """,
    ),
    example_case(
        "text is imported already, under a name of its own",
        "textual-sql",
        """
          import sqlalchemy as sa
          from sqlalchemy import text as sql
          with sa.create_engine("sqlite://").connect() as c:
              print(c.execute(sql("select 1")).scalar())
        -     print(c.execute("select 2").scalar())
        #! ObjectNotExecutableError: Not an executable object: 'select 2'
        +     print(c.execute(sql("select 2")).scalar())
        """,
    ),
    example_case(
        "columns in a list",
        "select-list",
        """
          import sqlalchemy as sa
        - x = sa.select([sa.literal(1), sa.literal(2)])
        + x = sa.select(sa.literal(1), sa.literal(2))
        #! ArgumentError: Column expression, FROM clause, or other columns clause element expected,
        #! got [1, 2]. Did you mean to say select(1, 2)?
        """,
        is_reported=True,
    ),
    example_case(
        "a column by name",
        "row-by-name",
        """
          import sqlalchemy as sa
          e = sa.create_engine("sqlite://")
          with e.connect() as c:
              row = c.execute(sa.text("select 1 as n")).first()
        -     x = row["n"]  #! TypeError: tuple indices must be integers or slices, not str
        +     x = row._mapping["n"]
        """,
    ),
    example_case(
        "a column by name, in a loop",
        "row-by-name",
        """
          import sqlalchemy as sa
          with sa.create_engine("sqlite://").connect() as c:
              for row in c.execute(sa.text("select 1 as n")):
        -         print(row["n"] + 1)
        #! TypeError: tuple indices must be integers or slices, not str
        +         print(row._mapping["n"] + 1)
        """,
    ),
    example_case(
        "an engine that executes, read at once",
        "engine-execute",
        """
        + from sqlalchemy import text
          import sqlalchemy as sa
          e = sa.create_engine("sqlite://")
        - x = e.execute("select 1").scalar()
        #! AttributeError: 'Engine' object has no attribute 'execute'
        + with e.begin() as connection:
        +     x = connection.execute(text("select 1")).scalar()
        """,
    ),
    example_case(
        "an engine that executes in a loop's header",
        "engine-execute",
        """
        + from sqlalchemy import text
          import sqlalchemy as sa
          e = sa.create_engine("sqlite://")
        - for row in e.execute("select 1"):
        #! AttributeError: 'Engine' object has no attribute 'execute'
        -     print(row)
        + with e.begin() as connection:
        +     for row in connection.execute(text("select 1")):
        +         print(row)
        """,
    ),
    example_case(
        "an engine that executes for nothing but the doing, in a function",
        "engine-execute",
        """
          import sqlalchemy as sa
          def create(engine, statement):
        -     engine.execute(statement)
        #! AttributeError: 'Engine' object has no attribute 'execute'
        +     with engine.begin() as connection:
        +         connection.execute(statement)
          create(sa.create_engine("sqlite://"), sa.text("create table t (n int)"))
        """,
    ),
]
GUESSED = [
    example_case(
        "a connection that commits by itself may not be meant",
        "engine-execute",
        """
          import sqlalchemy as sa
          engine = sa.create_engine("sqlite://")
        - engine.execute(sa.text("create table t (n int)"))
        #! AttributeError: 'Engine' object has no attribute 'execute'
        + with engine.begin() as connection:
        +     connection.execute(sa.text("create table t (n int)"))
        """,
    ),
]
SILENT = [
    example_case(
        "a result that is read later needs its connection still open",
        "*",
        """
        import sqlalchemy as sa
        e = sa.create_engine("sqlite://")
        r = e.execute("select 1")  #! AttributeError: 'Engine' object has no attribute 'execute'
        """,
    ),
    example_case(
        "the script has a connection of its own",
        "engine-execute",
        """
        import sqlalchemy as sa
        engine = sa.create_engine("sqlite://")
        connection = engine.connect()
        print(engine.execute("select 1").scalar())
        #! AttributeError: 'Engine' object has no attribute 'execute'
        """,
        is_reported=True,
    ),
    example_case(
        "two executions in one statement",
        "engine-execute",
        """
        import sqlalchemy as sa
        engine = sa.create_engine("sqlite://")
        print(engine.execute("select 1").scalar() + engine.execute("select 2").scalar())
        #! AttributeError: 'Engine' object has no attribute 'execute'
        """,
    ),
    example_case(
        "another object without such a method",
        "engine-execute",
        """
        class Motor:
            pass
        print(Motor().execute("go").all())
        #! AttributeError: 'Motor' object has no attribute 'execute'
        """,
    ),
    example_case(
        "an object that is no statement at all",
        "textual-sql",
        """
        import sqlalchemy as sa
        with sa.create_engine("sqlite://").connect() as c:
            c.execute(3)  #! ObjectNotExecutableError: Not an executable object: 3
        """,
    ),
    example_case(
        "columns in a variable",
        "select-list",
        """
        import sqlalchemy as sa
        columns = [sa.literal(1)]
        sa.select(columns)
        #! ArgumentError: Column expression expected, got [1]. Did you mean to say select(1)?
        """,
        is_reported=True,
    ),
    example_case(
        "a tuple in a script without a database",
        "row-by-name",
        """
        row = (1, 2)
        print(row["n"])  #! TypeError: tuple indices must be integers or slices, not str
        """,
    ),
    example_case(
        "a row by a variable",
        "row-by-name",
        """
        import sqlalchemy
        row, name = (1, 2), "n"
        print(row[name])  #! TypeError: tuple indices must be integers or slices, not str
        """,
    ),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_what_the_library_refuses_is_written_as_it_wants(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_another_connection_may_be_meant(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_no_draft_where_the_change_says_nothing(rule: str, example: Example) -> None:
    check_silence(rule, example)
