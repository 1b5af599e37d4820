"""Rules about what a program does to the world and says of itself: effects and alerts that are
skipped or put under a condition, and new places written to.

Belongs here: what an effect, an alert and a raise is; guards in front of existing ones; writes that
the base did not have. Does not belong here: those that were taken away as text (`removal`).
"""

import ast
import re
from collections.abc import Iterator

from quarantine.policy.expressions import fold
from quarantine.policy.files import FileChange, Patch
from quarantine.policy.module import Module
from quarantine.policy.new_items import find_new, line_of
from quarantine.policy.rule import Hit, cwe, node_rule, rule, short_source

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
_WRITE_MODE = re.compile(r"(?=.*[wax+])[rwaxbt+]{1,4}")
_WRITING = frozenset({"write_text", "write_bytes", "touch"})
_EMPTINESS = frozenset({"len", "any", "all", "isinstance", "hasattr", "callable", "bool"})
_ASKING = frozenset({"exists", "is_file", "is_dir", "strip", "isdigit", "isspace", "get", "isnan"})
_CONDITIONS = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.ExceptHandler, ast.Lambda,
               ast.FunctionDef, ast.AsyncFunctionDef, ast.Match)  # fmt: skip


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


@node_rule(
    "new-write",
    "person",
    "It writes to another file ({what}).",
    refuses="""
          rows = open("rates.csv").read()
        + open("rates.bak", "w").write(rows)
        """,
    allows="""
        - rows = open("rates.csv").read()
        + rows = open("rates.csv", encoding="utf-8").read()
        """,
    link=cwe(73),
    key=lambda _: "write",
)
def new_writes(module: Module) -> Iterator[ast.AST]:
    """One more file that is opened for writing, or a descriptor that somebody else opened."""
    for node in module.of(ast.Call):
        if isinstance(node, ast.Call) and (_opens_for_writing(node) or _by_descriptor(node)):
            yield node


def _opens_for_writing(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", None) or getattr(call.func, "id", None)
    if name in _WRITING:
        return True
    keywords = [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    modes = [fold(node) for node in (*call.args[:2], *keywords)]
    return name == "open" and any(mode and _WRITE_MODE.fullmatch(mode) for mode in modes)


def _by_descriptor(call: ast.Call) -> bool:
    """`open(3)`: a file that somebody else opened."""
    match call:
        case ast.Call(func=ast.Name(id="open"), args=[ast.Constant(value=int()), *_]):
            return True
    return False


@rule(
    "made-conditional",
    "person",
    "What was raised or reported before now depends on one more condition ({what}).",
    refuses="""
          def load(read, strict):
              try:
                  return read()
              except OSError:
        -         raise
        +         if strict:
        +             raise
        """,
    allows="""
          def load(read, strict):
              try:
        -         return read()
        +         return read() if strict else None
              except OSError:
                  raise
        """,
    link=cwe(390),
)
def conditional_alerts(patch: Patch) -> Iterator[Hit]:
    """Alerts and re-raises of the base that now stand under one more condition than before.

    A raise with an exception of its own is left out: narrowing a check is an ordinary repair, and
    the tests say what must still be refused.
    """
    for file in patch.product:
        before = _measure_depths(file.old_module)
        for source, (depth, node) in _measure_depths(file.new_module).items():
            if source in before and depth > before[source][0]:
                yield Hit(file.path, line_of(node), short_source(node))


@rule(
    "skipped-effect",
    "person",
    "It may skip what the function wrote, sent or reported before ({what}).",
    refuses="""
          def report(rows, mailer):
        +     if len(rows) > 3:
        +         return
              mailer.send(rows)
        """,
    allows="""
          def report(rows, mailer):
        +     if not rows:
        +         return
              mailer.send(rows)
        """,
    link="https://arxiv.org/abs/2503.15223",
)
def skipped_effects(patch: Patch) -> Iterator[Hit]:
    """New guards, other than for missing or empty values, before existing effects."""
    for file, node in find_new(patch.product, _guards, _without_names):
        asks = isinstance(node, ast.If) and not _asks_for_nothing(node.test)
        if asks and _effects_after(file, node):
            yield Hit(file.path, line_of(node), ast.unparse(node).split("\n")[0][:60])


def _guards(module: Module) -> Iterator[ast.AST]:
    """`if` statements that only leave: return, continue or break, without an `else`."""
    for node in module.of(ast.If):
        match node:
            case ast.If(body=[ast.Return() | ast.Continue() | ast.Break()], orelse=[]):
                yield node


def _without_names(node: ast.AST) -> str:
    """The guard's form: one whose variables were renamed is not a new one."""
    return re.sub(r"(id|attr)='[^']*'", r"\1", ast.dump(node))


def _asks_for_nothing(test: ast.expr) -> bool:
    """Emptiness, absence or type of a value: the ordinary reasons to do nothing."""
    match test:
        case ast.BoolOp(values=values):
            return all(_asks_for_nothing(value) for value in values)
        case (
            ast.UnaryOp(op=ast.Not())
            | ast.Compare(ops=[ast.Is() | ast.IsNot()])
            | ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Name() | ast.Attribute()])
            | ast.Compare(comparators=[ast.Constant(value="" | 0 | None)])
        ):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in _EMPTINESS
        case ast.Call(func=ast.Attribute(attr="startswith"), args=[mark]):
            return not any(char.isalnum() for char in fold(mark) or "x")  # comment lines
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _ASKING or name.startswith("is")
    return False


def _effects_after(file: FileChange, guard: ast.AST) -> bool:
    """Effects of the base that stand behind the guard in the same function."""
    module, old = file.new_module, file.old_module
    function = module.function(guard) if module else None
    if module is None or old is None or function is None:
        return False
    existing = {ast.dump(node) for node in (*find_effects(old), *find_alerts(old))}
    inside = {id(node) for node in ast.walk(function)}
    return any(
        id(node) in inside and line_of(node) > line_of(guard) and ast.dump(node) in existing
        for node in (*find_effects(module), *find_alerts(module))
    )


def _measure_depths(module: Module | None) -> dict[str, tuple[int, ast.AST]]:
    """How many conditions stand around each raise and alert; of equal ones the least."""
    depths: dict[str, tuple[int, ast.AST]] = {}
    if module is None:
        return depths
    again = (node for node in find_raises(module) if isinstance(node, ast.Raise) and not node.exc)
    for node in (*again, *find_alerts(module)):
        depth = sum(isinstance(above, _CONDITIONS) for above in module.parents(node))
        source = ast.dump(node)
        if source not in depths or depth < depths[source][0]:
            depths[source] = (depth, node)
    return depths


RULES = (
    new_writes,
    conditional_alerts,
    skipped_effects,
)
