"""Breakers of names: imports, variables, functions, modules.

Belongs here: taking away or misspelling what a name needs; also taking away what no rule can know,
which tempts to a wrong name. Does not belong here: what is asked of a value (`members`), and old
names (`old_python`).
"""

import ast
import random
import sys

from benchmarks.rules_precision.breaks import (
    SHORTEST,
    Break,
    Way,
    block_of,
    every_name,
    functions,
    is_alone_on_its_lines,
    loads_after,
    misspell,
    nodes,
    pick,
    replace,
    without_lines,
)
from healer.draft.rules.scope import (
    BUILTINS,
    STANDARD,
    bound_names,
    module_names,
    visible_names,
)
from healer.draft.rules.source_file import FunctionNode, SourceFile

UNDEFINED = "name '{}' is not defined"


def import_removed(code: SourceFile, source: random.Random) -> Break | None:
    """One name of one import at the top of the file is gone; a use of it is run."""
    statements = [
        node
        for node in (code.tree.body if code.tree else ())
        if isinstance(node, ast.Import | ast.ImportFrom)
        and getattr(node, "module", "") != "__future__"
        and is_alone_on_its_lines(code, node)
    ]
    node = pick(statements, source)
    if node is None or code.tree is None:
        return None
    alias = source.choice(node.names)
    local = alias.asname or alias.name.partition(".")[0]
    uses = loads_after(code.tree, local, 0)
    if local == "*" or not uses or list(bound_names(code.tree)).count(local) > 1:
        return None
    use = source.choice(uses)
    if len(node.names) == 1:
        text, lines = without_lines(code, node)
    else:
        rest = ast.unparse(_without(node, alias))
        text, lines = replace(code, (node, rest)), (node.end_lineno or node.lineno) - node.lineno
    return Break(text, use.lineno - lines, "NameError", UNDEFINED.format(local))


def _without(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    names = [each for each in node.names if each is not alias]
    if isinstance(node, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(node.module, names, node.level)


def name_misspelled(code: SourceFile, source: random.Random) -> Break | None:
    """One use of a variable, function or class of the file is misspelled."""
    uses = [
        node
        for node in nodes(code, ast.Name)
        if isinstance(node.ctx, ast.Load)
        and len(node.id) >= SHORTEST
        and node.id in visible_names(code, node.lineno)
    ]
    use = pick(uses, source)
    wrong = use and misspell(use.id, every_name(code), source)
    if not use or not wrong:
        return None
    return Break(replace(code, (use, wrong)), use.lineno, "NameError", UNDEFINED.format(wrong))


def assignment_misspelled(code: SourceFile, source: random.Random) -> Break | None:
    """A variable is assigned once, under a misspelling."""
    places = _single_assignments(code)
    choice = pick(places, source)
    if choice is None:
        return None
    _, target, use = choice
    wrong = misspell(target.id, every_name(code), source) if len(target.id) >= SHORTEST else None
    if wrong is None:
        return None
    message = UNDEFINED.format(target.id)
    return Break(
        replace(code, (target, wrong)), use.lineno, "NameError", message, renames={wrong: target.id}
    )


def assignment_removed(code: SourceFile, source: random.Random) -> Break | None:
    """The only assignment of a variable is gone."""
    choice = pick(_single_assignments(code), source)
    if choice is None:
        return None
    statement, target, use = choice
    if len(block_of(code, statement)) < 2 or not is_alone_on_its_lines(code, statement):
        return None
    if code.segment(statement.value) == f"self.{target.id}":
        return None  # `self.` at the use is as good
    text, lines = without_lines(code, statement)
    message = UNDEFINED.format(target.id)
    return Break(text, use.lineno - lines, "NameError", message, can_be_mended=False)


def _single_assignments(code: SourceFile) -> list[tuple[ast.Assign, ast.Name, ast.Name]]:
    """Assignments in functions and at the top, of names that nothing else binds, with a use."""
    places = []
    for scope in [*functions(code), code.tree]:
        names = list(bound_names(scope)) if scope else []
        for node in ast.walk(scope) if scope else ():
            if not isinstance(node, ast.Assign) or len(node.targets) != 1:
                continue
            target = node.targets[0]
            if not isinstance(target, ast.Name) or names.count(target.id) != 1:
                continue
            is_outer = isinstance(scope, FunctionNode) and target.id in (
                {*module_names(code), *BUILTINS}
            )
            uses = loads_after(scope or node, target.id, node.end_lineno or node.lineno)
            if uses and not is_outer and code.function_at(node.lineno) in (scope, None):
                places.append((node, target, uses[0]))
    return places


def parameter_removed(code: SourceFile, source: random.Random) -> Break | None:
    """A function uses a parameter that it does not take."""
    places = []
    for function in functions(code):
        for argument in function.args.args:
            uses = loads_after(function, argument.arg, function.body[0].lineno - 1)
            is_only = argument.arg not in {*module_names(code), *BUILTINS, "self", "cls"}
            if uses and is_only and not function.args.defaults and argument.annotation is None:
                places.append((argument, uses[0]))
    choice = pick(places, source)
    if choice is None:
        return None
    argument, use = choice
    start, end = code.span(argument)
    rest = code.text[end:]
    comma = rest[: len(rest) - len(rest.lstrip(" ,"))]
    text = code.text[:start] + rest[len(comma) :]
    return Break(text, use.lineno, "NameError", UNDEFINED.format(argument.arg), can_be_mended=False)


def function_removed(code: SourceFile, source: random.Random) -> Break | None:
    """A function or class of the file's top level is gone; a use of it is run."""
    places = []
    for node in code.tree.body if code.tree else ():
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and code.tree:
            names = list(bound_names(code.tree))
            inside = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            uses = [u for u in loads_after(code.tree, node.name, 0) if u.lineno not in inside]
            if uses and names.count(node.name) == 1:
                places.append((node, uses))
    choice = pick(places, source)
    if choice is None:
        return None
    node, uses = choice
    use = source.choice(uses)
    text, lines = without_lines(code, node)
    line = use.lineno - (lines if use.lineno > node.lineno else 0)
    return Break(text, line, "NameError", UNDEFINED.format(node.name), can_be_mended=False)


def global_removed(code: SourceFile, source: random.Random) -> Break | None:
    """A function changes an outer variable without `global`."""
    places = [
        (node, change)
        for node in nodes(code, ast.Global)
        if len(node.names) == 1 and len(block_of(code, node)) > 1
        for change in ast.walk(code.function_at(node.lineno) or node)
        if isinstance(change, ast.AugAssign) and getattr(change.target, "id", "") == node.names[0]
    ]
    choice = pick(places, source)
    if choice is None or not is_alone_on_its_lines(code, choice[0]):
        return None
    node, change = choice
    text, lines = without_lines(code, node)
    message = (
        f"cannot access local variable '{node.names[0]}' where it is not associated with a value"
    )
    return Break(text, change.lineno - lines, "UnboundLocalError", message)


def module_misspelled(code: SourceFile, source: random.Random) -> Break | None:
    """A standard module is misspelled where it is imported."""
    places = [
        (node, name)
        for node in code.nodes
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0)
        for name in [getattr(node, "module", "") or node.names[0].name]
        if name in STANDARD and len(name) >= SHORTEST
        if isinstance(node, ast.ImportFrom) or node.names[0].asname
    ]
    choice = pick(places, source)
    if choice is None:
        return None
    node, name = choice
    wrong = misspell(name, set(sys.stdlib_module_names), source)
    if wrong is None:
        return None
    text = replace(code, (node, code.segment(node).replace(name, wrong, 1)))
    return Break(text, node.lineno, "ModuleNotFoundError", f"No module named '{wrong}'")


def module_not_installed(code: SourceFile, source: random.Random) -> Break | None:
    """A package that the file imports is not installed here."""
    places = [
        (node, name)
        for node in code.nodes
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0)
        for name in [(getattr(node, "module", "") or node.names[0].name)]
        if name.partition(".")[0] not in STANDARD
    ]
    choice = pick(places, source)
    if choice is None:
        return None
    node, name = choice
    message = f"No module named '{name.partition('.')[0]}'"
    return Break(code.text, node.lineno, "ModuleNotFoundError", message, can_be_mended=False)


def submodule_removed(code: SourceFile, source: random.Random) -> Break | None:
    """`import xml.dom.minidom` has become `import xml`."""
    places = [
        node
        for node in (code.tree.body if code.tree else ())
        if isinstance(node, ast.Import)
        and len(node.names) == 1
        and "." in node.names[0].name
        and not node.names[0].asname
        and node.names[0].name.partition(".")[0] in STANDARD - {"os"}
    ]
    node = pick(places, source)
    if node is None or code.tree is None:
        return None
    name = node.names[0].name
    top, _, rest = name.partition(".")
    uses = [n for n in nodes(code, ast.Attribute) if code.segment(n).startswith(name)]
    use = pick(uses, source)
    if use is None:
        return None
    message = f"module '{top}' has no attribute '{rest.partition('.')[0]}'"
    text = replace(code, (node, f"import {top}"))
    return Break(text, use.lineno, "AttributeError", message)


BREAKERS: dict[str, Way] = {
    "an import is gone": Way(import_removed),
    "a name is misspelled": Way(name_misspelled),
    "an assignment is misspelled": Way(assignment_misspelled),
    "an assignment is gone": Way(assignment_removed),
    "a parameter is gone": Way(parameter_removed),
    "a function is gone": Way(function_removed),
    "global is gone": Way(global_removed, "global "),
    "a module is misspelled": Way(module_misspelled, "from "),
    "a package is not installed": Way(module_not_installed, "import "),
    "a submodule is not imported": Way(submodule_removed, "import "),
}
