"""Public functions take and give typed facts, not dicts of anything.

Belongs here: what a dict of anything is: `dict` and `Mapping` without parameters, or with values
of `Any` or `object`. Does not belong here: the few places at the very edge where it is right;
they are told in allowed.toml, each with its reason.
"""

import ast
from collections.abc import Iterator

from scripts.checks.sources import Problem, Source

CHECK = "signatures"
_MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
_ANYTHING = frozenset({"Any", "object"})


def find_dicts(source: Source) -> Iterator[Problem]:
    """The parameters and results of public functions of a file that are dicts of anything."""
    yield from _of_body(source, source.tree.body)


def _of_body(source: Source, body: list[ast.stmt]) -> Iterator[Problem]:
    for node in body:
        if getattr(node, "name", "_").startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield from _of_body(source, node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for name, annotation in _annotations(node):
                if is_dict_of_anything(annotation):
                    yield source.problem(
                        CHECK, node, f"{node.name}: {name} is {ast.unparse(annotation)}: "
                        "give the fact a type",
                    )  # fmt: skip


def _annotations(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
) -> Iterator[tuple[str, ast.expr]]:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    for argument in arguments:
        if argument.annotation is not None:
            yield argument.arg, argument.annotation
    if node.returns is not None:
        yield "its result", node.returns


def is_dict_of_anything(annotation: ast.AST) -> bool:
    """Whether a dict of anything stands anywhere in this annotation."""
    if isinstance(annotation, ast.Subscript) and _name(annotation.value) in _MAPPINGS:
        parameters = annotation.slice
        values = parameters.elts[-1] if isinstance(parameters, ast.Tuple) else parameters
        return _name(values) in _ANYTHING or is_dict_of_anything(values)
    if isinstance(annotation, ast.Subscript) and _name(annotation.value) == "Literal":
        return False
    if _name(annotation) in _MAPPINGS:
        return True
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return is_dict_of_anything(ast.parse(annotation.value, mode="eval").body)
        except SyntaxError:
            return False  # text of an `Annotated`
    return any(is_dict_of_anything(child) for child in ast.iter_child_nodes(annotation))


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
