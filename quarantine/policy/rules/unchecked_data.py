"""The rule about data that gets past what the code declares of it.

Belongs here: ways around a model, a schema or a validator that leave the declaration as it is. Does
not belong here: declarations that are made weaker or taken away (`declared_data`). A validation
error names what the data should be: a fix that has it accepted all the same is wrong more often
than the data's owner is.
"""

import ast
import re
from collections.abc import Iterator

from quarantine.policy.module import Module
from quarantine.policy.rule import cwe, node_rule

_UNCHECKED = frozenset({"model_construct", "construct"})
_FIRST_VALIDATORS = frozenset({"BeforeValidator", "WrapValidator", "PlainValidator"})
_REFUSALS = re.compile(r"(Validation|Schema)Errors?$|^(Multiple)?Invalid$")
"""Exceptions by which data is refused."""
_LOOSER = {
    "unknown": None,
    "partial": True,
    "nullable": True,
    "coerce_numbers_to_str": True,
}
"""Keywords with the value that asks less of the data; None: any."""
_STRICT_CALLS = frozenset(
    {"model_validate", "model_validate_json", "validate_python", "validate_json", "ConfigDict",
     "Field"}
)  # fmt: skip
_ON_START = ("__post_init__", "__attrs_post_init__")


@node_rule(
    "unchecked-data",
    "person",
    "Data gets past what the code declares of it ({what}).",
    refuses="""
          from orders import Order
          def read(rows):
        -     return [Order(**row) for row in rows]
        +     return [Order.model_construct(**row) for row in rows]
        """,
    allows="""
          from orders import Order
          def read(rows):
        -     return [Order(total=row["total"]) for row in rows]
        +     return [Order(total=row["amount"]) for row in rows]
        """,
    link=cwe(20),
)
def unchecked_data(module: Module) -> Iterator[ast.AST]:
    """A model that is made without its checks, a check that is asked for less, an error of
    validation that is passed over, and what changes data before it is checked."""
    for call in module.of(ast.Call):
        if isinstance(call, ast.Call) and _asks_less(call):
            yield call
    for handler in module.of(ast.ExceptHandler):
        if isinstance(handler, ast.ExceptHandler) and handler.type and _passes_over(handler):
            yield handler.type  # what is done there may be another thing, where it was passed over
    for owner in module.of(ast.ClassDef):
        if isinstance(owner, ast.ClassDef):
            yield from _find_rewrites(owner)


def _name_of(node: ast.AST | None) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return ast.unparse(function).rpartition(".")[2] if function is not None else ""


def _asks_less(call: ast.Call) -> bool:
    name = _name_of(call)
    if name in _UNCHECKED:
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        return owner is not None and ast.unparse(owner).rpartition(".")[2][:1].isupper()
    if name == "suppress":
        return any(_REFUSALS.search(_name_of(each)) for each in call.args)
    return name in _FIRST_VALIDATORS or any(_is_looser(name, each) for each in call.keywords)


def _is_looser(name: str, keyword: ast.keyword) -> bool:
    value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
    if keyword.arg == "strict":
        return name in _STRICT_CALLS and value is False
    if keyword.arg not in _LOOSER:
        return False
    return _LOOSER[keyword.arg] in (None, value)


def _passes_over(handler: ast.ExceptHandler) -> bool:
    """It catches a refusal, and nothing in it is sure to say so."""
    every = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    is_about = any(_REFUSALS.search(_name_of(each)) for each in every)
    return is_about and not isinstance(handler.body[-1], ast.Raise)


def _find_rewrites(owner: ast.ClassDef) -> Iterator[ast.AST]:
    """What is done to the data before the checks of a class."""
    for function in owner.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        if function.name == "_missing_" or any(map(_is_first, function.decorator_list)):
            yield function
        if function.name in _ON_START:
            yield from (n for n in ast.walk(function) if _is_own_field(n))


def _is_first(decorator: ast.expr) -> bool:
    """A validator that is asked before the declared type is."""
    if _name_of(decorator) == "pre_load":
        return True
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    words = {(each.arg, ast.unparse(each.value).strip("'\"")) for each in keywords}
    return bool(words & {("mode", "before"), ("mode", "wrap"), ("mode", "plain"), ("pre", "True")})


def _is_own_field(node: ast.AST) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(ast.unparse(each).startswith("self.") for each in targets)


RULES = (unchecked_data,)
