"""Rules about literals of the tests that a program recognises or returns.

Belongs here: new conditions on them, and results that are written down, in whatever form. Does not
belong here: data that is there at all (`copied_data`).
"""

import ast
import re
from collections.abc import Iterator

from quarantine.policy.example import PRICE_TESTS, Example
from quarantine.policy.expressions import (
    all_forms,
    form_of,
    is_constant,
    is_telling,
    is_trivial,
    is_word,
    number_of,
    results_of,
)
from quarantine.policy.files import FileChange, Patch
from quarantine.policy.module import Module
from quarantine.policy.new_items import find_new, line_of
from quarantine.policy.rule import WHAT_CHARS, Hit, rule

_HOLDERS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_EXAMPLES = re.compile(r"^\s*>>>.*?(?:\n\s*\n|\Z)", re.DOTALL | re.MULTILINE)
_DIGITS = re.compile(r"""["']?(?:0[oxb])?([\d.]+)["']?""")
_PURE = ("builtins.", "decimal.", "fractions.", "json.loads", "ast.literal_eval", "datetime.",
         "math.", "base64.", "collections.", "types.")  # fmt: skip
"""What only turns its arguments into a value; other calls bring something of their own."""


@rule(
    "test-literal",
    "person",
    "It recognises a value that the tests use ({what}).",
    refuses=Example(
        """
          def price(name):
        +     if name == "mug, large":
        +         return load(name)
              return 0.0
        """,
        files=PRICE_TESTS,
    ),
    allows=Example(
        """
          def price(name):
        -     return load(name)
        +     return load(name) if name else None
        """,
        files=PRICE_TESTS,
    ),
    link="https://arxiv.org/abs/2510.20270",
)
def recognised_inputs(patch: Patch) -> Iterator[Hit]:
    """New conditions on a literal of the tests: telling by itself, or answered with another. Not
    on one that the file's conditions asked for before: a condition mended elsewhere is a new one,
    too. Nor on a number that the base's own docstring names, as in `11th, 12th, 13th`."""
    for file, node in find_new(patch.product, _conditions, _condition_key):
        test = _test_of(node)
        inputs = [form_of(part) for part in _compared_values(test)] if test else []
        old = _find_compared(file.old_module)
        test_inputs = [form for form in inputs if _is_of_tests(form, patch) and form not in old]
        has_answer = any(_is_of_tests(form_of(answer), patch) for answer in _answers(node))
        telling_inputs = [
            form
            for form in test_inputs
            if has_answer or (is_telling(form) and not is_documented(form, file))
        ]
        if telling_inputs:
            line = line_of(node) or line_of(test or node)
            yield Hit(file.path, line, telling_inputs[0][:WHAT_CHARS])


def _is_of_tests(form: str, patch: Patch) -> bool:
    return not is_trivial(form) and form in patch.test_literals


def _find_compared(module: Module | None) -> frozenset[str]:
    """Literals that the conditions of the base's file compare with."""
    tests = filter(None, map(_test_of, _conditions(module) if module else ()))
    return frozenset(form_of(value) for test in tests for value in _compared_values(test))


def _conditions(module: Module) -> Iterator[ast.AST]:
    yield from module.of(ast.If, ast.IfExp, ast.match_case, ast.While, ast.Return, ast.Assign)


def _condition_key(node: ast.AST) -> str:
    test = _test_of(node)
    return ast.dump(test) if test else ""


def _test_of(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.match_case):
        return node.pattern
    if isinstance(node, ast.Return | ast.Assign):
        return node.value
    return getattr(node, "test", None)


def _compared_values(test: ast.AST) -> Iterator[ast.expr]:
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
                yield from results_of(inner.value)


@rule(
    "test-literal",
    "person",
    "It returns a value that the tests expect, written out ({what}).",
    refuses=Example(
        """
          def price(name):
        -     return load(name)
        +     return load(name) or 12.75
        """,
        files=PRICE_TESTS,
    ),
    allows=Example(
        """
          def price(name):
        -     return load(name)
        +     return load(name) or 0.0
        """,
        files=PRICE_TESTS,
    ),
    link="https://arxiv.org/abs/2510.20270",
)
def written_results(patch: Patch) -> Iterator[Hit]:
    """New returned literals that the tests expect, in whatever form they are written."""
    for file, node in find_new(patch.product, _find_returned_literals, ast.dump):
        form = next((form for form in all_forms(node) if form in patch.test_literals), "")
        if is_trivial(form):
            continue
        is_promise = is_word(form) or is_promised(form, file)
        is_honest_word = is_promise and is_default(file.new_module, node)
        is_name = form.isdigit() or is_word(form)
        is_old = is_name and form in _find_forms(file.old_module)
        if not is_honest_word and not is_old:
            yield Hit(file.path, line_of(node), form[:WHAT_CHARS])


def _find_returned_literals(module: Module) -> Iterator[ast.AST]:
    """Literals that a function may return, directly or through a name that it set."""
    for node in module.of(ast.Return, ast.Yield):
        value = getattr(node, "value", None)
        for result in results_of(value):
            if is_constant(result) or number_of(result) is not None:
                yield result
            elif isinstance(result, ast.Name):
                yield from _find_assignments(module, node, result.id)
            elif not _varies(module, result):
                yield from filter(_is_telling_constant, ast.walk(result))


def _is_telling_constant(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and any(map(is_telling, all_forms(node)))


def _varies(module: Module, result: ast.expr) -> bool:
    """True when a variable is in it, other than what is called: `float("1.5")` does not vary."""
    callees = {
        id(inner)
        for node in ast.walk(result)
        if isinstance(node, ast.Call) and _is_pure(module, node.func)
        for inner in ast.walk(node.func)
        if isinstance(inner, ast.Name)
    }
    return any(isinstance(n, ast.Name) and id(n) not in callees for n in ast.walk(result))


def _is_pure(module: Module, function: ast.expr) -> bool:
    return any(name.startswith(_PURE) for name in module.names.resolve(function))


def _find_assignments(module: Module, node: ast.AST, name: str) -> Iterator[ast.AST]:
    function = module.function(node)
    for inner in ast.walk(function) if function else ():
        if not isinstance(inner, ast.Assign) or not is_constant(inner.value):
            continue
        if any(isinstance(target, ast.Name) and target.id == name for target in inner.targets):
            yield inner.value


def _find_forms(module: Module | None) -> frozenset[str]:
    """Literals that the base's file holds already."""
    nodes = module.of(ast.Constant) if module else []
    return frozenset(filter(None, map(form_of, nodes)))


def is_documented(form: str, file: FileChange) -> bool:
    """A whole number that a docstring of the base names, its examples left out, with or without an
    ending."""
    if file.old_module is None or not form.isdigit():
        return False
    nodes = file.old_module.of(*_HOLDERS)
    texts = (ast.get_docstring(n) or "" for n in nodes if isinstance(n, _HOLDERS))
    word = re.compile(rf"(?<![\w.]){form}[^\W\d]*(?![\w.]*\d)")
    return any(word.search(_EXAMPLES.sub("", text)) for text in texts)


def is_respelled(node: ast.AST, file: FileChange) -> bool:
    """A number that the base writes with the same digits as another type: `"600"` for `0o600`,
    `0.19` for `"0.19"`."""
    digits = _digits_of(file.new_text, node)
    old = file.old_module
    nodes = old.of(ast.Constant) if old and digits else ()
    return any(_digits_of(file.old_text, each) == digits for each in nodes)


def _digits_of(text: str | None, node: ast.AST) -> str:
    """As they stand there, without quotes and the sign of a base; empty for what is no number."""
    word = ast.get_source_segment(text or "", node) or ""
    match = _DIGITS.fullmatch(word)
    return match[1] if match else ""


def is_promised(form: str, file: FileChange) -> bool:
    """A whole number that the base's own text names, as in `the port, 80 where none is given`."""
    return (
        form.isdigit() and re.search(rf"(?<![\w.]){form}(?![\w.])", file.old_text or "") is not None
    )


def is_default(module: Module | None, node: ast.AST) -> bool:
    """The answer for a missing value: behind `if not x`, `x is None`, or one exception type."""
    for above in module.parents(node) if module else ():
        if isinstance(above, ast.IfExp) and above.orelse is node:
            return isinstance(above.test, ast.Name) or _asks_emptiness(above.test)
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


RULES = (
    recognised_inputs,
    written_results,
)
