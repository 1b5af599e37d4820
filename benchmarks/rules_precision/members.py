"""Breakers of what is asked of a value by name: members, arguments, keys.

Belongs here: taking away or misspelling such a name, and taking away what no rule can know. Does
not belong here: variables and imports (`names`).
"""

import ast
import random

from benchmarks.rules_precision.breaks import (
    SHORTEST,
    Break,
    Way,
    block_of,
    every_name,
    functions,
    is_alone_on_its_lines,
    misspell,
    nodes,
    pick,
    replace,
    without_lines,
)
from healer.draft.rules.scope import (
    STANDARD,
    bound_names,
    class_members,
    import_standard,
    imported_names,
    parameter_names,
    qualified_name,
    visible_names,
)
from healer.draft.rules.source_file import FunctionNode, SourceFile


def self_removed(code: SourceFile, source: random.Random) -> Break | None:
    """A method uses a member without `self.`."""
    places = [
        node
        for node in _members_of_self(code)
        if node.attr not in visible_names(code, node.lineno)
        and (cls := code.class_around(node))
        and node.attr in class_members(cls)
    ]
    node = pick(places, source)
    if node is None:
        return None
    message = f"name '{node.attr}' is not defined"
    return Break(replace(code, (node, node.attr)), node.lineno, "NameError", message)


def _members_of_self(code: SourceFile) -> list[ast.Attribute]:
    return [
        node
        for node in nodes(code, ast.Attribute)
        if isinstance(node.value, ast.Name)
        and node.value.id == "self"
        and isinstance(node.ctx, ast.Load)
        and code.class_around(node)
    ]


def module_member_misspelled(code: SourceFile, source: random.Random) -> Break | None:
    """A function, class or constant of a standard module is misspelled after the dot."""
    imports, places = imported_names(code), []
    for node in nodes(code, ast.Attribute):
        owner = qualified_name(node.value, imports)
        if owner in STANDARD and hasattr(import_standard(owner), node.attr):
            places.append((node, owner))
    choice = pick(places, source)
    if choice is None or len(choice[0].attr) < SHORTEST:
        return None
    node, owner = choice
    wrong = misspell(node.attr, set(dir(import_standard(owner))), source)
    if wrong is None:
        return None
    text = replace(code, (node, f"{code.segment(node.value)}.{wrong}"))
    message = f"module '{owner}' has no attribute '{wrong}'"
    return Break(text, node.end_lineno or node.lineno, "AttributeError", message)


def member_misspelled(code: SourceFile, source: random.Random) -> Break | None:
    """A member of the own class is misspelled where it is read."""
    node = pick([n for n in _members_of_self(code) if len(n.attr) >= SHORTEST], source)
    cls = code.class_around(node) if node else None
    wrong = misspell(node.attr, every_name(code), source) if node else None
    if not node or not cls or not wrong or node.attr not in class_members(cls):
        return None
    message = f"'{cls.name}' object has no attribute '{wrong}'"
    text = replace(code, (node, f"self.{wrong}"))
    return Break(text, node.lineno, "AttributeError", message)


def member_removed(code: SourceFile, source: random.Random) -> Break | None:
    """The only statement that sets a member, or the method of that name, is gone."""
    node = pick(_members_of_self(code), source)
    cls = code.class_around(node) if node else None
    if node is None or cls is None or cls.bases:
        return None
    makers = [
        statement
        for statement in ast.walk(cls)
        if (isinstance(statement, FunctionNode) and statement.name == node.attr)
        or (
            isinstance(statement, ast.Assign)
            and any(getattr(t, "attr", "") == node.attr for t in statement.targets)
        )
    ]
    if len(makers) != 1 or len(block_of(code, makers[0])) < 2:
        return None
    maker = makers[0]
    is_inside = maker.lineno <= node.lineno <= (maker.end_lineno or maker.lineno)
    if is_inside or not is_alone_on_its_lines(code, maker):
        return None
    text, lines = without_lines(code, maker)
    line = node.lineno - (lines if node.lineno > maker.lineno else 0)
    message = f"'{cls.name}' object has no attribute '{node.attr}'"
    return Break(text, line, "AttributeError", message, can_be_mended=False)


def super_removed(code: SourceFile, source: random.Random) -> Break | None:
    """A subclass's `__init__` does not call its base's, which sets what a method reads."""
    classes = {node.name: node for node in nodes(code, ast.ClassDef)}
    places = []
    for node in nodes(code, ast.Expr):
        cls, function = code.class_around(node), code.function_at(node.lineno)
        is_start = code.segment(node).startswith("super().__init__(")
        if not (cls and function and is_start and function.name == "__init__"):
            continue
        bases = [classes[b.id] for b in cls.bases if isinstance(b, ast.Name) and b.id in classes]
        for use in _members_of_self(code):
            is_of_base = any(use.attr in class_members(base) for base in bases)
            methods = {m for base in bases for m in bound_names(base)}
            if code.class_around(use) is cls and is_of_base and use.attr not in methods:
                places.append((node, cls, use))
    choice = pick(places, source)
    if choice is None or len(block_of(code, choice[0])) < 2:
        return None
    node, cls, use = choice
    if use.attr in class_members(cls) or not is_alone_on_its_lines(code, node):
        return None
    text, lines = without_lines(code, node)
    line = use.lineno - (lines if use.lineno > node.lineno else 0)
    message = f"'{cls.name}' object has no attribute '{use.attr}'"
    return Break(text, line, "AttributeError", message)


def keyword_misspelled(code: SourceFile, source: random.Random) -> Break | None:
    """An argument's name is misspelled in a call of a function of the file."""
    choice = pick(_keywords(code), source)
    if choice is None:
        return None
    call, word, function = choice
    wrong = misspell(word.arg or "", set(parameter_names(function)), source)
    if wrong is None or len(word.arg or "") < SHORTEST:
        return None
    text = replace(code, (word, f"{wrong}={code.segment(word.value)}"))
    return Break(text, call.lineno, "TypeError", _describe_unexpected(code, function, wrong))


def keyword_unknown(code: SourceFile, source: random.Random) -> Break | None:
    """A function does not take an argument that a call gives it."""
    places = [
        (call, word, function)
        for call, word, function in _keywords(code)
        if any(a.arg == word.arg for a in function.args.args[-1:]) and not function.args.kwonlyargs
    ]
    choice = pick(places, source)
    if choice is None:
        return None
    call, word, function = choice
    last = function.args.args[-1]
    start = code.text.rfind(",", 0, code.span(last)[0])
    end = code.span(function.args.defaults[-1] if function.args.defaults else last)[1]
    if start < code.span(function)[0]:
        return None
    text = code.text[:start] + code.text[end:]
    lines = code.text[start:end].count("\n")
    line = call.lineno - (lines if call.lineno > function.lineno else 0)
    message = _describe_unexpected(code, function, word.arg or "")
    return Break(text, line, "TypeError", message, can_be_mended=False)


def _keywords(code: SourceFile) -> list[tuple[ast.Call, ast.keyword, FunctionNode]]:
    by_name: dict[str, list[FunctionNode]] = {}
    for function in functions(code):
        by_name.setdefault(function.name, []).append(function)
    return [
        (call, word, by_name[name][0])
        for call in nodes(code, ast.Call)
        if (name := getattr(call.func, "id", getattr(call.func, "attr", ""))) in by_name
        and len(by_name[name]) == 1
        and not by_name[name][0].args.kwarg
        for word in call.keywords
        if word.arg in set(parameter_names(by_name[name][0]))
    ]


def _describe_unexpected(code: SourceFile, function: FunctionNode, name: str) -> str:
    cls = code.class_around(function)
    full_name = f"{cls.name}.{function.name}" if cls else function.name
    return f"{full_name}() got an unexpected keyword argument '{name}'"


def key_misspelled(code: SourceFile, source: random.Random) -> Break | None:
    """A literal key is misspelled where it is read."""
    places = [
        (node, index.value)
        for node in nodes(code, ast.Subscript)
        if isinstance(node.ctx, ast.Load)
        and isinstance(index := node.slice, ast.Constant)
        and isinstance(index.value, str)
        and len(index.value) >= SHORTEST
        and index.value.isidentifier()
    ]
    choice = pick(places, source)
    if choice is None:
        return None
    node, key = choice
    wrong = misspell(key, every_name(code), source)
    text = replace(code, (node.slice, repr(wrong)))
    return Break(text, node.lineno, "KeyError", repr(wrong)) if wrong else None


def key_removed(code: SourceFile, source: random.Random) -> Break | None:
    """The data lacks a key: nothing in the code says what to do."""
    places = [
        (node, index)
        for node in nodes(code, ast.Subscript)
        if isinstance(node.ctx, ast.Load)
        and isinstance(index := node.slice, ast.Constant)
        and isinstance(index.value, str)
    ]
    choice = pick(places, source)
    if choice is None:
        return None
    node, index = choice
    return Break(code.text, node.lineno, "KeyError", repr(index.value), can_be_mended=False)


BREAKERS: dict[str, Way] = {
    "self is gone": Way(self_removed, "self."),
    "a module's member is misspelled": Way(module_member_misspelled, "import "),
    "an own member is misspelled": Way(member_misspelled, "self."),
    "an own member is gone": Way(member_removed, "self."),
    "super is gone": Way(super_removed, "super().__init__("),
    "a keyword is misspelled": Way(keyword_misspelled),
    "a keyword is not taken": Way(keyword_unknown),
    "a key is misspelled": Way(key_misspelled, "["),
    "a key is not in the data": Way(key_removed),
}
