"""A resource is a with-block: a class with `close` has `__enter__` and `__exit__`.

Belongs here: that rule. Does not belong here: whether the users of a class write `with`.
"""

import ast
from collections.abc import Iterable, Iterator

from scripts.checks.sources import Problem, Source

CHECK = "resources"
_WAYS_OUT = frozenset({"close", "aclose"})


def find_open_ends(files: Iterable[Source]) -> Iterator[Problem]:
    """The classes that can be closed and cannot be entered. Protocols are needs, not resources."""
    classes: dict[str, tuple[Source, ast.ClassDef]] = {}
    for source in files:
        for node in source.nodes:
            if isinstance(node, ast.ClassDef):
                classes[node.name] = (source, node)
    for source, node in classes.values():
        methods = _methods(node)
        if methods & _WAYS_OUT and "Protocol" not in _bases(node):
            bases = [classes[base][1] for base in _bases(node) if base in classes]
            with_bases = methods.union(*(_methods(base) for base in bases))
            if not with_bases & {"__enter__", "__aenter__"}:
                yield source.problem(
                    CHECK, node, f"{node.name} has close() and no __enter__: make it a with-block"
                )


def _methods(node: ast.ClassDef) -> frozenset[str]:
    return frozenset(
        item.name for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _bases(node: ast.ClassDef) -> list[str]:
    bases = []
    for base in node.bases:
        inner = base.value if isinstance(base, ast.Subscript) else base
        bases.append(inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", ""))
    return bases
