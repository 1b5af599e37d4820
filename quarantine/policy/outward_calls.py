"""How a program tells others, or changes something: raises, alerts, effects.

Belongs here: finding them in a module. Does not belong here: whether a patch takes one away
(`rules.removal`) or skips it (`rules.effects`).
"""

import ast
import re
from collections.abc import Iterator

from quarantine.policy.module import Module

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


def find_raises(module: Module) -> Iterator[ast.AST]:
    """A `raise` that is gone."""
    yield from module.of(ast.Raise)


def find_alerts(module: Module) -> Iterator[ast.AST]:
    """A call that logs at warning and above, or alerts somebody."""
    for node in module.of(ast.Call):
        owner, name = _names_of_call(node)
        is_log = name in _LOG_LEVELS and _LOGGERS.search(owner)
        if is_log or _ALERT.search(name) or (name == "warn" and not owner):
            yield node


def find_effects(module: Module) -> Iterator[ast.AST]:
    """A call that writes, sends or saves something."""
    for node in module.of(ast.Call):
        owner, name = _names_of_call(node)
        if owner and name in _EFFECTS:
            yield node


def _names_of_call(node: ast.AST) -> tuple[str, str]:
    """(object, method or function) of a call, as written."""
    if not isinstance(node, ast.Call):
        return "", ""
    if isinstance(node.func, ast.Attribute):
        return ast.unparse(node.func.value)[:80], node.func.attr
    return "", node.func.id if isinstance(node.func, ast.Name) else ""
