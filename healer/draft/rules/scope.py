"""What names mean in one file: what is bound where, and which import a name comes from.

Belongs here: name binding read from the syntax tree. Does not belong here: guessing.
"""

import ast
import builtins
import sys
from collections.abc import Iterator

from healer.draft.rules.source_file import SourceFile

BUILTINS = frozenset(dir(builtins))
STANDARD = frozenset(sys.stdlib_module_names)
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


def bound(node: ast.AST) -> Iterator[str]:
    """Names bound directly in a module, class or function, not in functions within it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [a for a in (arguments.vararg, arguments.kwarg) if a]
        yield from (argument.arg for argument in every)
    stack = list(ast.iter_child_nodes(node))
    while stack:
        child = stack.pop()
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield child.name
            continue
        if isinstance(child, ast.Lambda):
            continue
        yield from _binds(child)
        stack += ast.iter_child_nodes(child)


def _binds(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name


def visible(code: SourceFile, line: int) -> dict[str, int]:
    """Names that can be used on a line, with how far out they are bound (0: innermost)."""
    found: dict[str, int] = {}
    around = [
        n for n in code.nodes_on_line(line) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    for depth, function in enumerate(reversed(around)):
        for name in bound(function):
            found.setdefault(name, depth)
    for name in bound(code.tree) if code.tree else ():
        found.setdefault(name, len(around))
    for name in BUILTINS:
        found.setdefault(name, len(around) + 1)
    return found


def imports(code: SourceFile) -> dict[str, str]:
    """Local names and the dotted names that the file's imports give them."""
    found: dict[str, str] = {}
    for node in code.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def dotted(node: ast.AST, known: dict[str, str]) -> str | None:
    """The full dotted name of an expression such as `cl.Mapping`, by the imports `known`."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in known:
        return None
    return ".".join([known[node.id], *reversed(parts)])


def self_members(cls: ast.ClassDef) -> set[str]:
    """Methods, class variables and `self.x = ...` names of one class, bases not followed."""
    names = set(bound(cls))
    stored = (n for n in ast.walk(cls) if isinstance(n, ast.Attribute) and _is_store(n))
    for node in stored:
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            names.add(node.attr)
    return names


def _is_store(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store)
