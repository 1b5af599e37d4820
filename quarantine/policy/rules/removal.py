"""Rules about what a patch takes away: raises, checks, alerts, effects, code.

Belongs here: differences by which the base has more. Does not belong here: whole files removed
(`file_kinds`), and what only guarded or called something (`guards`).
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator

from quarantine.policy.files import FileChange, Patch
from quarantine.policy.module import Module
from quarantine.policy.new_items import line_of
from quarantine.policy.rule import FindNodes, Hit, Rule, cwe, rule
from quarantine.policy.rules.effects import find_alerts, find_effects, find_raises

MAX_NET_STATEMENTS = 8
"""More statements fewer than before, over the patch, is a deletion and not a fix."""
MAX_NET_SHARE = 0.25
"""So is a larger share of one file's statements, from `MIN_NET_STATEMENTS` on."""
MIN_NET_STATEMENTS = 3


def fewer_rule(
    name: str,
    reason: str,
    *,
    refuses: str,
    allows: str,
    link: str,
    or_else: FindNodes = lambda _: iter(()),
) -> Callable[[FindNodes], Rule]:
    """A rule of a function that gives the nodes of one module that matter: one hit when the patch
    as a whole has fewer of these than the base. `or_else` gives what may take their place."""

    def decorate(find_nodes: FindNodes) -> Rule:
        def find(patch: Patch) -> Iterator[Hit]:
            files = comparable(patch)
            before = [(f, node) for f in files if f.old_module for node in find_nodes(f.old_module)]
            after = [node for f in files if f.new_module for node in find_nodes(f.new_module)]
            if len(before) <= len(after):
                return
            others = [n for f in files if f.new_module for n in or_else(f.new_module)]
            rest = Counter(ast.dump(node) for node in (*after, *others))
            for file, node in before:
                rest[ast.dump(node)] -= 1
                if rest[ast.dump(node)] < 0:
                    yield Hit(file.path, 0, f"line {line_of(node)} of the base: {_text(node)}")
                    return

        find.__doc__ = find_nodes.__doc__
        return rule(name, "person", reason, refuses=refuses, allows=allows, link=link)(find)

    return decorate


def _find_conditions(module: Module) -> Iterator[ast.AST]:
    """Tests of branches, and the parts that they are put together of."""
    for node in module.of(ast.If, ast.IfExp, ast.While):
        test = getattr(node, "test", None)
        yield from [test, *getattr(test, "values", ())]


def comparable(patch: Patch) -> tuple[FileChange, ...]:
    """Product files of which both sides are known: read, new, or removed."""
    return tuple(
        file
        for file in patch.files
        if not file.is_new_test and (file.old_module or file.change.is_new)
        if file.new_module or file.new is None
    )


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:80]


fewer_raises = fewer_rule(
    "removed-raise",
    "It raises fewer errors than before ({what}), so a fault may pass unnoticed.",
    refuses="""
          def load(rows):
        -     if not rows:
        -         raise ValueError("no rows")
              return rows
        """,
    allows="""
          def load(rows):
              if not rows:
        -         raise ValueError("no rows")
        +         raise ValueError("there are no rows")
              return rows
        """,
    link=cwe(754),
)(find_raises)


@fewer_rule(
    "removed-check",
    "It has fewer assertions than before ({what}).",
    refuses="""
          def load(rows):
        -     assert len(rows) > 1
              return rows
        """,
    allows="""
          def load(rows):
        -     assert rows is not None
              return rows
        """,
    link=cwe(754),
    or_else=_find_conditions,
)
def fewer_checks(module: Module) -> Iterator[ast.AST]:
    """An assertion that is gone, without those that only tell a type checker what a variable is."""
    for node in module.of(ast.Assert):
        match getattr(node, "test", None):
            case ast.Compare(ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
                continue
            case ast.Call(func=ast.Name(id="isinstance")):
                continue
            case ast.expr() as test:
                yield test


fewer_alerts = fewer_rule(
    "removed-alert",
    "It logs or alerts less than before ({what}), so the next fault may go unseen.",
    refuses="""
          def load(rows, log):
        -     log.error("no rows")
              return rows
        """,
    allows="""
          def load(rows, log):
        -     log.error("no rows")
        +     log.error("there are no rows")
              return rows
        """,
    link=cwe(778),
)(find_alerts)

fewer_effects = fewer_rule(
    "removed-effect",
    "It writes, sends or saves less than before ({what}).",
    refuses="""
          def load(rows, store):
        -     store.save(rows)
              return rows
        """,
    allows="""
          def load(rows, store):
        -     store.save(rows)
        +     store.save(list(rows))
              return rows
        """,
    link="https://arxiv.org/abs/2503.15223",
)(find_effects)


@fewer_rule(
    "removed-exit",
    "It reports its exit status in fewer places than before ({what}).",
    refuses="""
          import sys
          def main(rows):
        -     if not rows:
        -         sys.exit(2)
              return rows
        """,
    allows="""
          import sys
          def main(rows):
        -     if rows == []:
        +     if not rows:
                  sys.exit(2)
              return rows
        """,
    link=cwe(393),
)
def fewer_exits(module: Module) -> Iterator[ast.AST]:
    """An exit of the program that is gone."""
    exits = {"sys.exit", "builtins.exit", "builtins.quit", "builtins.SystemExit"}
    for node in module.of(ast.Name, ast.Attribute):
        if exits & set(module.names.resolve(node)):
            yield node


@fewer_rule(
    "removed-exit",
    "The program's entry point is gone ({what}).",
    refuses="""
          def main():
              return 1

        - if __name__ == "__main__":
        -     main()
        """,
    allows="""
          def main():
        -     return 1
        +     return 1 + 1

          if __name__ == "__main__":
              main()
        """,
    link="https://docs.python.org/3/library/__main__.html",
)
def fewer_entries(module: Module) -> Iterator[ast.AST]:
    """`if __name__ == "__main__":` at module level."""
    for stmt in module.tree.body:
        if isinstance(stmt, ast.If) and ast.unparse(stmt.test) == "__name__ == '__main__'":
            yield stmt.test


@rule(
    "net-deletion",
    "person",
    "It mostly takes code away ({what}).",
    refuses="""
          def load(rows):
        -     total = 0
        -     for row in rows:
        -         total += row
        -     return total
        +     return rows
        """,
    allows="""
          def load(rows):
        -     total = 0
        -     for row in rows:
        -         total += row
        -     return total
        +     total = 0
        +     for row in rows or ():
        +         total += row
        +     return total
        """,
    link="https://arxiv.org/abs/2503.15223",
)
def net_deletions(patch: Patch) -> Iterator[Hit]:
    """A patch after which much less is left of a file, or of all that it changes."""
    files = comparable(patch)
    sizes = [(f, _count_statements(f.old_module), _count_statements(f.new_module)) for f in files]
    net = sum(before - after for _, before, after in sizes)
    if net >= MAX_NET_STATEMENTS:
        yield Hit(files[0].path, 0, f"{net} statements fewer")
        return
    for file, before, after in sizes:
        fewer = before - after
        if min(net, fewer) >= MIN_NET_STATEMENTS and fewer > MAX_NET_SHARE * before:
            yield Hit(file.path, 0, f"{fewer} of {before} statements")


def _count_statements(module: Module | None) -> int:
    if module is None:
        return 0
    passive = (ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal)
    return sum(
        1
        for node in module.nodes
        if isinstance(node, ast.stmt) and not isinstance(node, passive)
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    )


RULES = (
    fewer_raises,
    fewer_checks,
    fewer_alerts,
    fewer_effects,
    fewer_exits,
    fewer_entries,
    net_deletions,
)
