"""Rules for wrong names after a dot: of an object, a class, a module.

Belongs here: an attribute that is not there, where one known name is meant instead. Does not belong
here: names that moved between versions (`renamed_apis`), keys (`keys_and_arguments`), and a missing
value for a right name; that is data, and nothing is invented for it.
"""

import ast
import builtins
import datetime
import re
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.closest_name import estimate_of_match, find_closest
from healer.draft.rules.example import Example
from healer.draft.rules.names.renames import old_names
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import (
    STANDARD,
    class_members,
    find_classes,
    import_standard,
    imported_names,
    is_module,
    module_names,
    qualified_name,
)
from healer.draft.rules.source_file import SourceFile

_OF_OBJECT = re.compile(r"'([\w.]+)' object has no attribute '(\w+)'")
_OF_CLASS = re.compile(r"type object '([\w.]+)' has no attribute '(\w+)'")
_OF_MODULE = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
_CLASS_OF_MODULE = {"datetime": "datetime", "decimal": "Decimal"}


@rule(
    "class-for-module",
    "AttributeError",
    estimate=0.95,
    example="""
          import datetime
        - print(datetime.now())  #! AttributeError: module 'datetime' has no attribute 'now'
        + print(datetime.datetime.now())
        """,
    silent="""
        import datetime
        print(datetime.later())  #! AttributeError: module 'datetime' has no attribute 'later'
        """,
    rivals=("`date` was meant, where it has a member of that name too",),
    link="https://docs.python.org/3/library/datetime.html#available-types",
)
def class_for_module(site: FaultSite) -> Iterator[Fix]:
    """A module is asked for a member of its class of the same name, or the class for one of the
    module: `datetime.now`, or `datetime.timedelta` after `from datetime import datetime`."""
    if match := site.search(_OF_MODULE):
        yield from _by_the_class(site, match[1], match[2])
    if match := site.search(_OF_CLASS):
        yield from _by_the_module(site, match[2])


def _by_the_class(site: FaultSite, module: str, name: str) -> Iterator[Fix]:
    inner = _CLASS_OF_MODULE.get(module, "")
    if not inner or name not in dir(getattr(import_standard(module), inner, None)):
        return
    for node in site.nodes(ast.Attribute):
        if node.attr == name and isinstance(node.value, ast.Name):
            edit = site.code.insert_after(node.value, f".{inner}")
            cause = f"`{name}` belongs to the class `{module}.{inner}`, not to the module."
            is_of_two = module == "datetime" and hasattr(datetime.date, name)
            yield Fix(cause, (edit,), GUESS if is_of_two else None)


def _by_the_module(site: FaultSite, name: str) -> Iterator[Fix]:
    code, imports = site.code, imported_names(site.code)
    for node in site.nodes(ast.Attribute):
        owner = qualified_name(node.value, imports)
        module = owner.rpartition(".")[0]
        if node.attr != name or module not in STANDARD or name not in _members(site, module):
            continue
        edits = (code.replace(node, name), code.add_import(f"from {module} import {name}"))
        cause = f"`{name}` belongs to the module `{module}`, not to its class `{owner}`."
        yield Fix(cause, edits, 0.9)


@rule(
    "submodule-not-imported",
    "AttributeError",
    estimate=0.95,
    example=Example(
        """
        - import sys, wsgiref
        + import sys, wsgiref.simple_server
          wsgiref.simple_server.demo_app
          #! AttributeError: module 'wsgiref' has no attribute 'simple_server'
        """,
        is_reported=True,
    ),
    silent="""
        import wsgiref
        wsgiref.server  #! AttributeError: module 'wsgiref' has no attribute 'server'
        """,
    link="https://docs.python.org/3/reference/import.html#submodules",
)
def submodule_not_imported(site: FaultSite) -> Iterator[Fix]:
    """A module inside a package is used, and only the package was imported."""
    match = site.search(_OF_MODULE)
    if not match or import_standard(match[1]) is None:
        return
    full_name = f"{match[1]}.{match[2]}"
    texts = {site.code.segment(node) for node in site.nodes(ast.Attribute)}
    chains = {text for text in texts if f"{text}.".startswith(f"{full_name}.")}
    for name in sorted(chains, key=len, reverse=True):
        if is_module(name):
            cause = f"`{name}` is a module of its own, which was never imported."
            yield Fix(cause, (site.code.add_import(f"import {name}"),))
            return


@rule(
    "wrong-attribute",
    "AttributeError",
    estimate=0.87,
    example="""
        - print("total".uper())  #! AttributeError: 'str' object has no attribute 'uper'
        + print("total".upper())
        """,
    silent="""
        print("total".shout())  #! AttributeError: 'str' object has no attribute 'shout'
        """,
    rivals=("the class lacks this member, and its neighbour is another",),
    link="https://docs.python.org/3/library/exceptions.html#AttributeError",
)
def wrong_attribute(site: FaultSite) -> Iterator[Fix]:
    """An attribute is misspelled: the object's class or the module has one closely named member."""
    match = site.search(_OF_MODULE)
    members = _members(site, match[1]) if match else set()
    match = match or site.search(_OF_CLASS) or site.search(_OF_OBJECT)
    if match is None:
        return
    owner, wrong = match.groups()
    if f"{owner}.{wrong}" in old_names():
        return  # that is `moved-name`'s
    members = members or _members_of_type(site, owner)
    best = find_closest(wrong, {name for name in members if not name.startswith("__")})
    if best is None:
        return
    estimate = estimate_of_match(wrong, best, is_complete=_is_standard(owner))
    for node in site.nodes(ast.Attribute):
        if node.attr == wrong:
            cause = f"`{owner}` has no `{wrong}`; its `{best.name}` was meant."
            yield Fix(cause, (site.code.rename_end(node, wrong, best.name),), estimate)


def _is_standard(name: str) -> bool:
    """A type or a module whose members are all known, so that none can be missing."""
    return hasattr(builtins, name) or name.partition(".")[0] in STANDARD


def _members(site: FaultSite, module: str) -> set[str]:
    """The public names of the repository's own module, or of a standard one."""
    own = site.files.find_module(module)
    if own is not None and own.tree is not None:
        return module_names(own)
    standard = import_standard(module)
    return {name for name in dir(standard) if name[0] != "_"} if standard else set()


def _members_of_type(site: FaultSite, name: str) -> set[str]:
    plain = name.rpartition(".")[2]
    for code, cls in find_classes(site.files, site.code.path, plain):
        return _members_with_bases(code, cls)
    return set(dir(standard)) if (standard := _standard_type(name)) else set()


def _standard_type(name: str) -> type | None:
    module, _, attribute = name.rpartition(".")
    value: object = getattr(builtins, name, None)
    if module:
        value = getattr(import_standard(module), attribute, None)
    return value if isinstance(value, type) else None


def _members_with_bases(code: SourceFile, cls: ast.ClassDef) -> set[str]:
    """The members of a class and of its bases in the same file."""
    members = class_members(cls)
    bases = {base.id for base in cls.bases if isinstance(base, ast.Name)}
    for other in code.nodes:
        if isinstance(other, ast.ClassDef) and other.name in bases and other is not cls:
            members |= class_members(other)
    return members
