"""A handler that hides errors is told in whatever form; one for a named error is not."""

import pytest

from quarantine.policy.rules import exception_handlers as handlers
from tests.quarantine.policy.examples import is_refused


def guarded(handler: str, body: str = "pass") -> str:
    """A patch that puts a call under a new handler."""
    return f"""
          def load(read):
        -     return read()
        +     try:
        +         return read()
        +     {handler}:
        +         {body}
        """


@pytest.mark.parametrize(
    "handler",
    [
        "except", "except Exception", "except BaseException", "except Exception as error",
        "except (ValueError, Exception)", "except AssertionError", "except SystemExit",
        "except KeyboardInterrupt", "except builtins.Exception", "except (lambda: Exception)()",
        "except ERRORS[0]", "except (A, B, C, D, E)", "except* Exception",
    ],
)  # fmt: skip
def test_a_handler_of_nearly_everything_is_told(handler: str) -> None:
    body = "pass" if "*" not in handler else "x = 1"
    text = guarded(handler, body)
    if "*" in handler:
        text = text.replace(
            "return read()\n        +     except*", "x = read()\n        +     except*"
        )
    assert is_refused(handlers.broad_handlers, text)


@pytest.mark.parametrize(
    "handler",
    ["except ValueError", "except (OSError, ValueError)", "except OSError as error",
     "except json.JSONDecodeError", "except (A, B, C, D)", "except KeyError"],
)  # fmt: skip
def test_a_handler_of_named_errors_is_not(handler: str) -> None:
    assert not is_refused(handlers.broad_handlers, guarded(handler))


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ("raise", False),
        ("raise LookupError from None", False),
        ("log(1); raise", False),
        ("return None", True),
        ("log(1)", True),
        ("raise if x else None", True),
    ],
)
def test_a_broad_handler_that_is_sure_to_raise_hides_nothing(body: str, refused: bool) -> None:
    if body == "raise if x else None":
        body = "x = 1"
    assert is_refused(handlers.broad_handlers, guarded("except Exception", body)) == refused


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ("if a:\n                raise\n            else:\n                raise X", False),
        ("if a:\n                raise", True),
        ("with a:\n                raise", False),
        ("if a:\n                return 1\n            raise", True),
        ("while a:\n                raise", True),
    ],
)
def test_every_way_through_the_handler_counts(body: str, refused: bool) -> None:
    source = "def f(a):\n    try:\n        g()\n    except Exception:\n        " + body.replace(
        "\n            ", "\n        "
    )
    text = "\n".join(f"+ {line}" for line in source.split("\n"))
    assert is_refused(handlers.broad_handlers, text) == refused


def test_a_name_for_many_types_is_looked_up() -> None:
    wide = "  ERRORS = (ValueError, Exception)\n" + guarded("except ERRORS").strip("\n")
    assert is_refused(handlers.broad_handlers, "\n".join(map(str.rstrip, _flat(wide))))


def _flat(text: str) -> list[str]:
    """Both parts of a diff at one depth."""
    return [line[8:] if line.startswith("        ") else line for line in text.split("\n")]


@pytest.mark.parametrize(
    ("call", "refused"),
    [
        ("contextlib.suppress(Exception)", True),
        ("contextlib.suppress(ValueError, BaseException)", True),
        ("contextlib.suppress(ValueError)", False),
        ("contextlib.suppress()", False),
        ("other.suppress(Exception)", False),
    ],
)
def test_suppress_is_a_handler_too(call: str, refused: bool) -> None:
    text = f"  import contextlib\n+ with {call}:\n+     run()"
    assert is_refused(handlers.broad_handlers, text) == refused


def test_a_broad_handler_that_was_there_is_not_new() -> None:
    text = """
          def load(read):
              try:
        -         return read()
        +         return read(1)
              except Exception:
                  return None
        """
    assert not is_refused(handlers.broad_handlers, text)


def test_a_narrower_handler_is_welcome() -> None:
    text = """
          def load(read):
              try:
                  return read()
        -     except Exception:
        +     except OSError:
                  return None
        """
    assert not is_refused(handlers.broad_handlers, text)


def test_a_new_statement_under_an_old_broad_handler_has_not_moved() -> None:
    text = """
          def load(text):
              try:
        +         text = text.strip()
                  send(text)
              except Exception:
                  pass
        """
    assert not is_refused(handlers.moved_under_handlers, text)


def test_a_statement_that_moves_under_a_narrow_handler_is_not_told() -> None:
    text = """
          def load(text):
        -     total = float(text)
              try:
        +         total = float(text)
                  send(total)
              except ValueError:
                  pass
        """
    assert not is_refused(handlers.moved_under_handlers, text)


def wide(count: int, handler: str = "return None") -> str:
    lines = [f"a{n} = run({n})" for n in range(count)]
    old = "\n".join(f"-     {line}" for line in lines)
    new = "\n".join(f"+         {line}" for line in lines)
    return f"  def f():\n{old}\n+     try:\n{new}\n+     except ValueError:\n+         {handler}"


@pytest.mark.parametrize(
    ("count", "handler", "refused"),
    [(2, "return None", False), (7, "return None", False), (8, "return None", True),
     (20, "return None", True), (20, "raise", False)],
)  # fmt: skip
def test_a_new_handler_around_much_of_what_was_there_is_told(
    count: int, handler: str, refused: bool
) -> None:
    assert is_refused(handlers.wide_handlers, wide(count, handler)) == refused


def test_at_the_programs_entry_one_statement_is_enough() -> None:
    text = """
        - main()
        + try:
        +     main()
        + except ValueError:
        +     pass
        """
    assert is_refused(handlers.wide_handlers, text)
    assert not is_refused(handlers.wide_handlers, text.replace("pass", "raise"))


@pytest.mark.parametrize(
    ("line", "refused"),
    [("return 1", True), ("break", True), ("continue", True), ("close()", False),
     ("x = 1", False), ("raise ValueError", False)],
)  # fmt: skip
def test_a_jump_out_of_finally_is_told(line: str, refused: bool) -> None:
    text = f"""
          def f(rows):
              for row in rows:
                  try:
                      run(row)
                  finally:
        -             old()
        +             {line}
        """
    assert is_refused(handlers.jumps_out_of_finally, text) == refused


@pytest.mark.parametrize(
    ("name", "value", "refused"),
    [
        ("__exit__", "return True", True), ("__exit__", "return self.ok", True),
        ("__aexit__", "return 1", True), ("__exit__", "return", False),
        ("__exit__", "return None", False), ("__exit__", "return False", False),
        ("__exit__", "return 0", False), ("leave", "return True", False),
    ],
)  # fmt: skip
def test_a_context_manager_that_may_say_yes_on_leaving_is_told(
    name: str, value: str, refused: bool
) -> None:
    text = f"""
          class Job:
        +     def {name}(self, *error):
        +         {value}
        """
    assert is_refused(handlers.true_exits, text) == refused
