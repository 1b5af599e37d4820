"""Operators on conditions: negate, drop, add, replace.

Belongs here: edits of what an `if`, a loop or a filter asks.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.site import Mutation, Operator, Site

_LONGEST_CALL = 24


def condition(site: Site) -> Iterator[Mutation]:
    for test in _tests(site):
        text = site.text(test)
        bare = f"({text})" if isinstance(test, ast.BoolOp | ast.IfExp | ast.Lambda) else text
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            yield Mutation(
                "condition/drop not",
                test.lineno,
                (site.code.replace(test, site.text(test.operand)),),
            )
        else:
            negated = (
                f"not {site.tight(test)}" if not isinstance(test, ast.Compare) else f"not {text}"
            )
            yield Mutation("condition/negate", test.lineno, (site.code.replace(test, negated),))
        for extra in _extra_conditions(site):
            if extra == text:
                continue
            for word in ("and", "or"):
                for order in (f"{bare} {word} {extra}", f"{extra} {word} {bare}"):
                    yield Mutation(
                        f"condition/add {word}", test.lineno, (site.code.replace(test, order),)
                    )
            yield Mutation("condition/replace", test.lineno, (site.code.replace(test, extra),))
    for node in site.each(ast.BoolOp):
        yield from _boolean(site, node)


def _tests(site: Site) -> Iterator[ast.expr]:
    for node in site.nodes:
        if isinstance(node, ast.If | ast.While | ast.IfExp):
            yield node.test
        elif isinstance(node, ast.comprehension):
            yield from node.ifs


def _extra_conditions(site: Site) -> list[str]:
    """Tests made of what the scope has: its own comparisons, names, their emptiness, pairs."""
    found = list(site.conditions)
    values = [*site.names[:8], *site.attributes[:4]]
    for value in values:
        found += [value, f"not {value}", f"{value} is None", f"{value} is not None"]
    calls = [site.text(c) for c in site.each(ast.Call)]
    found += [c for c in calls if len(c) < _LONGEST_CALL and "\n" not in c][:6]
    for i, left in enumerate(values[:6]):
        for right in values[i + 1 : 6]:
            found += [
                f"{left} == {right}",
                f"{left} != {right}",
                f"{left} in {right}",
                f"{left} not in {right}",
            ]
    return list(dict.fromkeys(found))


def _boolean(site: Site, node: ast.BoolOp) -> Iterator[Mutation]:
    old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    changes = []
    for left, right in zip(node.values, node.values[1:], strict=False):
        start, end = site.code.span(left)[1], site.code.span(right)[0]
        changes.append(TextEdit(start, end, site.code.text[start:end].replace(old, new)))
    yield Mutation(f"boolean/{old} to {new}", node.lineno, tuple(changes))
    for value in node.values:
        rest = [v for v in node.values if v is not value]
        text = f" {old} ".join(site.text(v) for v in rest)
        yield Mutation(f"boolean/drop {old}", node.lineno, (site.put(node, text),))


def returned_test(site: Site) -> Iterator[Mutation]:
    """`return True` becomes a test of what the scope has counted or collected."""
    for node in site.each(ast.Return):
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool):
            zero = [f"{name} == 0" for name in site.names[:8]]
            for test in dict.fromkeys((*zero, *_extra_conditions(site))):
                change = site.code.replace(node.value, test)
                yield Mutation("condition/returned", node.lineno, (change,))


CONDITION_OPERATORS: tuple[Operator, ...] = (condition, returned_test)
