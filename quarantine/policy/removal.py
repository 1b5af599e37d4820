"""Rules about what a patch takes away: raises, checks, alerts, effects, code.

Belongs here: differences by which the base has more. Does not belong here: whole files removed
(`paths`).
"""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from quarantine.policy.added import line_of
from quarantine.policy.files import FileChange, Patch
from quarantine.policy.module import Module
from quarantine.policy.rule import Hit, Rule

MAX_NET_STATEMENTS = 8
"""More statements fewer than before, over the patch, is a deletion and not a fix."""
MAX_NET_SHARE = 0.25
"""So is a larger share of one file's statements, from `MIN_NET_STATEMENTS` on."""
MIN_NET_STATEMENTS = 3

_ALERT = re.compile(
    r"(?i)(^|_)(alert|notify|notification|page|escalate|capture_exception|capture_message"
    r"|report_error|report_exception|send_mail|sendmail|send_message|send_email|mail_admins)(_|$|s$|er$)"
)
_LOG_LEVELS = frozenset({"error", "exception", "critical", "fatal", "warning", "warn"})
_LOGGERS = re.compile(r"(?i)log|warnings|messages")
_EFFECTS = frozenset(
    {"write", "writelines", "writerow", "writerows", "send", "sendall", "commit", "save", "publish",
     "post", "fsync", "dump", "to_csv", "to_json", "to_sql", "to_excel",
     "write_text", "write_bytes", "executemany", "upload"}
)  # fmt: skip


def _called(node: ast.AST) -> tuple[str, str]:
    """(object, method or function) of a call, as written."""
    if not isinstance(node, ast.Call):
        return "", ""
    if isinstance(node.func, ast.Attribute):
        return ast.unparse(node.func.value)[:80], node.func.attr
    return "", node.func.id if isinstance(node.func, ast.Name) else ""


def alerts(module: Module) -> Iterator[ast.AST]:
    for node in module.of(ast.Call):
        owner, name = _called(node)
        logs = name in _LOG_LEVELS and _LOGGERS.search(owner)
        if logs or _ALERT.search(name) or (name == "warn" and not owner):
            yield node


def effects(module: Module) -> Iterator[ast.AST]:
    for node in module.of(ast.Call):
        owner, name = _called(node)
        if owner and name in _EFFECTS:
            yield node


def _exit_statuses(module: Module) -> Iterator[ast.AST]:
    exits = {"sys.exit", "builtins.exit", "builtins.quit", "builtins.SystemExit"}
    for node in module.of(ast.Name, ast.Attribute):
        if exits & set(module.names.resolve(node)):
            yield node


def _entries(module: Module) -> Iterator[ast.AST]:
    """`if __name__ == "__main__":` at module level."""
    for stmt in module.tree.body:
        if isinstance(stmt, ast.If) and ast.unparse(stmt.test) == "__name__ == '__main__'":
            yield stmt.test


def raises(module: Module) -> Iterator[ast.AST]:
    yield from module.of(ast.Raise)


def _assertions(module: Module) -> Iterator[ast.AST]:
    """Without those that only tell a type checker what a variable is."""
    for node in module.of(ast.Assert):
        match getattr(node, "test", None):
            case ast.Compare(ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
                continue
            case ast.Call(func=ast.Name(id="isinstance")):
                continue
        yield node


def _fewer(items: Callable[[Module], Iterator[ast.AST]], patch: Patch) -> Iterator[Hit]:
    """One hit when the patch as a whole has fewer of these than the base."""
    files = _comparable(patch)
    before = [(file, node) for file in files for node in _listed(items, file.old_module)]
    after = [node for file in files for node in _listed(items, file.new_module)]
    if len(before) <= len(after):
        return
    left = Counter(ast.dump(node) for node in after)
    for file, node in before:
        left[ast.dump(node)] -= 1
        if left[ast.dump(node)] < 0:
            yield Hit(file.path, 0, f"line {line_of(node)} of the base: {_text(node)}")
            return


def _comparable(patch: Patch) -> tuple[FileChange, ...]:
    return tuple(
        file
        for file in patch.files
        if not file.is_new_test and (file.old_module or file.change.is_new)
        if file.new_module or file.new is None
    )


def _listed(items: Callable[[Module], Iterator[ast.AST]], module: Module | None) -> list[ast.AST]:
    return list(items(module)) if module else []


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:80]


def _statements(module: Module | None) -> int:
    if module is None:
        return 0
    passive = (ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal)
    return sum(
        1
        for node in module.nodes
        if isinstance(node, ast.stmt) and not isinstance(node, passive)
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    )


def _net_deletion(patch: Patch) -> Iterator[Hit]:
    files = _comparable(patch)
    sizes = [(f, _statements(f.old_module), _statements(f.new_module)) for f in files]
    net = sum(before - after for _, before, after in sizes)
    if net >= MAX_NET_STATEMENTS:
        yield Hit(files[0].path, 0, f"{net} statements fewer")
        return
    for file, before, after in sizes:
        gone = before - after
        if min(net, gone) >= MIN_NET_STATEMENTS and gone > MAX_NET_SHARE * before:
            yield Hit(file.path, 0, f"{gone} of {before} statements")


RULES = (
    Rule(
        "removed-raise", "person",
        "It raises fewer errors than before ({what}), so a fault may pass unnoticed.",
        partial(_fewer, raises),
    ),
    Rule(
        "removed-check", "person",
        "It has fewer assertions than before ({what}).",
        partial(_fewer, _assertions),
    ),
    Rule(
        "removed-alert", "person",
        "It logs or alerts less than before ({what}), so the next fault may go unseen.",
        partial(_fewer, alerts),
    ),
    Rule(
        "removed-effect", "person",
        "It writes, sends or saves less than before ({what}).", partial(_fewer, effects),
    ),
    Rule(
        "removed-exit", "person",
        "It reports its exit status in fewer places than before ({what}).",
        partial(_fewer, _exit_statuses),
    ),
    Rule(
        "removed-exit", "person", "The program's entry point is gone ({what}).",
        partial(_fewer, _entries),
    ),
    Rule("net-deletion", "person", "It mostly takes code away ({what}).", _net_deletion),
)  # fmt: skip
