"""Rules for methods, properties and objects: what a class needs around its own names.

Belongs here: `self`, `super().__init__()`, an object where the class stands, properties. Does not
belong here: misspelled members (`attributes`), and a member used without `self.` (`undefined`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import find_functions
from healer.draft.rules.source_file import TextEdit

_COUNT = re.compile(
    r"([\w.<>]+)\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given"
)


@rule(
    "missing-self-parameter",
    "TypeError",
    estimate=0.85,
    example="""
          class Report:
        -     def title():
        +     def title(self):
                  return "Day"
          print(Report().title())
          #! TypeError: Report.title() takes 0 positional arguments but 1 was given
        """,
    silent="""
        class Report:
            @staticmethod
            def title():
                return "Day"
        print(Report().title("x"))
        #! TypeError: Report.title() takes 0 positional arguments but 1 was given
        """,
    rivals=("the method was meant as a `@staticmethod`",),
    link="https://docs.python.org/3/tutorial/classes.html#method-objects",
)
def missing_self_parameter(site: FaultSite) -> Iterator[Fix]:
    """A method takes one argument fewer than it is given, and does not name `self`."""
    match = site.search(_COUNT)
    if not match or int(match[3]) != int(match[2]) + 1:
        return
    for code, method in find_functions(site.files, site.code.path, match[1]):
        arguments = method.args
        first = arguments.args[0].arg if arguments.args else ""
        is_method = isinstance(code.parents.get(method), ast.ClassDef)
        if not is_method or first in ("self", "cls") or method.decorator_list:
            continue
        at = code.text.index("(", code.span(method)[0]) + 1
        has_more = arguments.args or arguments.vararg or arguments.kwonlyargs
        uses_self = any(isinstance(n, ast.Name) and n.id == "self" for n in ast.walk(method))
        cause = f"`{match[1]}` is a method but does not take `self`."
        edit = TextEdit(at, at, "self, " if has_more else "self")
        yield Fix(cause, (edit,), 0.95 if uses_self else GUESS, code.path)


@rule(
    "instance-needed",
    "TypeError",
    estimate=0.7,
    example="""
          class Report:
              def title(self):
                  return "Day"
        - print(Report.title())
          #! TypeError: Report.title() missing 1 required positional argument: 'self'
        + print(Report().title())
        """,
    silent="""
        class Report:
            def title(self, day):
                return day
        print(Report.title())
        #! TypeError: Report.title() missing 2 required positional arguments: 'self' and 'day'
        """,
    rivals=("an object that exists already was meant",),
    link="https://docs.python.org/3/tutorial/classes.html#instance-objects",
)
def instance_needed(site: FaultSite) -> Iterator[Fix]:
    """A method is called on its class, where an object of the class is needed."""
    match = site.search(r"(\w+)\.(\w+)\(\) missing 1 required positional argument: 'self'")
    for call in site.calls(match[2]) if match else ():
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if match and isinstance(owner, ast.Name) and owner.id == match[1]:
            cause = f"`{match[2]}` needs an object of `{match[1]}`."
            yield Fix(cause, (site.code.insert_after(owner, "()"),))


@rule(
    "missing-super",
    "AttributeError",
    estimate=0.9,
    example="""
          class Job:
              def __init__(self):
                  self.rows = []
          class Nightly(Job):
              def __init__(self, day):
        +         super().__init__()
                  self.day = day
          print(Nightly("mon").rows)  #! AttributeError: 'Nightly' object has no attribute 'rows'
        """,
    silent="""
        class Job:
            def __init__(self, rows):
                self.rows = rows
        class Nightly(Job):
            def __init__(self, day):
                self.day = day
        print(Nightly("mon").rows)  #! AttributeError: 'Nightly' object has no attribute 'rows'
        """,
    rivals=("the subclass leaves its base's start out on purpose, and begins otherwise",),
    link="https://docs.python.org/3/library/functions.html#super",
)
def missing_super(site: FaultSite) -> Iterator[Fix]:
    """A subclass's `__init__` does not call its base's, which would have set the attribute."""
    match = site.search(r"'(\w+)' object has no attribute '(\w+)'")
    classes = {n.name: n for n in site.code.nodes if isinstance(n, ast.ClassDef)}
    child = classes.get(match[1]) if match else None
    own = _init_of(child)
    if match is None or child is None or own is None or "super()" in site.code.segment(own):
        return
    for base in child.bases:
        init = _init_of(classes.get(getattr(base, "id", "")))
        if init is None or not _sets(init, match[2]):
            continue
        names = [argument.arg for argument in init.args.args[1:]]
        required_names = names[: len(names) - len(init.args.defaults)]
        parameters = {argument.arg for argument in own.args.args}
        if set(required_names) <= parameters:
            arguments = ", ".join(name for name in names if name in parameters)
            cause = f"`{child.name}.__init__` does not call its base's, which sets `{match[2]}`."
            edit = site.code.add_line(own.body[0], f"super().__init__({arguments})")
            yield Fix(cause, (edit,), None if _only_sets(init) else GUESS)


def _init_of(cls: ast.ClassDef | None) -> ast.FunctionDef | None:
    for node in cls.body if cls else ():
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return node
    return None


def _sets(init: ast.FunctionDef, name: str) -> bool:
    return any(isinstance(n, ast.Attribute) and n.attr == name for n in ast.walk(init))


def _only_sets(init: ast.FunctionDef) -> bool:
    """It only sets attributes: what opens a file or prints may be left out on purpose."""
    statements = [s for s in init.body if not isinstance(s, ast.Expr) or not _is_text(s.value)]
    is_setting = all(isinstance(s, ast.Assign | ast.AnnAssign) for s in statements)
    return is_setting and not any(isinstance(n, ast.Call) for n in ast.walk(init))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@rule(
    "property-called",
    "TypeError",
    estimate=0.93,
    example="""
          class Report:
              @property
              def total(self):
                  return 3
        - print(Report().total())  #! TypeError: 'int' object is not callable
        + print(Report().total)
        """,
    silent="""
        class Report:
            total = 3
        print(Report().total())  #! TypeError: 'int' object is not callable
        """,
    link="https://docs.python.org/3/library/functions.html#property",
)
def property_called(site: FaultSite) -> Iterator[Fix]:
    """A property is called, which has its value already."""
    if "object is not callable" not in site.message:
        return
    for call in site.calls(*_properties(site)):
        if isinstance(call.func, ast.Attribute) and not call.args and not call.keywords:
            cause = f"`{call.func.attr}` is a property; it is read, not called."
            yield Fix(cause, (site.code.replace(call, site.code.segment(call.func)),))


def _properties(site: FaultSite) -> set[str]:
    """Names of the file's properties; a word that is no name where there are none."""
    return {""} | {
        node.name
        for node in site.code.nodes
        if isinstance(node, ast.FunctionDef)
        and any(
            site.code.segment(decorator).rpartition(".")[2] in ("property", "cached_property")
            for decorator in node.decorator_list
        )
    }
