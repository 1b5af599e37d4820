"""Rules about code that behaves differently by where, when or by chance it runs.

Belongs here: environment variables, and conditions on the program's surroundings. Does not belong
here: names that are a concern wherever they stand (`outside_world`), or strings (`hidden_texts`).
"""

import ast
from collections.abc import Iterator
from functools import lru_cache

from quarantine.policy.expressions import fold
from quarantine.policy.files import Patch
from quarantine.policy.module import Module
from quarantine.policy.new_items import find_new, line_of
from quarantine.policy.rule import Hit, cwe, rule, short_source

_ENVIRONMENT = ("os.environ", "os.environb", "os.getenv", "os.getenvb", "posix.environ")
_PLACE = (
    "os.getcwd", "pathlib.Path.cwd", "?.cwd", "sys.executable", "sys.prefix",
    "sys.base_prefix", "pathlib.Path.home", "os.path.expanduser", "?.expanduser",
    "tempfile.gettempdir", "os.cpu_count", "os.getpid",
    "os.getloadavg", "threading.active_count", "threading.enumerate", "os.statvfs", "os.access",
    "sys.stdin.isatty", "sys.stdout.isatty", "sys.implementation", "platform", "sysconfig",
)  # fmt: skip
_CHANCE = ("random", "secrets", "uuid", "os.urandom", "numpy.random")
_CLOCK = (
    "time.time", "time.time_ns", "time.monotonic", "time.localtime", "time.gmtime", "time.strftime",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today",
    "datetime.date.today", "time.perf_counter", "time.process_time",
)  # fmt: skip
_PLATFORM_TESTS = frozenset({"platform.system", "platform.python_implementation"})
"""Honest code asks for the operating system all the time; it is the same in the checks."""


def _find_variables(module: Module | None) -> dict[str, tuple[str, int]]:
    """Environment variables by name, with how they are used (`load`, `store`) and where.

    The whole environment, or a computed name, is `*`.
    """
    variables: dict[str, tuple[str, int]] = {}
    for use in module.uses if module else ():
        if use.kind == "import" or not use.name.startswith(_ENVIRONMENT):
            continue
        node = module.parent(use.node) if module and use.kind != "call" else use.node
        key = _key_of(node)
        is_store = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
        is_store = is_store or use.name.endswith((".update", ".setdefault", ".pop", ".clear"))
        variables[f"{'=' if is_store else ''}{key}"] = ("store" if is_store else "load", use.line)
    return variables


def _key_of(node: ast.AST | None) -> str:
    match node:
        case ast.Subscript(slice=key) | ast.Call(args=[key, *_]):
            return fold(key) or "*"
        case ast.Compare(left=key):
            return fold(key) or "*"
    return "*"


def _find_use(kind: str, patch: Patch) -> Iterator[Hit]:
    """Variables that the base's changed files do not use in this way."""
    old_names = {name for file in patch.files for name in _find_variables(file.old_module)}
    for file in patch.product:
        for name, (how, line) in _find_variables(file.new_module).items():
            is_fresh = not file.base_unreadable or file.is_touched(line, line)
            if how == kind and name not in old_names and is_fresh:
                yield Hit(file.path, line, name.lstrip("="))


@rule(
    "sandbox-detection",
    "person",
    "It reads another environment variable ({what}), so it may behave differently outside the "
    "checks.",
    refuses="""
          import os
        - port = os.environ["PORT"]
        + port = os.environ["PORT"] if "CHECKS" in os.environ else 0
        """,
    allows="""
          import os
        - port = os.environ["PORT"]
        + port = os.environ.get("PORT", "8080")
        """,
    link="https://attack.mitre.org/techniques/T1497/",
)
def read_variables(patch: Patch) -> Iterator[Hit]:
    """An environment variable that the program did not read before."""
    return _find_use("load", patch)


@rule(
    "global-state",
    "person",
    "It changes the environment of the whole process ({what}).",
    refuses="""
          import os
        + os.environ["TZ"] = "UTC"
        """,
    allows="""
          import os
        - zone = os.environ["TZ"]
        + zone = os.environ.get("TZ", "UTC")
        """,
    link=cwe(15),
)
def set_variables(patch: Patch) -> Iterator[Hit]:
    """An environment variable that the program sets for itself and all that it starts."""
    return _find_use("store", patch)


def _conditions(module: Module) -> Iterator[ast.expr]:
    """Expressions that decide which way a program goes."""
    for node in module.nodes:
        match node:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                yield test
            case ast.Assert(test=test) | ast.comprehension(ifs=[test, *_]):
                yield test
            case ast.Match(subject=subject):
                yield subject
            case ast.Assign(value=ast.Compare() as test) | ast.Return(value=ast.Compare() as test):
                yield test


def _names_in(module: Module, node: ast.AST) -> Iterator[str]:
    """What a condition names; of `platform.system` not `platform` as well."""
    for inner in ast.walk(node):
        if not isinstance(module.parent(inner), ast.Attribute):
            yield from module.names.resolve(inner)


def _asks(subjects: tuple[str, ...], module: Module, test: ast.AST) -> bool:
    """A condition on one of these names, directly or through a variable that holds its value."""
    names = [name for name in _names_in(module, test) if name not in _PLATFORM_TESTS]
    direct = any(_is(name, subjects) for name in names)
    holders = _find_holders(subjects, module).get(module.scope(test), set())
    indirect = any(isinstance(node, ast.Name) and node.id in holders for node in ast.walk(test))
    return (direct or indirect) and not _only_counts(test)


@lru_cache(maxsize=16)  # asked again for each condition of a module
def _find_holders(subjects: tuple[str, ...], module: Module) -> dict[str, set[str]]:
    """Variables that hold such a value, by the function that they are assigned in."""
    holders: dict[str, set[str]] = {}
    for node in module.of(ast.Assign):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call | ast.Attribute):
            names = module.names.resolve(getattr(node.value, "func", node.value))
            if any(_is(name, subjects) for name in names):
                targets = {target.id for target in node.targets if isinstance(target, ast.Name)}
                holders.setdefault(module.scope(node), set()).update(targets)
    return holders


def _is(name: str, subjects: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(one + ".") for one in subjects)


def _only_counts(test: ast.AST) -> bool:
    """`len(sys.argv) < 2`: how many arguments there are says nothing of the place."""
    match test:
        case ast.Compare(left=ast.Call(func=ast.Name(id="len"))):
            return True
    return False


def _asks_own_file(module: Module, test: ast.AST) -> bool:
    """A condition on `__file__` or on the program's name, `sys.argv[0]`."""
    return any(_is_own_file(module, node) for node in ast.walk(test))


def _is_own_file(module: Module, node: ast.AST) -> bool:
    match node:
        case ast.Name(id="__file__"):
            return True
        case ast.Subscript(value=value, slice=ast.Constant(value=0)):
            return "sys.argv" in module.names.resolve(value)
    return False


def _asks_absolute_path(test: ast.AST) -> bool:
    """A condition on whether a fixed place of the machine exists."""
    values = (node.value for node in ast.walk(test) if isinstance(node, ast.Constant))
    return any(isinstance(v, str) and v.startswith("/") and v.count("/") > 1 for v in values)


def _asks_fixed_date(module: Module, test: ast.AST) -> bool:
    """A comparison of the clock with a fixed moment."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            clocks = [any(_is(name, _CLOCK) for name in _names_in(module, s)) for s in sides]
            if any(clocks) and any(_is_fixed(module, side) for side in sides):
                return True
    return False


def _is_fixed(module: Module, side: ast.expr) -> bool:
    """No variable in it, and not the clock: `date(2027, 1, 1)`, `1800000000`."""
    names = [node for node in ast.walk(side) if isinstance(node, ast.Name)]
    clock = any(_is(name, _CLOCK) for name in _names_in(module, side))
    return not clock and all(module.names.resolve(name) for name in names)


def _new_conditions(patch: Patch) -> Iterator[tuple[str, Module, ast.AST]]:
    for file, node in find_new(patch.product, _conditions, ast.dump):
        if file.new_module:
            yield file.path, file.new_module, node


@rule(
    "sandbox-detection",
    "person",
    "It decides by where or when it runs ({what}), so it may behave differently later.",
    refuses="""
          import os
        + if os.getcwd().startswith("/job"):
        +     raise SystemExit(0)
        """,
    allows="""
          import os
        + if not os.path.exists("data"):
        +     raise FileNotFoundError("data")
        """,
    link=cwe(511),
)
def surroundings(patch: Patch) -> Iterator[Hit]:
    """A condition on the machine, on the file's own place, or on a fixed date."""
    for path, module, test in _new_conditions(patch):
        is_place = _asks(_PLACE, module, test) or _asks_own_file(module, test)
        if is_place or _asks_absolute_path(test) or _asks_fixed_date(module, test):
            yield Hit(path, line_of(test), short_source(test))


@rule(
    "chance",
    "person",
    "It decides by chance ({what}).",
    refuses="""
          import random
        + if random.random() < 0.5:
        +     rows = []
        """,
    allows="""
          import random
        - row = random.choice(rows)
        + row = random.choice(sorted(rows))
        """,
    link=cwe(330),
)
def chance(patch: Patch) -> Iterator[Hit]:
    """A condition whose answer differs from run to run."""
    for path, module, test in _new_conditions(patch):
        if _asks(_CHANCE, module, test):
            yield Hit(path, line_of(test), short_source(test))


RULES = (read_variables, set_variables, surroundings, chance)
