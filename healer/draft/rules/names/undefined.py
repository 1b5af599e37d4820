"""Rules for names that do not exist where they are used: NameError, UnboundLocalError.

Belongs here: misspelled variables, forgotten `self.` and `global`. Does not belong here: names that
were never imported (`missing_imports`), that moved or were removed between versions
(`renamed_apis`), or that an import itself asks for (`imports`).
"""

import ast
import builtins
import re
from collections.abc import Iterator
from types import BuiltinFunctionType

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.closest_name import find_closest, limit_to_guess
from healer.draft.rules.names.renames import old_builtins
from healer.draft.rules.rule import FaultSite, Fix, Rival, rule
from healer.draft.rules.scope import (
    bound_names,
    class_members,
    module_names,
    visible_names,
)
from healer.draft.rules.source_file import FunctionNode, body_without_docstring

_UNDEFINED = re.compile(r"name '(\w+)' is not defined|local variable '(\w+)'")
JSON_WORDS = {"true": "True", "false": "False", "null": "None", "none": "None", "nil": "None"}


def find_undefined(site: FaultSite) -> tuple[str, list[ast.Name]]:
    """The name that the message says, and its uses on the failing line."""
    match = site.search(_UNDEFINED)
    name = (match[1] or match[2]) if match else ""
    nodes = site.code.nodes_on_line(site.line)
    return name, [node for node in nodes if isinstance(node, ast.Name) and node.id == name]


@rule(
    "forgotten-self",
    "NameError",
    estimate=GUESS,
    example="""
          class Report:
              title = "Day"
              def show(self):
        -         print(title)  #! NameError: name 'title' is not defined
        +         print(self.title)
          Report().show()
        """,
    silent="""
        class Report:
            title = "Day"
            def show(self):
                print(subject)  #! NameError: name 'subject' is not defined
        Report().show()
        """,
    rivals=("a parameter of that name was meant to be passed in",),
    link="https://docs.python.org/3/tutorial/classes.html#random-remarks",
)
def forgotten_self(site: FaultSite) -> Iterator[Fix]:
    """A method uses a member of its own class without `self.` before it."""
    name, uses = find_undefined(site)
    function = site.code.function_at(site.line)
    cls = site.code.class_around(function) if function else None
    if not uses or function is None or cls is None or not function.args.args:
        return
    first = function.args.args[0].arg
    if first in ("self", "cls") and name in class_members(cls):
        if _sets_member(site.statement(), name):
            return  # `self.title = title`: the parameter is missing
        edits = tuple(site.code.replace(use, f"{first}.{name}") for use in uses)
        cause = f"`{name}` is a member of `{cls.name}`, used without `{first}.`."
        is_method = any(
            isinstance(node, FunctionNode) and node.name == name and not node.decorator_list
            for node in cls.body
        )
        parents = [(use, site.code.parents.get(use)) for use in uses]
        is_called = is_method and all(getattr(node, "func", None) is use for use, node in parents)
        is_clear = is_called and not _may_be_from_outside(function, name)
        yield Fix(cause, edits, 0.95 if is_clear else GUESS)


def _may_be_from_outside(function: FunctionNode, name: str) -> bool:
    """A parameter that gives the member its value, or a function that the method is named like."""
    is_set_here = any(_sets_member(node, name) for node in ast.walk(function))
    return is_set_here or function.name in ("__init__", name)


def _sets_member(node: ast.AST | None, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Attribute) and target.attr == name for target in targets)


@rule(
    "misspelled-name",
    "NameError UnboundLocalError",
    estimate=0.88,
    example="""
          total = 3
        - print(totl)  #! NameError: name 'totl' is not defined
        + print(total)
        """,
    silent="""
        net = 3
        print(customer)  #! NameError: name 'customer' is not defined
        """,
    rivals=(
        "the name is right, and was to be defined",
        Rival("it was assigned under another spelling", "misspelled-assignment"),
    ),
    link="https://docs.python.org/3/library/exceptions.html#NameError",
)
def misspelled_name(site: FaultSite) -> Iterator[Fix]:
    """A name is misspelled: one name that can be used there is spelled nearly the same."""
    name, uses = find_undefined(site)
    if not uses or name in old_builtins():
        return
    if name in JSON_WORDS:
        goal, estimate = JSON_WORDS[name], 0.95
    else:
        names = set(visible_names(site.code, site.line)) - {name}
        best = find_closest(name, (each for each in names if not each.startswith("__")))
        if best is None or not _may_stand_for(site, best.name, uses):
            return
        goal = best.name
        estimate = limit_to_guess(0.6 + 0.35 * best.closeness, name, goal)
    every = [n for n in site.walk_scope() if isinstance(n, ast.Name) and n.id == name]
    reads = [use for use in every if isinstance(use.ctx, ast.Load)] or uses
    edits = tuple(site.code.replace(use, goal) for use in reads)
    yield Fix(f"`{name}` is not defined; `{goal}` was meant.", edits, estimate)


def _may_stand_for(site: FaultSite, name: str, uses: list[ast.Name]) -> bool:
    """A built-in function is only meant where it is called: `str(id_)` wants no `id`."""
    depth = visible_names(site.code, site.line)[name]
    is_builtin = depth > len(site.code.functions_at(site.line))
    if not is_builtin or not isinstance(getattr(builtins, name), BuiltinFunctionType):
        return True
    parents = ((use, site.code.parents.get(use)) for use in uses)
    return all(isinstance(parent, ast.Call) and parent.func is use for use, parent in parents)


@rule(
    "misspelled-assignment",
    "NameError",
    estimate=0.74,
    example="""
          totals = []
          def mean(numbers):
        -     totl = sum(numbers)
        +     total = sum(numbers)
              return total / len(numbers)  #! NameError: name 'total' is not defined
          print(mean([1, 3]), totals)
        """,
    silent="""
        def mean(numbers):
            middle = sum(numbers) / len(numbers)
            return average  #! NameError: name 'average' is not defined
        print(mean([1, 3]))
        """,
    rivals=(Rival("the use is misspelled, not the assignment", "misspelled-name"),),
    link="https://docs.python.org/3/library/exceptions.html#NameError",
)
def misspelled_assignment(site: FaultSite) -> Iterator[Fix]:
    """A name was assigned under a misspelling that nothing else uses."""
    name, uses = find_undefined(site)
    if not uses or site.scope is None:
        return
    names = [n for n in site.code.nodes if isinstance(n, ast.Name)]
    reads = {n.id for n in names if isinstance(n.ctx, ast.Load)}
    best = find_closest(name, set(bound_names(site.scope)) - reads)
    if best is None or best == find_closest(
        name, set(visible_names(site.code, site.line)) - {name}
    ):
        return  # `misspelled-name` makes the same program of it
    stores = [n for n in site.walk_scope() if isinstance(n, ast.Name) and n.id == best.name]
    edits = tuple(site.code.replace(store, name) for store in stores)
    if edits:
        cause = f"`{name}` was assigned as `{best.name}`, which nothing reads."
        yield Fix(cause, edits, 0.5 + 0.3 * best.closeness)


@rule(
    "forgotten-global",
    "UnboundLocalError",
    estimate=0.85,
    example="""
          count = 0
          def seen():
        +     global count
              count += 1
          #! UnboundLocalError: cannot access local variable 'count' where it is not associated with
          #! a value
          seen()
        """,
    silent="""
        def seen():
            count += 1
        #! UnboundLocalError: cannot access local variable 'count' where it is not associated with
        #! a value
        seen()
        """,
    rivals=("a count of the function's own was meant, which begins anew with each call",),
    link="https://docs.python.org/3/faq/programming.html#why-am-i-getting-an-unboundlocalerror-when-the-variable-has-a-value",
)
def forgotten_global(site: FaultSite) -> Iterator[Fix]:
    """A function changes an outer variable in place (`total += 1`) and does not declare it."""
    match = site.search(r"(?:variable|name) '(\w+)'")
    around = site.code.functions_at(site.line)
    if not match or not around or not _changes_in_place(around[-1], match[1]):
        return
    name, function = match[1], around[-1]
    is_of_function = any(name in set(bound_names(outer)) for outer in around[:-1])
    if not is_of_function and name not in module_names(site.code):
        return
    word = "nonlocal" if is_of_function else "global"
    edit = site.code.add_line(body_without_docstring(function)[0], f"{word} {name}")
    cause = f"`{name}` is assigned here but belongs to the outer scope; it is declared `{word}`."
    yield Fix(cause, (edit,))


def _changes_in_place(function: FunctionNode, name: str) -> bool:
    return any(
        isinstance(node, ast.AugAssign) and getattr(node.target, "id", "") == name
        for node in ast.walk(function)
    )
