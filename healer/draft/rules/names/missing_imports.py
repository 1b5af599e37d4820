"""Rules for names that are used and were never imported.

Belongs here: which import a name lacks. Does not belong here: misspelled names (`undefined`), and
imports that fail (`imports`).
"""

import ast
from collections.abc import Iterator, Mapping

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.example import Example
from healer.draft.rules.names.undefined import find_undefined
from healer.draft.rules.rule import FaultSite, Fix, Rival, rule
from healer.draft.rules.scope import STANDARD, USUAL_ALIASES, USUAL_HOMES, imported_names
from healer.draft.rules.source_file import SourceFile

MANY_MEANINGS = frozenset(
    {"auto", "chain", "count", "cycle", "digits", "Event", "field", "Lock", "product", "quote",
     "replace", "Request", "sleep", "Template"}
)  # fmt: skip  # a list of words is read as a paragraph
"""Names with a second home (`shlex.quote` and `urllib.parse.quote`, `time.sleep` and
`asyncio.sleep`), or that scripts give to things of their own."""
_ALSO_OF_NUMPY = frozenset({"sqrt", "ceil", "floor", "isclose"})
_CONSTANTS = frozenset({"pi", "ascii_letters", "ROUND_HALF_UP"})
_DATETIME_CLASSES = frozenset({"datetime", "date", "timedelta", "timezone", "time"})


@rule(
    "missing-import",
    "NameError",
    certainty=0.95,
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
    statement = _usual_import(name, uses, site.code.parents)
    if statement:
        is_fitting = _is_used_as_imported(name, uses, site.code.parents)
        is_clear = is_fitting and name not in _other_homes(site)
        cause = f"`{name}` is used but never imported. The import is added."
        yield Fix(cause, (site.code.add_import(statement),), None if is_clear else GUESS)


def _other_homes(site: FaultSite) -> frozenset[str]:
    """Names that need not be the standard library's here."""
    has_numpy = "numpy" in imported_names(site.code).values()
    return MANY_MEANINGS | _ALSO_OF_NUMPY if has_numpy else MANY_MEANINGS


def _usual_import(name: str, uses: list[ast.Name], parents: Mapping[ast.AST, ast.AST]) -> str:
    """The import statement that nearly every program has for a name; empty where there is none."""
    if name in USUAL_HOMES:
        return f"from {USUAL_HOMES[name]} import {name}"
    members = {getattr(parents.get(use), "attr", "") for use in uses}
    is_module = all(isinstance(parents.get(use), ast.Attribute) for use in uses)
    if name == "datetime":
        is_whole = is_module and members <= _DATETIME_CLASSES
        return "import datetime" if is_whole else "from datetime import datetime"
    if is_module and name in STANDARD:
        return f"import {name}"
    return USUAL_ALIASES[name][1] if is_module and name in USUAL_ALIASES else ""


def _is_used_as_imported(
    name: str, uses: list[ast.Name], parents: Mapping[ast.AST, ast.AST]
) -> bool:
    """Each use is one that what would be imported is there for: `print(count)` and `f"{product}"`
    run with a class from `itertools`, but some value of the script's own was meant."""
    return name in _CONSTANTS or all(_is_fitting(use, parents.get(use)) for use in uses)


def _is_fitting(use: ast.Name, parent: ast.AST | None) -> bool:
    is_class = use.id[:1].isupper()
    if isinstance(parent, ast.Call):
        return parent.func is use or (is_class and use in parent.args)
    if isinstance(parent, ast.Attribute | ast.Subscript):
        return parent.value is use
    if isinstance(parent, ast.Tuple | ast.BinOp):
        return is_class
    return isinstance(
        parent, ast.ClassDef | ast.FunctionDef | ast.arg | ast.AnnAssign | ast.ExceptHandler
    )


@rule(
    "import-from-repository",
    "NameError",
    certainty=0.8,
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
