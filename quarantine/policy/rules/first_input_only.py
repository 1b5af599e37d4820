"""Rules about forms that do well on the first input and go wrong on another.

Belongs here: mistakes of few words that tests with plain input do not see. Does not belong here:
what is taken away (`removal`, `guards`), or errors that are caught (`exception_handlers`).
"""

import ast
import re
from collections.abc import Iterator

from quarantine.policy.module import Module
from quarantine.policy.rule import cwe, node_rule

_EXECUTES = frozenset({"execute", "executemany", "executescript", "executesql", "read_sql"})
_STATEMENT = re.compile(r"(?is)\b(select|insert|update|delete|replace|create|drop|alter|where)\b")
_DESTROYS = re.compile(
    r"(?is)\b(or\s+replace|replace\s+into|delete\s+from|drop\s+(table|index|view|column)|truncate)\b"
)
_LEAVES_OUT = frozenset({"ignore", "skip", "coerce", "drop"})
"""Values of options by which libraries pass over what does not fit."""
_KEEPS = frozenset({"append", "add", "insert", "setdefault", "submit", "connect", "register"})
"""Methods that keep the function which they are given beyond the round of a loop."""
_REMEMBER = frozenset(
    {"cache", "lru_cache", "cached_property", "cached", "cachedmethod", "memoize"}
)
"""Decorators of `functools`, cachetools and joblib's kind."""


@node_rule(
    "built-statement",
    "person",
    "A value is written into the text of a statement ({what}); with another one it says something "
    "else.",
    refuses="""
          def find(table, name):
        -     return table.execute("SELECT id FROM person WHERE name = ?", name)
        +     return table.execute(f"SELECT id FROM person WHERE name = '{name}'")
        """,
    allows="""
          def find(table, name):
        -     return table.execute("SELECT id FROM person WHERE name = ?", name)
        +     return table.execute("SELECT id FROM person WHERE name = ?", (name,))
        """,
    link=cwe(89),
)
def built_statements(module: Module) -> Iterator[ast.AST]:
    """A statement of SQL that is put together of text and values and executed."""
    for node in module.of(ast.Call):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in _EXECUTES and _is_built(node.args[0]):
                yield node.args[0]


def _is_built(text: ast.expr) -> bool:
    match text:
        case ast.JoinedStr(values=values):
            parts: list[ast.expr] = values
            has_value = any(isinstance(part, ast.FormattedValue) for part in parts)
        case ast.BinOp(op=ast.Add() | ast.Mod()):
            parts, has_value = [text.left, text.right], True
        case ast.Call(func=ast.Attribute(attr="format", value=value)):
            parts, has_value = [value], True
        case _:
            return False
    constants = [n.value for part in parts for n in ast.walk(part) if isinstance(n, ast.Constant)]
    return has_value and any(_STATEMENT.search(text) for text in constants if isinstance(text, str))


def _find_destruction(node: ast.AST) -> str:
    value = getattr(node, "value", None)
    match = _DESTROYS.search(value) if isinstance(value, str) else None
    return match[0] if match else ""


@node_rule(
    "destructive-statement",
    "person",
    "A statement takes away or overwrites what is stored ({what}).",
    refuses="""
          def add(table, row):
        -     table.execute("INSERT INTO entry VALUES (?, ?)", row)
        +     table.execute("INSERT OR REPLACE INTO entry VALUES (?, ?)", row)
        """,
    allows="""
          def add(table, row):
        -     table.execute("INSERT INTO entry VALUES (?, ?)", row)
        +     table.execute("INSERT OR IGNORE INTO entry VALUES (?, ?)", row)
        """,
    link=cwe(471),
    key=lambda node: _find_destruction(node).lower(),
    what=_find_destruction,
)
def destructive_statements(module: Module) -> Iterator[ast.AST]:
    """A text of SQL that deletes, drops, or replaces rows that are there."""
    for node in module.of(ast.Constant):
        if id(node) not in module.docstrings and _find_destruction(node):
            yield node


@node_rule(
    "left-out-data",
    "person",
    "It lets a library leave out what does not fit ({what}).",
    refuses="""
          import csv
          def write(out, fields):
        -     return csv.DictWriter(out, fields)
        +     return csv.DictWriter(out, fields, extrasaction="ignore")
        """,
    allows="""
          import csv
          def write(out, fields):
        -     return csv.DictWriter(out, fields)
        +     return csv.DictWriter(out, [*fields, "mail"])
        """,
    link=cwe(222),
)
def left_out_data(module: Module) -> Iterator[ast.AST]:
    """An option such as `errors="ignore"`: what is lost so, no test of plain input misses."""
    for node in module.of(ast.keyword):
        value = getattr(node, "value", None)
        if isinstance(value, ast.Constant) and value.value in _LEAVES_OUT:
            yield node


@node_rule(
    "remembered-answer",
    "person",
    "It remembers an answer that what it reads may change ({what}).",
    refuses="""
          import functools
          class Stock:
        +     @functools.lru_cache
              def count(self, name):
                  return self.items[name]
        """,
    allows="""
          import functools
        + @functools.lru_cache
          def count(items, name):
              return items.count(name)
        """,
    link=cwe(672),
    what=ast.unparse,
)
def remembered_answers(module: Module) -> Iterator[ast.AST]:
    """A cache around a method, or around a function without arguments: the second call gives what
    was so at the first, whatever was changed between them."""
    for node in (*module.of(ast.FunctionDef), *module.of(ast.AsyncFunctionDef)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _reads_more(node):
            yield from filter(_remembers, node.decorator_list)


def _remembers(decorator: ast.expr) -> bool:
    callee = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(callee, "attr", getattr(callee, "id", "")) in _REMEMBER


def _reads_more(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Than the values of its arguments."""
    names = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)]
    return names[:1] in ([], ["self"], ["cls"])


@node_rule(
    "late-binding",
    "person",
    "A function that is kept beyond a loop reads the loop's variable when it is called ({what}): "
    "then all of them see the last one.",
    refuses="""
          def handlers(names):
        +     return {name: lambda text: f"{text} {name}" for name in names}
        """,
    allows="""
          def handlers(names):
        +     return {name: lambda text, name=name: f"{text} {name}" for name in names}
        """,
    link="https://docs.astral.sh/ruff/rules/function-uses-loop-variable/",
)
def late_bindings(module: Module) -> Iterator[ast.AST]:
    """A lambda within a loop that uses its variable without a default for it, where it is kept."""
    for node in module.of(ast.Lambda):
        if isinstance(node, ast.Lambda) and _is_kept(module, node):
            arguments = node.args
            own = {a.arg for a in (*arguments.args, *arguments.kwonlyargs, *arguments.posonlyargs)}
            reads = {n.id for n in ast.walk(node.body) if isinstance(n, ast.Name)} - own
            if reads & set(_find_loop_names(module, node)):
                yield node


def _is_kept(module: Module, node: ast.Lambda) -> bool:
    """It is the element of a comprehension, stored under a key, or handed to what keeps it."""
    match module.parent(node):
        case (
            ast.ListComp() | ast.DictComp() | ast.SetComp() | ast.Dict() | ast.List() | ast.Tuple()
        ):
            return True
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            return True
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _KEEPS
    return False


def _find_loop_names(module: Module, node: ast.AST) -> Iterator[str]:
    """Of the loops around it, within its function."""
    for above in module.parents(node):
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
            return
        for loop in getattr(above, "generators", [above]):
            for part in ast.walk(getattr(loop, "target", None) or ast.Pass()):
                if isinstance(part, ast.Name) and not isinstance(above, ast.Assign | ast.AnnAssign):
                    yield part.id


@node_rule(
    "identity",
    "person",
    "It asks whether two values are one object ({what}); equal ones seldom are.",
    refuses="""
          def repeated(one, other):
        -     return one.equals(other)
        +     return one is other
        """,
    allows="""
          def repeated(one, other):
        -     return one.equals(other)
        +     return one is not None and one == other
        """,
    link="https://docs.python.org/3/reference/expressions.html#is-not",
)
def identities(module: Module) -> Iterator[ast.AST]:
    """`is` between values that are neither constants, sentinels in capitals, nor types."""
    for node in module.of(ast.Compare):
        is_asked = isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Is | ast.IsNot)
        sides = (node.left, *node.comparators) if isinstance(node, ast.Compare) else ()
        if is_asked and not any(map(_is_one_of_its_kind, sides)):
            yield node


def _is_one_of_its_kind(node: ast.expr) -> bool:
    """A constant, a call (of `type`), `self`, or a name that is not plainly a variable's."""
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str | bytes | int | float) or isinstance(node.value, bool)
    name = getattr(node, "attr", getattr(node, "id", ""))
    return isinstance(node, ast.Call) or not name or name in ("self", "cls") or not name.islower()


@node_rule(
    "late-check",
    "person",
    "It changes what is kept before it checks ({what}); where the check fails, the change stays.",
    refuses="""
          class Hall:
              def take(self, count):
        -         if self.fre < count:
        -             raise ValueError("too few seats")
                  self.free -= count
        +         if self.free < 0:
        +             raise ValueError("too few seats")
        """,
    allows="""
          class Hall:
              def take(self, count):
        -         if self.fre < count:
        +         if self.free < count:
                      raise ValueError("too few seats")
                  self.free -= count
        """,
    link=cwe(696),
)
def late_checks(module: Module) -> Iterator[ast.AST]:
    """A condition that raises, behind a change in place of an attribute or an item that it asks
    for."""
    for node in module.of(ast.If):
        is_check = isinstance(node, ast.If) and any(isinstance(n, ast.Raise) for n in node.body)
        siblings = getattr(module.parent(node), "body", []) if is_check else []
        for step in siblings[: siblings.index(node)] if node in siblings else ():
            if isinstance(step, ast.AugAssign) and not isinstance(step.target, ast.Name):
                target = ast.unparse(step.target)
                if isinstance(node, ast.If) and target in ast.unparse(node.test):
                    yield step


RULES = (
    late_checks,
    built_statements,
    destructive_statements,
    left_out_data,
    remembered_answers,
    late_bindings,
    identities,
)
