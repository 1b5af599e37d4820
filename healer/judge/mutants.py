"""Small mistakes on given lines of a source, to see whether the checks would kill them.

Belongs here: making mutants from text. Does not belong here: running them.
"""

import ast
import itertools
from collections.abc import Iterable, Iterator

from healer.failure import Fact
from healer.judge.other_constants import find_other_constants
from healer.judge.positions import Parents, Text

LIMIT = 20
"""Mutants for one candidate; more cost time and tell little more."""


OTHER_VALUE = "another value of the same kind"

CHANGED = (
    "(lambda _v: (not _v) if isinstance(_v, bool) else True if _v is NotImplemented"
    " else _v + '~' if isinstance(_v, str)"
    " else _v + b'~' if isinstance(_v, bytes)"
    " else _v + 1 if isinstance(_v, (int, float, complex))"
    " or type(_v).__name__ in ('Decimal', 'Fraction', 'ndarray', 'Series', 'DataFrame')"
    " else ([] if _v else [None]) if isinstance(_v, list)"
    " else (() if _v else (None,)) if type(_v) is tuple"
    " else ({} if _v else {None: None}) if isinstance(_v, dict)"
    " else (set() if _v else {None}) if isinstance(_v, (set, frozenset))"
    " else _v.replace(year=_v.year + 1) + __import__('datetime').timedelta(_v.toordinal() % 7)"
    " if type(_v).__name__ in ('date', 'datetime')"
    " else _v + _v if type(_v).__name__ == 'timedelta'"
    " else (type(_v)() if _v else type(_v)([None])) if type(_v).__name__ == 'deque'"
    " else range(0 if _v else 1) if isinstance(_v, range)"
    " else _v._replace(**{_v._fields[0]: None}) if isinstance(_v, tuple) and _v._fields"
    " else [_m for _m in type(_v) if _m is not _v][0] if hasattr(type(_v), '__members__')"
    " else _v.replace(hour=(_v.hour + 1) % 24) if type(_v).__name__ == 'time'"
    " else _v / '_' if hasattr(_v, 'joinpath')"
    " else type(_v)(int=_v.int ^ 1) if type(_v).__name__ == 'UUID'"
    " else iter([None] * (not [1 for _, _m in zip((1,), _v)]))"
    " if hasattr(_v, '__next__') and not hasattr(_v, 'read')"
    " else _v.has_no_other_value_of_its_kind)"
)
"""Called with a value, gives another of the same kind. A value of an unknown kind is an error,
which tells nothing: only what a check says about a value counts (`kills`). Two days are moved by
different amounts, so that what lies between them is another, too. A tilde means nothing in a
pattern, an address or a statement, as a question mark does. An iterator becomes one without
anything, or with one `None` where it has nothing."""


OTHER_ORDER = "the reverse order"

REVERSED = "__import__('functools').cmp_to_key(lambda _a, _b: (_a < _b) - (_b < _a))"
"""As `CHANGED`, for what things are put in order by: another value of the same kind, such as one
more, leaves their order as it was."""

UNLIKELY_FIXES = {OTHER_VALUE: CHANGED, OTHER_ORDER: REVERSED}
"""What no one would write as a fix: it only shows whether a check looks at the value."""


class Mutant(Fact):
    """One changed source."""

    line: int
    """Where the statement begins that holds the change."""
    before: str
    after: str
    source: str
    lets_through: bool = False
    """It takes from a handler what that caught."""

    @property
    def description(self) -> str:
        """`before -> after`, for a person."""
        return f"{self.before} -> {self.after}"


_SWAPS: dict[type[ast.AST], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "//", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "*",
    ast.Lt: ">=", ast.LtE: ">", ast.Gt: "<=", ast.GtE: "<", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
    ast.And: "or", ast.Or: "and",
}  # fmt: skip


def make_mutants(source: str, lines: Iterable[int], limit: int = LIMIT) -> tuple[Mutant, ...]:
    """At most `limit` mutants of the statements that begin on the given 1-based lines, spread over
    them; none if the source does not parse or is too long. Every mutant parses."""
    if len(source) > LONGEST_SOURCE:
        return ()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    numbers = frozenset(lines)
    text, parents = Text(source), Parents(tree)
    by_line: dict[int, list[Mutant]] = {}
    sources = {source}
    for node in ast.walk(tree):
        for mutant in _mutate_node(node, text, parents, numbers):
            if mutant.source not in sources and _parses(mutant.source):
                sources.add(mutant.source)
                by_line.setdefault(mutant.line, []).append(mutant)
    return tuple(_spread(by_line, limit))


def make_result_mutants(
    source: str, lines: Iterable[int], limit: int = LIMIT
) -> tuple[Mutant, ...]:
    """At most `limit` mutants that return or yield another value, each at one place of a function
    that holds one of the given lines: a test that kills one says what such a function gives."""
    if len(source) > LONGEST_SOURCE:
        return ()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    text, parents, numbers = Text(source), Parents(tree), set(lines)
    functions = [n for n in ast.walk(tree) if isinstance(n, _FUNCTIONS)]
    around = [n for n in functions if numbers & set(range(n.lineno, (n.end_lineno or 0) + 1))]
    values = dict.fromkeys(value for function in around for value in _results(function))
    mutants = (
        _replace(v.lineno, *text.span(v), _other_kind(parents.find_sort_key(v)), text)
        for v in values
    )
    return tuple(itertools.islice((m for m in mutants if _parses(m.source)), limit))


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _results(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    """What a function returns and yields, without the functions inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Return | ast.Yield) and not _is_none(node.value):
            yield node.value  # type: ignore[misc]  # it is not None
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)


def _mutate_node(
    node: ast.AST, text: Text, parents: Parents, lines: frozenset[int]
) -> Iterator[Mutant]:
    if not isinstance(node, ast.expr | ast.stmt):
        return
    line = parents.line_of(node)
    if line not in lines or _is_log(parents.statement(node)):
        return
    if isinstance(node, ast.stmt):
        mutants = _mutate_statement(node, text)
    elif handler := parents.find_handler(node):
        mutants = _catch_less(node, text) if node is handler.type else iter(())
    elif parents.is_inside_text(node):
        return
    else:
        mutants = _mutate_expression(node, text, parents)
        key = parents.find_sort_key(node)
        if node is key or (key is None and parents.is_value(node)):
            other = _replace(node.lineno, *text.span(node), _other_kind(key), text)
            mutants = itertools.chain([other], mutants)
    for mutant in mutants:
        yield mutant.model_copy(update={"line": line})


def _other_kind(key: ast.expr | None) -> str:
    """`key`: what things are put in order by, where the value is that."""
    return OTHER_VALUE if key is None else OTHER_ORDER


def _is_none(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _is_log(node: ast.stmt) -> bool:
    """A line of the log: people read it, and tests seldom do."""
    call = node.value if isinstance(node, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in _LOGGED
    )


_LOGGED = frozenset(("debug", "info", "warning", "error", "exception", "critical", "log"))


def _mutate_expression(node: ast.expr, text: Text, parents: Parents) -> Iterator[Mutant]:
    if isinstance(node, ast.BinOp):
        yield from _swap_operator(node.left, node.op, node.right, text)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _swap_operator(node.left, node.ops[0], node.comparators[0], text)
    elif isinstance(node, ast.BoolOp):
        yield from _swap_operator(node.values[0], node.op, node.values[1], text)
    elif isinstance(node, ast.IfExp):
        yield from (_replace_node(node.test, text, new) for new in ("True", "False"))
    elif isinstance(node, ast.Constant) and not parents.is_flag(node):
        yield from (_replace_node(node, text, new) for new in find_other_constants(node.value))
    elif isinstance(node, ast.Call) and len(node.args) > 1 and _name_of(node) not in _SYMMETRIC:
        first, second = text.span(node.args[0]), text.span(node.args[1])
        arguments = f"{text.get(*second)}, {text.get(*first)}"
        yield _replace(node.lineno, first[0], second[1], arguments, text)


_BROAD = frozenset(("Exception", "BaseException"))


def _catch_less(node: ast.expr, text: Text) -> Iterator[Mutant]:
    """A handler that lets through what it caught, one exception of several at a time. One that
    catches nearly everything has none: that tests need some of it says nothing for the rest."""
    names = node.elts if isinstance(node, ast.Tuple) else [node]
    parts = [text.get(*text.span(each)) for each in names]
    if _BROAD.isdisjoint(parts):
        for place in range(len(parts)):
            others = "".join(f"{part}, " for part in (*parts[:place], *parts[place + 1 :]))
            mutant = _replace_node(node, text, f"({others})")
            yield mutant.model_copy(update={"lets_through": True})


_SYMMETRIC = frozenset(("max", "min", "gcd", "lcm", "hypot", "isclose", "isdisjoint", "samefile"))
"""Functions that give the same whichever of two arguments stands first."""


def _name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _mutate_statement(node: ast.stmt, text: Text) -> Iterator[Mutant]:
    if isinstance(node, ast.If):
        if not _normalises(node):
            yield from (_replace_node(node.test, text, new) for new in ("True", "False"))
    elif isinstance(node, ast.Return) and _is_none(node.value):
        yield _replace_node(node, text, "return 0")
    elif isinstance(node, ast.While):
        yield _replace_node(node.test, text, f"(not ({text.get(*text.span(node.test))}))")
    elif isinstance(node, ast.Import | ast.ImportFrom | ast.AugAssign | ast.Expr | ast.Raise):
        yield _replace_node(node, text, "pass")


def _normalises(node: ast.If) -> bool:
    """`if x is None: x = []`: whether it is done always or only then is mostly the same."""
    names = {each.id for each in ast.walk(node.test) if isinstance(each, ast.Name)}
    return not node.orelse and all(
        isinstance(each, ast.Assign)
        and all(isinstance(target, ast.Name) and target.id in names for target in each.targets)
        for each in node.body
    )


def _swap_operator(a: ast.expr, op: ast.AST, b: ast.expr, text: Text) -> Iterator[Mutant]:
    new = _SWAPS.get(type(op))
    if new is None:
        return
    (start, a_end), (b_start, end) = text.span(a), text.span(b)
    code = f"({text.get(start, a_end)}) {new} ({text.get(b_start, end)})"
    yield _replace(a.lineno, start, end, code, text)


def _replace_node(node: ast.expr | ast.stmt, text: Text, new: str) -> Mutant:
    return _replace(node.lineno, *text.span(node), new, text)


def _replace(line: int, start: int, end: int, new: str, text: Text) -> Mutant:
    before = text.get(start, end)
    call = UNLIKELY_FIXES.get(new)
    code = f"{call}(({before}))" if call else new  # a tuple may have no brackets
    return Mutant(
        line=line,
        before=" ".join(before.split())[:80],
        after=" ".join(new.split())[:80],
        source=text.replace(start, end, code),
    )


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def _spread(by_line: dict[int, list[Mutant]], limit: int) -> Iterator[Mutant]:
    """One of each line in turn, so that no line takes all the places."""
    queues = [list(mutants) for _, mutants in sorted(by_line.items())]
    count = 0
    while count < limit and any(queues):
        for queue in queues:
            if queue and count < limit:
                count += 1
                yield queue.pop(0)


LONGEST_SOURCE = 250_000
"""Characters; each mutant is a whole file that is parsed once more. Nothing is tried in a longer
one, and a fix of which nothing was tried is weak."""
