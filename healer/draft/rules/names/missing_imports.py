"""Rules for names that are used and were never imported.

Belongs here: which import a name lacks. Does not belong here: misspelled names (`undefined`), and
imports that fail (`imports`).
"""

import ast
import re
from collections.abc import Iterator, Mapping
from types import ModuleType

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.closest_name import is_plain_word
from healer.draft.rules.example import Example
from healer.draft.rules.names.undefined import find_undefined
from healer.draft.rules.rule import FaultSite, Fix, Rival, rule
from healer.draft.rules.scope import (
    STANDARD,
    USUAL_ALIASES,
    USUAL_HOMES,
    import_standard,
    imported_names,
    is_module,
)
from healer.draft.rules.source_file import SourceFile

_DATETIME_CLASSES = frozenset({"datetime", "date", "timedelta", "timezone", "time"})


@rule(
    "missing-import",
    "NameError",
    estimate=0.95,
    example="""
        + import json
        - print(json.dumps([1]))  #! NameError: name 'json' is not defined
        + print(json.dumps([1]))
        """,
    silent="""
        print(rates.latest())  #! NameError: name 'rates' is not defined
        """,
    rivals=(
        Rival("a module of the repository was meant", "import-from-repository"),
        Rival("a variable of nearly this name was meant", "misspelled-name"),
    ),
    link="https://docs.python.org/3/tutorial/modules.html",
)
def missing_import(site: FaultSite) -> Iterator[Fix]:
    """A name is used and never imported that is a standard module, a usual alias of one, or has one
    usual home: `json`, `np`, `Path`."""
    name, uses = find_undefined(site)
    if not uses or any(isinstance(use.ctx, ast.Store) for use in uses):
        return
    cause = f"`{name}` is used but never imported. The import is added."
    if name in STANDARD and (modules := _modules_used(name, site)):
        estimate = GUESS if _is_spoken_of(name, site.code) else None
        yield Fix(cause, tuple(site.code.add_imports(modules)), estimate)
        return
    statement = _usual_import(name, uses, site.code.parents)
    if statement:
        # a name from a module may as well be one of the script's own, or of a package's
        estimate = GUESS if name in USUAL_HOMES or name == "datetime" else None
        yield Fix(cause, (site.code.add_import(statement),), estimate)


def _is_spoken_of(name: str, code: SourceFile) -> bool:
    """A plain word of which the script's own text speaks: `the calendar of the firm`."""
    texts = [node.value for node in code.nodes if isinstance(node, ast.Constant)]
    comments = re.findall(r"#.*", code.text)
    words = " ".join([*(text for text in texts if isinstance(text, str)), *comments])
    return is_plain_word(name) and re.search(rf"\b{name}\b", words) is not None


def _modules_used(name: str, site: FaultSite) -> list[str]:
    """A standard module, or its submodules, where all that the file asks the name for is there."""
    if name == "datetime" or name.startswith("_"):
        return []  # the class has members of those names too, and private modules other names
    modules = set()
    for use in site.code.nodes:
        if not isinstance(use, ast.Name) or use.id != name:
            continue
        parent = site.code.parents.get(use)
        if not isinstance(parent, ast.Attribute) or not isinstance(use.ctx, ast.Load):
            return []
        member = f"{name}.{parent.attr}"
        outer = site.code.parents.get(parent)
        deeper = f"{member}.{outer.attr}" if isinstance(outer, ast.Attribute) else ""
        value = getattr(import_standard(name), parent.attr, None)
        if name == "os" or not isinstance(value, ModuleType | None):
            modules.add(name)
        elif is_module(member):
            modules.add(deeper if deeper and is_module(deeper) else member)
        else:
            return []
    return sorted(m for m in modules if not any(o.startswith(f"{m}.") for o in modules))


def _usual_import(name: str, uses: list[ast.Name], parents: Mapping[ast.AST, ast.AST]) -> str:
    """The import statement that nearly every program has for a name; empty where there is none."""
    if name in USUAL_HOMES:
        return f"from {USUAL_HOMES[name]} import {name}"
    members = {getattr(parents.get(use), "attr", "") for use in uses}
    is_owner = all(isinstance(parents.get(use), ast.Attribute) for use in uses)
    if name == "datetime":
        is_whole = is_owner and members <= _DATETIME_CLASSES
        return "import datetime" if is_whole else "from datetime import datetime"
    module, statement = USUAL_ALIASES.get(name, ("", ""))
    is_fitting = module not in STANDARD or _has_members(statement.split()[1], members)
    return statement if is_owner and is_fitting else ""


def _has_members(module: str, members: set[str]) -> bool:
    """A standard module has all that the line asks it for; one that cannot be asked may."""
    standard = import_standard(module)
    return standard is None or all(hasattr(standard, member) for member in members)


@rule(
    "import-from-repository",
    "NameError",
    estimate=0.8,
    example=Example(
        """
        + from texts import slug
        - print(slug("A b"))  #! NameError: name 'slug' is not defined
        + print(slug("A b"))
        """,
        files={"texts.py": "def slug(text):\n    return text.lower()\n"},
    ),
    silent=Example(
        """
        print(slug("A b"))  #! NameError: name 'slug' is not defined
        """,
        files={"one.py": "def slug(text): ...\n", "two.py": "def slug(text): ...\n"},
    ),
    rivals=("a function of this name was meant to be written here",),
    link="https://docs.python.org/3/tutorial/modules.html#more-on-modules",
)
def import_from_repository(site: FaultSite) -> Iterator[Fix]:
    """A name is used and never imported that exactly one module beside the script defines."""
    name, uses = find_undefined(site)
    if not uses or name in USUAL_HOMES or name in STANDARD:
        return
    folder = site.code.path.rpartition("/")[0]
    homes = []
    for path in site.files.paths:
        is_beside = path.rpartition("/")[0] == folder and path != site.code.path
        is_code = is_beside and not site.files.tests.is_test_code(path)
        code = site.files.parse(path) if is_code else None
        if code and _defines(code, name):
            homes.append(path.rpartition("/")[2].removesuffix(".py"))
    if len(homes) == 1:
        cause = f"`{name}` is used but never imported; only `{homes[0]}` defines it."
        yield Fix(cause, (site.code.add_import(f"from {homes[0]} import {name}"),))


def _defines(code: SourceFile, name: str) -> bool:
    """A function or class of that name stands at the file's top level."""
    return any(
        isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
        and node.name == name
        for node in (code.tree.body if code.tree else ())
    )


@rule(
    "name-of-imported-module",
    "NameError",
    estimate=GUESS,
    example="""
          import smtplib
          try:
              raise OSError("refused")
        - except (SMTPException, OSError) as error:
        #! NameError: name 'SMTPException' is not defined
        + except (smtplib.SMTPException, OSError) as error:
              print(error)
        """,
    silent="""
        import smtplib
        print(MailException)  #! NameError: name 'MailException' is not defined
        """,
    rivals=(
        Rival("a variable of nearly this name was meant", "misspelled-name"),
        "a name of the script's own was to be defined",
    ),
    link="https://docs.python.org/3/tutorial/modules.html",
)
def name_of_imported_module(site: FaultSite) -> Iterator[Fix]:
    """A name is used bare that exactly one imported module has."""
    name, uses = find_undefined(site)
    if not uses or name in STANDARD or any(isinstance(use.ctx, ast.Store) for use in uses):
        return
    owners = sorted(
        local for local, full in imported_names(site.code).items() if _has_name(site, full, name)
    )
    if len(owners) == 1:
        cause = f"`{name}` is not defined here; it is a name of the imported `{owners[0]}`."
        every = [n for n in site.code.nodes if isinstance(n, ast.Name) and n.id == name]
        edits = tuple(site.code.replace(use, f"{owners[0]}.{name}") for use in every)
        yield Fix(cause, edits)


def _has_name(site: FaultSite, module: str, name: str) -> bool:
    """A standard module, or one of the repository, has that name."""
    standard = import_standard(module)
    if standard is not None:
        return hasattr(standard, name)
    own = site.files.find_module(module)
    return own is not None and _defines(own, name)
