"""Rules for members, functions and arguments that a library gave up and that have another form now.

Belongs here: which failure calls for a form of `changed_apis.json`, and for which expression. Does
not belong here: how a form is filled in (`forms`), and plain renames (`renamed_apis`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import assigned_value
from healer.draft.rules.certainty import GUESS
from healer.draft.rules.example import Example
from healer.draft.rules.names.forms import (
    argument_forms,
    fill_argument,
    fill_form,
    function_forms,
    member_forms,
    shorten_form,
)
from healer.draft.rules.rule import FaultSite, Fix, called_name, rule
from healer.draft.rules.scope import imported_names, qualified_name
from healer.draft.rules.source_file import TextEdit

_NO_MEMBER = re.compile(
    r"'(?:\w+\.)*(\w+)' object has no attribute '(\w+)'"
    r"|type object '(?:\w+\.)*(\w+)' has no attribute '(\w+)'"
    r"|\(?`(\w+)\.?`? ?.*`(\w+)` was removed"
)
_NO_FUNCTION = re.compile(
    r"module '([\w.]+)' has no attribute '(\w+)'|cannot import name '(\w+)'"
    r"|No module named '(distutils)[\w.]*'|tried to access ([\w.]+), but this is no longer"
)
_NO_ARGUMENT = re.compile(
    r"unexpected keyword argument '(\w+)'|'(\w+)' is an invalid keyword argument"
    r"|`(\w+)` is (?:removed|deprecated)|Invalid argument\(s\) '(\w+)'"
    r"|Additional keyword arguments .*'(\w+)'|Rectangle\.set\(\) got .* '(\w+)'"
)
_OTHER_LANGUAGES = "https://docs.python.org/3/library/stdtypes.html"
"""The source of members that no Python ever had: habits from elsewhere."""


@rule(
    "old-member",
    "AttributeError",
    estimate=0.93,
    example=Example(
        """
        + import pandas
          def join(total, day):
        -     return total.append(day)
        #! AttributeError: 'DataFrame' object has no attribute 'append'
        +     return pandas.concat([total, day])
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        def join(total, day):
            return total.appendix(day)
        #! AttributeError: 'DataFrame' object has no attribute 'appendix'
        """,
        is_reported=True,
    ),
    rivals=("a class of one's own has the same name as the library's",),
    link="https://pandas.pydata.org/docs/whatsnew/v2.0.0.html",
)
def old_member(site: FaultSite) -> Iterator[Fix]:
    """A type has no such member any more, or never had it, and something else does its work:
    `frame.append(row)`, `text.contains(word)`."""
    match = site.search(_NO_MEMBER)
    owner, name = [word for word in (match.groups() if match else ()) if word] or ("", "")
    for node in site.nodes(ast.Attribute):
        if not name or node.attr != name:
            continue
        parent = site.code.parents.get(node)
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        if call and name == "append" and _is_of_another_shape(site, call):
            continue
        keys = [(owner, f"{name}({{}})", False)] if call and _is_mapping(site, call) else []
        keys.append((owner, name, call is not None))
        form = next((member_forms()[key] for key in keys if key in member_forms()), None)
        if form and (edits := fill_form(site.code, call or node, node.value, form.text)):
            replacement = shorten_form(form.text)
            cause = (
                f"`{owner}` has no `{name}` (see {form.source}); `{replacement}` takes its place."
            )
            yield Fix(cause, edits, GUESS if form.source == _OTHER_LANGUAGES else None)


def _is_mapping(site: FaultSite, call: ast.Call) -> bool:
    """The first argument is a dictionary, by its text or by what the locals show."""
    if not call.args:
        return False
    value = assigned_value(site, call.args[0]) or call.args[0]
    return isinstance(value, ast.Dict) or site.recorded_value(call.args[0]).startswith("{")


def _is_of_another_shape(site: FaultSite, call: ast.Call) -> bool:
    """A list of frames, or one row as a series: `concat` would put it in the wrong place."""
    value = assigned_value(site, call.args[0]) or call.args[0] if call.args else None
    is_series = isinstance(value, ast.Call) and called_name(value) == "Series"
    return is_series or isinstance(value, ast.List | ast.ListComp)


@rule(
    "old-function",
    "AttributeError ImportError ModuleNotFoundError APIRemovedInV1",
    estimate=0.93,
    example="""
        - import string
        - print(string.join(["a", "b"], "-"))
        #! AttributeError: module 'string' has no attribute 'join'
        + print("-".join(["a", "b"]))
        """,
    silent="""
        import string
        parts = ["a"], "-"
        print(string.join(*parts))  #! AttributeError: module 'string' has no attribute 'join'
        """,
    rivals=("an own module of the same name was meant",),
    link="https://docs.python.org/3/library/stdtypes.html#string-methods",
)
def old_function(site: FaultSite) -> Iterator[Fix]:
    """A function is gone whose work a method or another function does now: `string.join`."""
    if not site.search(_NO_FUNCTION):
        return
    code, imports = site.code, imported_names(site.code)
    edits: list[TextEdit] = []
    cause = ""
    for name, form in function_forms().items():
        if not any(part in site.message for part in name.split(".")[-2:]) and not (
            name.startswith("distutils.") and "distutils" in site.message
        ):
            continue
        for call in (n for n in code.nodes if isinstance(n, ast.Call)):
            if qualified_name(call.func, imports) == name:
                edits += fill_form(code, call, None, form.text)
                replacement = shorten_form(form.text)
                cause = f"`{name}` is gone (see {form.source}); `{replacement}` does its work."
    if edits:
        yield Fix(cause, tuple(edits))


@rule(
    "old-argument",
    "TypeError PydanticUserError ValueError ArgumentError",
    estimate=0.93,
    example="""
        + import functools
          def order(a, b):
              return b - a
        - print(sorted([1, 2], cmp=order))
        #! TypeError: 'cmp' is an invalid keyword argument for sort()
        + print(sorted([1, 2], key=functools.cmp_to_key(order)))
        """,
    silent="""
        def order(rows, cmp=None):
            return rows
        print(order([1, 2], cnp=1))  #! TypeError: order() got an unexpected keyword argument 'cnp'
        """,
    rivals=("an own function of the same name was to take the argument",),
    link="https://docs.python.org/3/howto/sorting.html#comparison-functions",
)
def old_argument(site: FaultSite) -> Iterator[Fix]:
    """A function takes an argument no longer, or under another name."""
    match = site.search(_NO_ARGUMENT)
    old = next((word for word in (match.groups() if match else ()) if word), "")
    for call in site.calls() if old else ():
        keyword = next((k for k in call.keywords if k.arg == old), None)
        if keyword is None:
            continue
        value = site.code.segment(keyword.value).replace("'", '"')
        name = f"{called_name(call)}:{old}"
        form = argument_forms().get(f"{name}={value}") or argument_forms().get(name)
        new_call = fill_argument(site.code, call, keyword, form.text) if form else None
        if form and new_call:
            what = (
                f"`{new_call.argument}` takes its place" if new_call.argument else "it is left out"
            )
            yield Fix(f"`{old}` is gone (see {form.source}); {what}.", new_call.edits)
            return
