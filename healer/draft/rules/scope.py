"""What names mean: what is bound where, which import a name comes from, where it is defined.

Belongs here: name binding read from the syntax tree. Does not belong here: the values of names
(`bindings`), and guessing.
"""

import ast
import builtins
import importlib
import importlib.util
import sys
import warnings
from collections import deque
from collections.abc import Iterator, Mapping
from types import ModuleType

from healer.draft.rules.source_file import FunctionNode, SourceFile, TextEdit
from healer.draft.rules.source_files import SourceFiles

BUILTINS = frozenset(dir(builtins))
STANDARD = frozenset(sys.stdlib_module_names)
_NOT_IMPORTABLE = frozenset({"antigravity", "this", "idlelib", "turtle", "turtledemo", "__main__"})
USUAL_ALIASES = {
    "np": ("numpy", "import numpy as np"),
    "pd": ("pandas", "import pandas as pd"),
    "plt": ("matplotlib", "import matplotlib.pyplot as plt"),
    "dt": ("datetime", "import datetime as dt"),
    "ET": ("xml", "import xml.etree.ElementTree as ET"),
}
"""Local names that nearly every program binds to the same module."""
USUAL_HOMES = {
    name: module
    for module, names in {
        "collections": "defaultdict Counter OrderedDict namedtuple deque ChainMap",
        "pathlib": "Path PurePath PurePosixPath",
        "datetime": "timedelta timezone",
        "decimal": "Decimal ROUND_HALF_UP InvalidOperation",
        "fractions": "Fraction",
        "functools": "partial reduce wraps lru_cache cached_property total_ordering cmp_to_key",
        "itertools": "chain groupby islice zip_longest accumulate product permutations "
        "combinations cycle count starmap takewhile dropwhile",
        "typing": "Any Optional Union List Dict Tuple Callable Iterable Iterator NamedTuple "
        "TypedDict Protocol TypeVar Literal",
        "dataclasses": "dataclass field asdict replace",
        "contextlib": "contextmanager suppress closing ExitStack redirect_stdout",
        "enum": "Enum IntEnum StrEnum auto",
        "abc": "ABC abstractmethod",
        "math": "sqrt ceil floor pi isclose",
        "io": "StringIO BytesIO TextIOWrapper",
        "copy": "deepcopy",
        "pprint": "pprint",
        "argparse": "ArgumentParser",
        "concurrent.futures": "ThreadPoolExecutor ProcessPoolExecutor as_completed",
        "operator": "itemgetter attrgetter",
        "threading": "Thread Lock Event",
        "tempfile": "NamedTemporaryFile TemporaryDirectory mkdtemp",
        "urllib.parse": "urljoin urlparse urlencode parse_qs quote unquote urlsplit",
        "urllib.request": "urlopen Request",
        "urllib.error": "HTTPError URLError",
        "uuid": "uuid4",
        "time": "sleep perf_counter monotonic",
        "zoneinfo": "ZoneInfo",
        "string": "ascii_letters digits Template",
        "textwrap": "dedent",
        "shlex": "quote",
        "heapq": "heappush heappop heapify",
        "bisect": "bisect_left bisect_right insort",
        "json": "JSONDecodeError",
        "subprocess": "CalledProcessError Popen",
    }.items()
    for name in names.split()
}
"""Names of the standard library that are nearly always imported from one module."""


def bound_names(node: ast.AST) -> Iterator[str]:
    """Names bound directly in a module, class or function, not in functions within it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        yield from parameter_names(node)
    stack = list(ast.iter_child_nodes(node))
    while stack:
        child = stack.pop()
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield child.name
        elif not isinstance(child, ast.Lambda):
            yield from _names_of(child)
            stack += ast.iter_child_nodes(child)


def walk_bindings(scope: ast.AST | None, name: str) -> Iterator[ast.AST]:
    """What may give a name of a scope its value, outermost first: nothing in functions and classes
    within it, whose names are their own, but where one says that the name is not."""
    waiting = deque([scope] if scope else [])
    while waiting:
        node = waiting.popleft()
        yield node
        is_inner = isinstance(node, FunctionNode | ast.Lambda | ast.ClassDef)
        if node is scope or not is_inner or _is_declared_outside(node, name):
            waiting.extend(ast.iter_child_nodes(node))


def _is_declared_outside(node: ast.AST, name: str) -> bool:
    declarations = (n for n in ast.walk(node) if isinstance(n, ast.Global | ast.Nonlocal))
    return any(name in each.names for each in declarations)


def parameter_names(function: FunctionNode | ast.Lambda) -> Iterator[str]:
    """Every parameter's name, `*args` and `**kwargs` too."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [a for a in (arguments.vararg, arguments.kwarg) if a]
    yield from (argument.arg for argument in every)


def _names_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name


def visible_names(code: SourceFile, line: int) -> dict[str, int]:
    """Names that can be used on a line, with how far out they are bound (0: innermost)."""
    names: dict[str, int] = {}
    around = code.functions_at(line)
    for depth, function in enumerate(reversed(around)):
        for name in bound_names(function):
            names.setdefault(name, depth)
    for name in module_names(code):
        names.setdefault(name, len(around))
    for name in BUILTINS:
        names.setdefault(name, len(around) + 1)
    return names


def module_names(code: SourceFile) -> set[str]:
    """Names that a file binds at its top level."""
    return set(bound_names(code.tree)) if code.tree else set()


def imported_names(code: SourceFile) -> dict[str, str]:
    """Local names and the dotted names that the file's imports give them."""
    names: dict[str, str] = {}
    for node in code.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def qualified_name(node: ast.AST, imports: Mapping[str, str]) -> str:
    """The full dotted name of an expression such as `cl.Mapping`, by a file's imports.

    Empty where it does not begin with an imported name.
    """
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in imports:
        return ""
    return ".".join([imports[node.id], *reversed(parts)])


def import_standard(module: str) -> ModuleType | None:
    """A module of the standard library, whatever it warns of; None for others, for those that are
    not there, and for those that do something when they are imported."""
    if module.partition(".")[0] not in STANDARD - _NOT_IMPORTABLE:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(module)
    except ImportError:
        return None


def is_module(name: str) -> bool:
    """There is a module of that dotted name here; the packages around it are imported."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, AttributeError, ValueError):
        return False


def add_missing_import(code: SourceFile, module: str, name: str = "") -> tuple[TextEdit, ...]:
    """`import module` or `from module import name`, where the file has no name like that yet."""
    if (name or module) in imported_names(code):
        return ()
    return (code.add_import(f"from {module} import {name}" if name else f"import {module}"),)


def class_members(cls: ast.ClassDef) -> set[str]:
    """Methods, class variables and `self.x = ...` names of one class, bases not followed."""
    names = set(bound_names(cls))
    for node in ast.walk(cls):
        is_set = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if isinstance(node, ast.Attribute) and is_set and _is_self(node.value):
            names.add(node.attr)
    return names


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def find_functions(
    files: SourceFiles, first: str, name_in_message: str
) -> Iterator[tuple[SourceFile, FunctionNode]]:
    """Functions of the repository with the name that an error message printed, such as
    `Report.total`; those of the file `first` before the others."""
    plain = name_in_message.rpartition(".")[2]
    cls = name_in_message.split(".")[-2] if "." in name_in_message else ""
    for code in files.parse_all(first):
        for node in code.nodes:
            if isinstance(node, FunctionNode) and node.name == plain:
                around = code.class_around(node)
                if cls in ("", "<locals>") or (around and around.name == cls):
                    yield code, node


def find_classes(
    files: SourceFiles, first: str, name: str
) -> Iterator[tuple[SourceFile, ast.ClassDef]]:
    """Classes of the repository by name; those of the file `first` before the others."""
    for code in files.parse_all(first):
        for node in code.nodes:
            if isinstance(node, ast.ClassDef) and node.name == name:
                yield code, node
