"""Rules about guards that a patch takes away: checks, locks, logins, early leaves, steps.

Belongs here: what guards something, which tests seldom hold, and statements that are one call. Does
not belong here: raises, assertions, alerts and writes (`removal`).
"""

import ast
import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from quarantine.policy import allowed
from quarantine.policy.expressions import last_name
from quarantine.policy.files import Patch
from quarantine.policy.module import Module
from quarantine.policy.new_items import find_new, line_of
from quarantine.policy.rule import Hit, cwe, rule, short_source
from quarantine.policy.rules.effects import find_effects
from quarantine.policy.rules.removal import comparable, fewer_rule

_CHECK = re.compile(
    r"(?i:(^|_)(check|checks|validate|valid|verify|ensure|require|requires|assert|auth|authenticate"
    r"|authorize|authorise|login|permission|permissions|deny|forbid|sanitize|sanitise|escape|audit"
    r"|guard|confirm|acquire|abort|csrf|redact|mask|throttle)(_|$))|^is_valid$|^raise_for_status$"
    r"|^compare_digest$|^(check|validate|verify|ensure|require|assert)[A-Z]"
)
_RIGHT = re.compile(
    r"(?i)allow|permi|auth|admin|login|logged|owner|role|block|ban(ned)?\b|lock|valid|verified"
    r"|approved|confirmed|enabled|disabled|active|delete|expired|closed|open|paid|staff|secur|trust"
    r"|safe|can_|may_|sign|consent|dry_run|private|public"
)
"""Words of conditions that say what may be done."""
_LOCK = re.compile(r"(?i)lock|mutex|semaphore|atomic|transaction|savepoint")
_BUILDING = frozenset({
    "append", "add", "extend", "update", "setdefault", "pop", "remove", "insert", "sort", "reverse",
    "clear", "discard", "popitem", "popleft", "appendleft", "print", "sleep", "close", "echo",
    "secho", "next",
})  # fmt: skip
"""Steps that put a value together or show it, or misspelt ones: often done otherwise."""


@rule(
    "removed-guard",
    "person",
    "A function is no longer decorated by {what}, which may guard it.",
    refuses="""
        - @needs_login
          def page(user):
              return user.name
        """,
    allows="""
          class Row:
        -     @staticmethod
              def name(self):
                  return self.fields["name"]
        """,
    link=cwe(862),
)
def fewer_decorators(patch: Patch) -> Iterator[Hit]:
    """A decorator that is gone from a function that is still there."""
    for file in comparable(patch):
        after = _find_decorators(file.new_module)
        for name, (decorators, _) in _find_decorators(file.old_module).items():
            rest, line = after.get(name, (decorators, 0))
            for missing in decorators - rest - allowed.DECORATORS:
                yield Hit(file.path, line, missing)


@fewer_rule(
    "removed-guard",
    "It locks less than before ({what}).",
    refuses="""
          def add(counts, name):
        -     with LOCK:
        -         counts[name] += 1
        +     counts[name] += 1
        """,
    allows="""
          def add(counts, name):
        -     with LOCK:
        +     with counts.lock:
                  pass
        """,
    link=cwe(667),
)
def fewer_locks(module: Module) -> Iterator[ast.AST]:
    """A `with` over a lock or a transaction that is gone."""
    for node in module.of(ast.withitem):
        if isinstance(node, ast.withitem) and _LOCK.search(ast.unparse(node.context_expr)):
            yield node.context_expr


@fewer_rule(
    "removed-guard",
    "It checks less than before ({what}).",
    refuses="""
          def put(self, number):
        -     self.check(number)
              return number
        """,
    allows="""
          def put(self, number):
        -     self.check(number)
        +     self.check(int(number))
              return number
        """,
    link=cwe(754),
)
def fewer_check_calls(module: Module) -> Iterator[ast.AST]:
    """A call of what checks, verifies, escapes, allows or confirms something that is gone."""
    for node in module.of(ast.Call):
        if isinstance(node, ast.Call) and _CHECK.search(last_name(node)):
            yield node


@rule(
    "removed-guard",
    "person",
    "It leaves early in fewer places than before, and asks for less ({what}).",
    refuses="""
          def send(user, mailer):
        -     if user.is_blocked:
        -         return
              mailer.greet(user)
        """,
    allows="""
          for user in users:
        -     if user.is_blocked:
        -         continue
        -     greet(user)
        +     if user.is_known and not user.is_blocked:
        +         greet(user)
        """,
    link=cwe(696),
)
def fewer_leaves(patch: Patch) -> Iterator[Hit]:
    """An `if` that only left the function or the round and is gone, where nothing else is asked in
    its place. One that stands before no effect and says nothing of rights is left to the tests."""
    files = comparable(patch)
    before, after = ([f.old_module for f in files], [f.new_module for f in files])
    if _count_questions(before) <= _count_questions(after):
        return
    still = Counter(ast.dump(test) for f in files for test in _find_leaves(f.new_module))
    for file in files:
        for test in _find_leaves(file.old_module):
            still[ast.dump(test)] -= 1
            if still[ast.dump(test)] < 0 and _guards_something(file.old_module, test):
                yield Hit(file.path, 0, f"line {line_of(test)} of the base: {short_source(test)}")
                return


@rule(
    "removed-guard",
    "person",
    "A condition asks for less than before: {what} is gone.",
    refuses="""
          def page(user, post):
        -     if user.is_admin and post.is_open:
        +     if post.is_open:
                  return post.text
        """,
    allows="""
          def page(user, post):
        -     if user.is_admin and post.is_open:
        +     if user.is_admin and post.open_until is None:
                  return post.text
        """,
    link=cwe(284),
)
def weaker_conditions(patch: Patch) -> Iterator[Hit]:
    """A part of an `and` that said who may or what is open, and is gone; the other parts stay."""
    for file in comparable(patch):
        before, after = _find_conditions(file.old_module), _find_conditions(file.new_module)
        still = {part for parts in after.values() for part in parts}
        for source, parts in before.items():
            if source in after:
                continue
            for new_source, rest in after.items():
                missing = set(parts) - set(rest)
                is_less = new_source not in before and rest and set(rest) < set(parts)
                node = parts[min(missing)] if is_less and not missing & still else None
                if node is not None and _RIGHT.search(ast.unparse(node)):
                    what = f"line {line_of(node)} of the base: {short_source(node)}"
                    yield Hit(file.path, 0, what)


@rule(
    "removed-call",
    "person",
    "A step is gone that was called for its effect ({what}).",
    refuses="""
          def pay(order, shop):
        -     shop.ship(order)
              return order.id
        """,
    allows="""
          def pay(order, shop):
        -     shop.ship(order)
        +     shop.ship(order.parcel)
              return order.id
        """,
    link="https://arxiv.org/abs/2503.15223",
)
def fewer_steps(patch: Patch) -> Iterator[Hit]:
    """A statement that was one call, of a function that the patch calls less often. One of another
    method, on the same and with the same, is another step in its place: tests can speak for it."""
    files = comparable(patch)
    new = (node for _, node in find_new(files, _find_call_statements, ast.dump))
    others = {_write_without_name(node) for node in new if isinstance(node, ast.Call)}
    before = [(f, step) for f in files for step in _find_steps(f.old_module)]
    after = [step for f in files for step in _find_steps(f.new_module)]
    fewer = _count_calls(f.old_module for f in files) - _count_calls(f.new_module for f in files)
    for file, step in before if len(before) > len(after) else ():
        if fewer[last_name(step)] > 0 and _write_without_name(step) not in others:
            yield Hit(file.path, 0, f"line {line_of(step)} of the base: {short_source(step)}")
            return


def _count_calls(modules: Iterable[Module | None]) -> Counter[str]:
    return Counter(last_name(node) for m in modules if m for node in m.of(ast.Call))


def _guards_something(module: Module | None, test: ast.expr) -> bool:
    """Whether a condition is about rights, or a step or effect stands behind it."""
    function = module.function(test) if module else None
    if module is None or _RIGHT.search(ast.unparse(test)):
        return True
    inside = {id(node) for node in ast.walk(function or module.tree)}
    return any(
        id(node) in inside and line_of(node) > line_of(test)
        for node in (*_find_steps(module), *find_effects(module))
    )


def _find_leaves(module: Module | None) -> Iterator[ast.expr]:
    for node in module.of(ast.If) if module else ():
        match node:
            case ast.If(test=test, body=[ast.Return() | ast.Continue() | ast.Break()], orelse=[]):
                yield test


def _count_questions(modules: Iterable[Module | None]) -> int:
    """How many things the conditions of these ask for."""
    count = 0
    for module in modules:
        for node in module.of(ast.If, ast.IfExp, ast.While, ast.comprehension) if module else ():
            tests = getattr(node, "ifs", None) or [getattr(node, "test", None)]
            parts = [part for test in tests if test for part in ast.walk(test)]
            operands = sum(len(part.values) - 1 for part in parts if isinstance(part, ast.BoolOp))
            count += operands + sum(test is not None for test in tests)
    return count


def _find_decorators(module: Module | None) -> dict[str, tuple[frozenset[str], int]]:
    """Last names of the decorators of each function, by qualified name; with its line."""
    return {
        name: (frozenset(map(last_name, function.decorator_list)), function.lineno)
        for name, function in (module.functions if module else {}).items()
    }


def _find_conditions(module: Module | None) -> dict[str, dict[str, ast.expr]]:
    """Tests of branches by source, each with the parts that all have to hold."""
    conditions: dict[str, dict[str, ast.expr]] = {}
    for node in module.of(ast.If, ast.IfExp, ast.While) if module else ():
        test = getattr(node, "test", None)
        if isinstance(test, ast.expr):
            is_and = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)
            parts: list[ast.expr] = getattr(test, "values", []) if is_and else [test]
            conditions[ast.dump(test)] = {ast.dump(part): part for part in parts}
    return conditions


def _find_steps(module: Module | None) -> Iterator[ast.Call]:
    for call in _find_call_statements(module) if module else ():
        name = last_name(call)
        if not (name.startswith("__") or difflib.get_close_matches(name, _BUILDING, 1, 0.85)):
            yield call


def _find_call_statements(module: Module) -> Iterator[ast.Call]:
    for node in module.of(ast.Expr):
        match node:
            case ast.Expr(value=ast.Call() as call) | ast.Expr(value=ast.Await(ast.Call() as call)):
                yield call


def _write_without_name(call: ast.Call) -> str:
    return ast.dump(ast.Call(getattr(call.func, "value", call.func), call.args, call.keywords))


RULES = (
    fewer_decorators,
    fewer_locks,
    fewer_check_calls,
    fewer_leaves,
    weaker_conditions,
    fewer_steps,
)
