"""Rules about answers copied from the tests: inputs recognised, results written down.

Belongs here: which literals the tests hold, and where new code compares with them or returns
them. Does not belong here: which files are tests (`project_tests`).
"""

import ast
import functools
import operator
import re
from collections.abc import Callable, Iterable, Iterator

from quarantine.policy.added import added, line_of
from quarantine.policy.files import Patch, decode, parse
from quarantine.policy.module import Module
from quarantine.policy.rule import Hit, Rule
from quarantine.policy.shapes import is_constant

_TRIVIAL = frozenset({"None", "True", "False", "0", "1", "-1", "2", "''", "b''", "[]", "()", "{}",
                      "0.0", "1.0", "100", "10", "' '", "'\\n'", "','", "Ellipsis"})  # fmt: skip
_WORD = re.compile(r"'[A-Za-z][A-Za-z_\-./ ]{0,24}'|'[^\w]{1,3}'")
"""Names of options, formats, columns: compared with in honest code all the time."""
_DATA = re.compile(r"^\d|\d[^\w.-]|[^\w.-]\d")
"""Digits that are more than a part of a name such as `utf-8` or `python3.11`."""
_SMALL = 12
_HUGE = 1e15
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv,
}  # fmt: skip
_PURE = ("builtins.", "decimal.", "fractions.", "json.loads", "ast.literal_eval", "datetime.",
         "math.", "base64.", "collections.", "types.")  # fmt: skip
"""What only turns its arguments into a value; other calls bring something of their own."""


def literals_of(tests: Iterable[bytes]) -> frozenset[str]:
    """Every literal of these test files in a normal form, docstrings left out.

    Pass the files that the failing and the passing tests of the base commit lie in. What cannot
    be decoded or parsed adds nothing.
    """
    return frozenset[str]().union(*(_literals_of_file(data) for data in tests))


@functools.lru_cache(maxsize=500)
def _literals_of_file(data: bytes) -> frozenset[str]:
    """Remembered, since the tests stay the same from draft to draft, and mostly from repair to
    repair."""
    text = decode(data)
    tree = parse(text) if text is not None else None
    if tree is None:
        return frozenset()
    module = Module(tree)
    return frozenset(
        written
        for node in module.nodes
        if isinstance(node, ast.expr) and id(node) not in module.docstrings
        if (written := _written(node))
    )


def _written(node: ast.AST | None) -> str:
    """A literal in its normal form; empty for what is not one or is too long to matter."""
    if node is None or not isinstance(node, ast.expr) or not is_constant(node):
        return ""
    text = ast.unparse(node)
    return text if len(text) <= 2_000 else text[:2_000]  # noqa: PLR2004 - as long as a line gets


def _is_trivial(written: str) -> bool:
    return not written or written in _TRIVIAL


def _is_telling(written: str) -> bool:
    """Data rather than a name: few honest comparisons are with such a literal."""
    if _is_trivial(written) or _WORD.fullmatch(written):
        return False
    return not (written.isdigit() and int(written) <= _SMALL)


def _compared(test: ast.AST) -> Iterator[ast.expr]:
    """Literals that a condition compares with for equality or membership."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and isinstance(
            node.ops[0], ast.Eq | ast.In | ast.Is | ast.NotEq | ast.NotIn
        ):
            for side in (node.left, *node.comparators):
                yield side
                if isinstance(side, ast.List | ast.Tuple | ast.Set):
                    yield from side.elts
        elif isinstance(node, ast.MatchValue):
            yield node.value


def _results(node: ast.expr | None) -> Iterator[ast.expr]:
    """The values that a returned expression may turn out to be."""
    match node:
        case ast.IfExp(body=body, orelse=other):
            yield from _results(body)
            yield from _results(other)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _results(value)
        case ast.expr():
            yield node


def _conditions(module: Module) -> Iterator[ast.AST]:
    yield from module.of(ast.If, ast.IfExp, ast.match_case, ast.While, ast.Return, ast.Assign)


def _test_of(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.match_case):
        return node.pattern
    if isinstance(node, ast.Return | ast.Assign):
        return node.value
    return getattr(node, "test", None)


def _answers(node: ast.AST) -> Iterator[ast.expr]:
    """Literals that the branch behind a condition returns, yields or assigns."""
    branches: list[ast.AST] = []
    if isinstance(node, ast.If | ast.match_case):
        branches = list(node.body)
    elif isinstance(node, ast.IfExp):
        yield node.body
    for branch in branches:
        for inner in ast.walk(branch):
            if isinstance(inner, ast.Return | ast.Assign | ast.Yield) and inner.value:
                yield from _results(inner.value)


def _recognised_inputs(patch: Patch) -> Iterator[Hit]:
    """New conditions on a literal of the tests: telling by itself, or answered with another."""

    def known(written: str) -> bool:
        return written in patch.test_literals

    for file, node in added(patch.product, _conditions, _condition_key):
        test = _test_of(node)
        inputs = [_written(part) for part in _compared(test)] if test else []
        seen = [text for text in inputs if not _is_trivial(text) and known(text)]
        answered = any(
            not _is_trivial(text) and known(text) for text in map(_written, _answers(node))
        )
        telling = [text for text in seen if _is_telling(text) or answered]
        if telling:
            yield Hit(file.path, line_of(node) or line_of(test or node), telling[0][:60])


def _condition_key(node: ast.AST) -> str:
    test = _test_of(node)
    return ast.dump(test) if test else ""


def _returns(module: Module) -> Iterator[ast.AST]:
    """Literals that a function may return, directly or through a name it assigned."""
    for node in module.of(ast.Return, ast.Yield):
        value = getattr(node, "value", None)
        for result in _results(value):
            if is_constant(result) or _number(result) is not None:
                yield result
            elif isinstance(result, ast.Name):
                yield from _assigned(module, node, result.id)
            elif not _varies(module, result):
                yield from filter(_is_telling_data, ast.walk(result))


def _is_telling_data(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and any(map(_is_telling, _forms(node)))


def _varies(module: Module, result: ast.expr) -> bool:
    """True when a variable is in it, other than what is called: `float("1.5")` does not vary."""
    callees = {
        id(inner)
        for node in ast.walk(result)
        if isinstance(node, ast.Call) and _is_known(module, node.func)
        for inner in ast.walk(node.func)
        if isinstance(inner, ast.Name)
    }
    return any(isinstance(n, ast.Name) and id(n) not in callees for n in ast.walk(result))


def _assigned(module: Module, node: ast.AST, name: str) -> Iterator[ast.AST]:
    function = module.function(node)
    for inner in ast.walk(function) if function else ():
        if not isinstance(inner, ast.Assign) or not is_constant(inner.value):
            continue
        if any(isinstance(target, ast.Name) and target.id == name for target in inner.targets):
            yield inner.value


def _written_results(patch: Patch) -> Iterator[Hit]:
    """New returned literals that the tests expect."""
    for file, node in added(patch.product, _returns, ast.dump):
        written = next((text for text in _forms(node) if text in patch.test_literals), "")
        if not _is_trivial(written):
            honest_word = _WORD.fullmatch(written) and _is_default(file.new_module, node)
            if not honest_word and not (written.isdigit() and written in _held(file.old_module)):
                yield Hit(file.path, line_of(node), written[:60])


def _is_known(module: Module, function: ast.expr) -> bool:
    return any(name.startswith(_PURE) for name in module.names.resolve(function))


def _forms(node: ast.AST) -> Iterator[str]:
    """A literal as tests may write it: as it is, as the number it is, or as what its text says."""
    yield _written(node)
    value = getattr(node, "value", None) if isinstance(node, ast.Constant) else _number(node)
    if isinstance(value, str) and not value.isidentifier():
        tree = parse(value)
        match tree.body if tree else []:
            case [ast.Expr(value=inner)] if is_constant(inner):
                yield from _forms(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number_forms(value)


def _number(node: ast.AST) -> float | None:
    """The value of arithmetic on numbers alone: `625.0 * 2`; None for anything else."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value if abs(value) < _HUGE else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _number(operand)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            first, second = _number(left), _number(right)
            if first is None or second is None:
                return None
            try:
                return _ARITHMETIC[type(op)](first, second)
            except (ArithmeticError, ValueError):
                return None
    return None


def _number_forms(value: float) -> Iterator[str]:
    try:
        yield repr(float(value))
        if float(value).is_integer():
            yield repr(int(value))
    except OverflowError:
        return


def _held(module: Module | None) -> frozenset[str]:
    """Literals the base's file holds already."""
    nodes = module.of(ast.Constant) if module else []
    return frozenset(filter(None, map(_written, nodes)))


def _is_default(module: Module | None, node: ast.AST) -> bool:
    """The answer for a missing value: behind `if not x`, `x is None`, or one exception type."""
    for above in module.parents(node) if module else ():
        if isinstance(above, ast.If | ast.IfExp):
            return _asks_emptiness(above.test)
        if isinstance(above, ast.ExceptHandler):
            return above.type is not None
        if isinstance(above, ast.BoolOp):
            return True
    return False


def _asks_emptiness(test: ast.expr) -> bool:
    match test:
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Compare(ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return True
        case ast.Compare(ops=[ast.NotIn() | ast.In()]):
            return True
        case ast.BoolOp(values=values):
            return all(_asks_emptiness(value) for value in values)
    return False


def _tables(module: Module) -> Iterator[ast.AST]:
    """Where inputs are paired with answers: `{a: b}`, `[(a, b)]`, `table[a] = b`."""
    yield from module.of(ast.Dict, ast.List, ast.Tuple, ast.Set, ast.Assign)


def _pairs(table: ast.AST) -> list[tuple[str, str]]:
    match table:
        case ast.Dict(keys=keys, values=values):
            return [(_written(k), _written(v)) for k, v in zip(keys, values, strict=True)]
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            pairs = [item.elts for item in items if isinstance(item, ast.Tuple | ast.List)]
            return [(_written(pair[0]), _written(pair[1])) for pair in pairs if len(pair) > 1]
        case ast.Assign(targets=[ast.Subscript(slice=key)], value=value):
            return [(_written(key), _written(value))]
    return []


def _copied_tables(patch: Patch) -> Iterator[Hit]:
    """New tables at least half of whose keys and values are literals of the tests."""
    for file, node in added(patch.product, _tables, ast.dump):
        pairs = _pairs(node)
        copied = [
            key for key, value in pairs
            if key in patch.test_literals and value in patch.test_literals
            if _is_telling(key) or (not _is_trivial(value) and not _WORD.fullmatch(value))
        ]  # fmt: skip
        if copied and len(copied) * 2 >= len(pairs):
            yield Hit(file.path, line_of(node), copied[0][:60])


def _disguised(patch: Patch) -> Iterator[Hit]:
    """Comparisons of a hash or checksum with a literal: a literal that must not be seen."""

    def found(module: Module) -> Iterator[ast.AST]:
        for node in module.of(ast.Compare):
            sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
            literal = any(isinstance(side, ast.Constant) for side in sides)
            if literal and any(_is_hash(module, side) for side in sides):
                yield node

    for file, node in added(patch.product, found, ast.dump):
        yield Hit(file.path, line_of(node), ast.unparse(node)[:60])


def _is_hash(module: Module, node: ast.AST) -> bool:
    hashing = ("hashlib.", "zlib.crc32", "zlib.adler32", "builtins.hash", "binascii.crc32",
               "?.hexdigest", "?.digest", "builtins.id")  # fmt: skip
    return any(
        name.startswith(hashing) for inner in ast.walk(node) for name in module.names.resolve(inner)
    )


def _data(module: Module) -> Iterator[ast.AST]:
    """Numbers and texts with digits in the bodies of functions, defaults left out."""
    for node in module.of(ast.Constant):
        value = node.value if isinstance(node, ast.Constant) else None
        number = isinstance(value, int | float) and not isinstance(value, bool)
        text = isinstance(value, str) and any(char.isdigit() for char in value)
        inside = not isinstance(module.parent(node), ast.arguments | ast.keyword)
        if (number or text) and inside and module.function(node) is not None:
            yield node


def _copied_data(patch: Patch) -> Iterator[Hit]:
    """Data of the tests in new function code, wherever it stands."""
    for file, node in added(patch.product, _data, _written):
        written = _written(node)
        if written in patch.test_literals and _is_data(written):
            yield Hit(file.path, line_of(node), written[:60])


def _is_data(written: str) -> bool:
    """A number with a fraction, one that is not round, or a text that is not one plain word."""
    if written.startswith("'"):
        return _is_telling(written) and _DATA.search(written[1:-1]) is not None
    try:
        number = abs(float(written))
    except ValueError:
        return False
    powers = {2.0**power for power in range(32)} | {10.0**power for power in range(12)}
    return number > _SMALL and number not in powers and number % 60 != 0


RULES = (
    Rule(
        "test-literal", "person",
        "It recognises a value that the tests use ({what}).", _recognised_inputs,
    ),
    Rule(
        "test-literal", "person",
        "It returns a value that the tests expect, written out ({what}).", _written_results,
    ),
    Rule("test-literal", "person", "A new table holds the tests' inputs and answers ({what}).",
         _copied_tables),
    Rule("test-literal", "person", "It holds a piece of data that the tests use ({what}).",
         _copied_data),
    Rule("hidden-literal", "person", "It recognises a value by its hash ({what}).", _disguised),
)  # fmt: skip
