"""Breakers of calls: how a function is declared, what it is given, and whether it is called.

Belongs here: taking away the declaration, the argument or the word without which a call raises.
Does not belong here: types and loops (`values`), misspelled arguments (`members`).
"""

import ast
import random

from benchmarks.rules_precision.breaks import (
    Break,
    Way,
    functions,
    nodes,
    pick,
    replace,
)
from healer.draft.rules.scope import imported_names
from healer.draft.rules.source_file import SourceFile, TextEdit, apply_edits


def self_not_named(code: SourceFile, source: random.Random) -> Break | None:
    """A method does not name `self`, and is called on its object."""
    methods = {
        f.name: f
        for f in functions(code)
        if f.args.args and f.args.args[0].arg == "self" and not f.decorator_list
    }
    places = [
        (call, methods[name])
        for call in nodes(code, ast.Call)
        if isinstance(call.func, ast.Attribute)
        and (name := call.func.attr) in methods
        and getattr(call.func.value, "id", "") == "self"
        and not any(isinstance(a, ast.Starred) for a in call.args)
        and not call.keywords
    ]
    choice = pick(places, source)
    if choice is None:
        return None
    call, method = choice
    first = method.args.args[0]
    start, end = code.span(first)
    rest = code.text[end:]
    comma = len(rest) - len(rest.lstrip(" ,"))
    text = apply_edits(code.text, [TextEdit(start, end + comma, "")])
    cls = code.class_around(method)
    takes, count = len(method.args.args) - 1, len(call.args) + 1
    if method.args.defaults or method.args.vararg or takes != count - 1 or cls is None:
        return None
    many = "" if takes == 1 else "s"
    message = (
        f"{cls.name}.{method.name}() takes {takes} positional argument{many} but {count} "
        f"{'was' if count == 1 else 'were'} given"
    )
    return Break(text, call.lineno, "TypeError", message)


def await_removed(code: SourceFile, source: random.Random) -> Break | None:
    """A coroutine of the file is used like its result."""
    names = {n.name for n in nodes(code, ast.AsyncFunctionDef)}
    places = [
        node
        for node in nodes(code, ast.Await)
        if isinstance(node.value, ast.Call)
        and getattr(node.value.func, "attr", getattr(node.value.func, "id", "")) in names
        and isinstance(code.parents.get(node), ast.For | ast.Subscript | ast.Attribute)
    ]
    node = pick(places, source)
    if node is None:
        return None
    text = replace(code, (node, code.segment(node.value)))
    parent = code.parents[node]
    what = "is not iterable" if isinstance(parent, ast.For) else "is not subscriptable"
    if isinstance(parent, ast.Attribute):
        message = f"'coroutine' object has no attribute '{parent.attr}'"
        return Break(text, node.lineno, "AttributeError", message)
    return Break(text, node.lineno, "TypeError", f"'coroutine' object {what}")


def property_called(code: SourceFile, source: random.Random) -> Break | None:
    """A property of text or number is called."""
    names = {
        f.name
        for f in functions(code)
        if any(getattr(d, "id", "") == "property" for d in f.decorator_list)
    }
    places = [
        node
        for node in nodes(code, ast.Attribute)
        if node.attr in names
        and isinstance(node.ctx, ast.Load)
        and getattr(node.value, "id", "") == "self"
        and not isinstance(code.parents.get(node), ast.Call)
    ]
    node = pick(places, source)
    if node is None:
        return None
    text = replace(code, (node, f"{code.segment(node)}()"))
    kind = source.choice(("str", "int", "list"))
    return Break(text, node.lineno, "TypeError", f"'{kind}' object is not callable")


def exist_ok_removed(code: SourceFile, source: random.Random) -> Break | None:
    """A folder is made that is there."""
    places = [
        (node, word)
        for node in nodes(code, ast.Call)
        for word in node.keywords
        if word.arg == "exist_ok"
        and getattr(word.value, "value", None) is True
        and getattr(node.func, "attr", "") in ("makedirs", "mkdir")
    ]
    choice = pick(places, source)
    if choice is None:
        return None
    node, word = choice
    start, end = code.span(word)
    comma = code.text.rfind(",", 0, start)
    text = code.text[: comma if comma > code.span(node.func)[1] else start] + code.text[end:]
    message = "[Errno 17] File exists: 'out'"
    return Break(text, node.lineno, "FileExistsError", message)


def load_for_loads(code: SourceFile, source: random.Random) -> Break | None:
    """`json.loads` is given a file, or `json.load` a text."""
    places = [
        node.func
        for node in nodes(code, ast.Call)
        if code.segment(node.func) in ("json.load", "json.loads", "json.dumps")
        and len(node.args) == 1
    ]
    node = pick(places, source)
    if not isinstance(node, ast.Attribute):
        return None
    error, other, message = {
        "load": (
            "TypeError",
            "loads",
            "the JSON object must be str, bytes or bytearray, not TextIOWrapper",
        ),
        "loads": ("AttributeError", "load", "'str' object has no attribute 'read'"),
        "dumps": ("TypeError", "dump", "dump() missing 1 required positional argument: 'fp'"),
    }[node.attr]
    return Break(replace(code, (node, f"json.{other}")), node.lineno, error, message)


def comma_of_one(code: SourceFile, source: random.Random) -> Break | None:
    """The one parameter of an SQL statement is no tuple."""
    places = [
        node.args[1]
        for node in nodes(code, ast.Call)
        if getattr(node.func, "attr", "") == "execute"
        and len(node.args) == 2
        and isinstance(node.args[1], ast.Tuple)
        and len(node.args[1].elts) == 1
    ]
    node = pick(places, source)
    if node is None:
        return None
    message = (
        "Incorrect number of bindings supplied. The current statement uses 1, "
        "and there are 5 supplied."
    )
    text = replace(code, (node, f"({code.segment(node.elts[0])})"))
    return Break(text, node.lineno, "sqlite3.ProgrammingError", message)


def property_declared(code: SourceFile, source: random.Random) -> Break | None:
    """A method is declared a property, and called as the method that it was."""
    methods = {
        f.name: f
        for f in functions(code)
        if not f.decorator_list and [a.arg for a in f.args.args] == ["self"]
    }
    places = [
        (call, methods[name])
        for call in nodes(code, ast.Call)
        if isinstance(call.func, ast.Attribute)
        and (name := call.func.attr) in methods
        and getattr(call.func.value, "id", "") == "self"
        and not (call.args or call.keywords)
    ]
    choice = pick(places, source)
    if choice is None:
        return None
    call, method = choice
    text = apply_edits(code.text, [code.add_line(method, "@property")])
    line = call.lineno + (1 if call.lineno > method.lineno else 0)
    kind = source.choice(("NoneType", "str", "int", "list"))
    return Break(text, line, "TypeError", f"'{kind}' object is not callable")


def static_method_undeclared(code: SourceFile, source: random.Random) -> Break | None:
    """A static method is not declared as one, and is called on an object."""
    methods = {
        f.name: f
        for f in functions(code)
        if [getattr(d, "id", "") for d in f.decorator_list] == ["staticmethod"]
        and not f.args.defaults
        and f.args.args
    }
    places = [
        (call, methods[name])
        for call in nodes(code, ast.Call)
        if isinstance(call.func, ast.Attribute)
        and (name := call.func.attr) in methods
        and getattr(call.func.value, "id", "") == "self"
        and len(call.args) == len(methods[name].args.args)
    ]
    choice = pick(places, source)
    if choice is None:
        return None
    call, method = choice
    text, line = code.text, method.decorator_list[0].lineno
    text = text[: code.line_start(line)] + text[code.line_start(line + 1) :]
    cls, takes = code.class_around(method), len(call.args)
    many = "" if takes == 1 else "s"
    message = (
        f"{cls.name if cls else ''}.{method.name}() takes {takes} positional argument{many} but "
        f"{takes + 1} were given"
    )
    return Break(text, call.lineno - (1 if call.lineno > line else 0), "TypeError", message)


def file_not_opened(code: SourceFile, source: random.Random) -> Break | None:
    """`json.load` is given the path of a file that nothing opens; or `dump` is given no file."""
    places = []
    for block in nodes(code, ast.With):
        opening = block.items[0].context_expr
        name = getattr(block.items[0].optional_vars, "id", "")
        for call in ast.walk(block):
            if isinstance(call, ast.Call) and isinstance(opening, ast.Call) and opening.args:
                word = code.segment(call.func)
                if word == "json.load" and getattr(call.args[0], "id", "") == name:
                    places.append((call.args[0], code.segment(opening.args[0]), word))
                elif word == "json.dump" and len(call.args) == 2:
                    places.append((call, f"json.dump({code.segment(call.args[0])})", word))
    choice = pick(places, source)
    if choice is None:
        return None
    node, text, word = choice
    error, message = {
        "json.load": ("AttributeError", "'str' object has no attribute 'read'"),
        "json.dump": ("TypeError", "dump() missing 1 required positional argument: 'fp'"),
    }[word]
    return Break(replace(code, (node, text)), node.lineno, error, message, can_be_mended=False)


def module_for_member(code: SourceFile, source: random.Random) -> Break | None:
    """`glob(…)` for `glob.glob(…)`, or `datetime.now()` for `datetime.datetime.now()`."""
    imports, places = imported_names(code), []
    for node in nodes(code, ast.Attribute):
        name = getattr(node.value, "id", "")
        parent = code.parents.get(node)
        if imports.get(name) != name:
            continue
        if isinstance(parent, ast.Call) and parent.func is node and node.attr == name:
            places.append((node, "TypeError", "'module' object is not callable"))
        elif name == "datetime" and isinstance(parent, ast.Attribute):
            message = f"module 'datetime' has no attribute '{parent.attr}'"
            places.append((node, "AttributeError", message))
    choice = pick(places, source)
    if choice is None:
        return None
    node, error, message = choice
    return Break(replace(code, (node, code.segment(node.value))), node.lineno, error, message)


BREAKERS: dict[str, Way] = {
    "self is not named": Way(self_not_named, "self."),
    "await is gone": Way(await_removed, "await "),
    "a property is called": Way(property_called, "@property"),
    "exist_ok is gone": Way(exist_ok_removed, "exist_ok"),
    "load for loads": Way(load_for_loads, "json."),
    "the comma of one value is gone": Way(comma_of_one, "execute("),
    "a method is declared a property": Way(property_declared, "self."),
    "a static method is not declared": Way(static_method_undeclared, "@staticmethod"),
    "a file is not opened": Way(file_not_opened, "json."),
    "a module for its member": Way(module_for_member, "import "),
}
