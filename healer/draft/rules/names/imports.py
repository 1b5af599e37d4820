"""Rules for what an import itself asks for: a name, a module, a file beside the script.

Belongs here: import statements that fail. Does not belong here: modules that moved or are gone
(`renamed_apis`), and imports that are missing (`undefined`).
"""

import ast
import re
import sys
from collections.abc import Iterator

from healer.draft.rules.closest_name import find_closest
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import STANDARD, module_names
from healer.draft.rules.source_file import TextEdit

_NO_NAME = re.compile(
    r"cannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'"
)
_NO_MODULE = re.compile(r"No module named '([\w.]+)'")
_NO_MEMBER = re.compile(r"module '(\w+)' (?:from '[^']*' )?has no attribute")
_CIRCULAR = re.compile(r"(?:cannot import name '\w+' from|partially initialized module) '(\w+)'")
_SURELY_A_TYPO = 0.7
"""Below this closeness another package was meant."""


@rule(
    "misspelled-import",
    "ImportError",
    estimate=0.82,
    example=Example(
        """
        - from texts import slugg
        #! ImportError: cannot import name 'slugg' from 'texts' (texts.py)
        + from texts import slug
        - print(slugg("A b"))
        + print(slug("A b"))
        """,
        files={"texts.py": "def slug(text):\n    return text.lower()\n"},
        is_reported=True,
    ),
    silent=Example(
        """
        from texts import slugg  #! ImportError: cannot import name 'slugg' from 'texts' (texts.py)
        """,
        files={"texts.py": "def upper(text):\n    return text.upper()\n"},
        is_reported=True,
    ),
    rivals=("the module was to define this name",),
    link="https://docs.python.org/3/reference/simple_stmts.html#import",
)
def misspelled_import(site: FaultSite) -> Iterator[Fix]:
    """A name is misspelled where it is imported: the repository's module has one close to it."""
    match = site.search(_NO_NAME)
    module = site.files.find_module(match[2]) if match else None
    best = find_closest(match[1], module_names(module)) if match and module else None
    if not match or best is None:
        return
    wrong, code = match[1], site.code
    uses = [n for n in code.nodes if isinstance(n, ast.Name) and n.id == wrong]
    edits = [code.replace(use, best.name) for use in uses]
    for node in code.nodes:
        if isinstance(node, ast.alias) and node.name == wrong:
            edits.append(code.replace(node, f"{best.name}{code.segment(node).removeprefix(wrong)}"))
    cause = f"`{match[2]}` has no `{wrong}`; `{best.name}` is defined there."
    yield Fix(cause, tuple(edits), 0.5 + 0.4 * best.closeness)


@rule(
    "misspelled-module",
    "ModuleNotFoundError",
    estimate=0.85,
    example="""
        - import jsn  #! ModuleNotFoundError: No module named 'jsn'
        + import json
        - print(jsn.dumps([1]))
        + print(json.dumps([1]))
        """,
    silent="""
        import requessts_cache  #! ModuleNotFoundError: No module named 'requessts_cache'
        """,
    rivals=("a package of that name is not installed here",),
    link="https://docs.python.org/3/library/exceptions.html#ModuleNotFoundError",
)
def misspelled_module(site: FaultSite) -> Iterator[Fix]:
    """A module's name is misspelled: one of the standard library or the repository is close."""
    match = site.search(_NO_MODULE)
    if not match:
        return
    wrong = match[1].partition(".")[0]
    best = find_closest(wrong, _importable(site))
    if best is None or best.closeness < _SURELY_A_TYPO:
        return
    cause, code = f"There is no module `{wrong}`; `{best.name}` was meant.", site.code
    for node in code.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == wrong:
                    text = f"{best.name}{code.segment(alias).removeprefix(wrong)}"
                    names = [n for n in code.nodes if isinstance(n, ast.Name) and n.id == wrong]
                    uses = [code.replace(n, best.name) for n in names if not alias.asname]
                    yield Fix(cause, (code.replace(alias, text), *uses))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == wrong:
            at = code.text.index(wrong, code.span(node)[0])
            yield Fix(cause, (TextEdit(at, at + len(wrong), best.name),))


def _importable(site: FaultSite) -> set[str]:
    """Public names of standard modules, of the repository's files and of its top folders."""
    files = [path for path in site.files.paths if path.endswith(".py")]
    own = {path.rpartition("/")[2].removesuffix(".py") for path in files}
    folders = {path.partition("/")[0] for path in site.files.paths if "/" in path}
    return {name for name in STANDARD | own | folders if not name.startswith("_")}


@rule(
    "relative-import",
    "ImportError",
    estimate=0.85,
    example=Example(
        """
        - from .helpers import slug
        #! ImportError: attempted relative import with no known parent package
        + from helpers import slug
          print(slug("A b"))
        """,
        files={"helpers.py": "def slug(text):\n    return text.lower()\n"},
        is_reported=True,
    ),
    silent=Example(
        """
        from .helpers import slug
        #! ImportError: attempted relative import with no known parent package
        """,
        files={"others.py": "x = 1\n"},
    ),
    rivals=("the script was meant to be run as a module: `python -m package.script`",),
    link="https://docs.python.org/3/tutorial/modules.html#intra-package-references",
)
def relative_import(site: FaultSite) -> Iterator[Fix]:
    """A file that runs as a script imports its neighbour with a leading dot."""
    if "relative import with no known parent package" not in site.message:
        return
    folder = site.code.path.rpartition("/")[0]
    edits = []
    for node in site.code.nodes:
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
            stem = f"{folder}/{node.module.replace('.', '/')}".lstrip("/")
            if {f"{stem}.py", f"{stem}/__init__.py"} & set(site.files.paths):
                at = site.code.text.index(".", site.code.span(node)[0])
                edits.append(TextEdit(at, at + 1, ""))
    if edits:
        yield Fix("A relative import in a file that runs as a script.", tuple(edits))


@rule(
    "shadowed-module",
    "AttributeError ImportError",
    estimate=0.7,
    is_outward=True,
    example=Example(
        """
        + import sys
        +
        + sys.path.append(sys.path.pop(0))  # json.py hides `json`
        +
          import json
          json.loads("1")
          #! AttributeError: partially initialized module 'json' has no attribute 'loads'
        """,
        files={"json.py": "import json\n"},
        is_reported=True,
    ),
    silent=Example(
        """
        import tools
        tools.loads("1")
        #! AttributeError: partially initialized module 'tools' has no attribute 'loads'
        """,
        files={"tools.py": "import tools\n"},
        is_reported=True,
    ),
    rivals=("the file beside the script is to be renamed, which a person has to do",),
    link="https://docs.python.org/3/tutorial/modules.html#the-module-search-path",
)
def shadowed_module(site: FaultSite) -> Iterator[Fix]:
    """A file of the script's folder is named like a standard module and found in its place; the
    folder comes last in the search for modules then."""
    name = _hidden_module(site)
    folder = site.code.path.rpartition("/")[0]
    shadow = f"{folder}/{name}.py".lstrip("/")
    start = _first_import(site)
    if name is None or start is None or shadow not in site.files.paths:
        return
    lines = ("import sys", "", f"sys.path.append(sys.path.pop(0))  # {shadow} hides `{name}`", "")
    text = site.code.newline.join((*lines, ""))
    cause = f"`{shadow}` is found in place of the standard module `{name}`; its folder comes last."
    yield Fix(cause, (TextEdit(start, start, text),))


def _hidden_module(site: FaultSite) -> str | None:
    match = site.search(_CIRCULAR) or site.search(_NO_MEMBER)
    name = match[1] if match else None
    return name if name in sys.stdlib_module_names else None


def _first_import(site: FaultSite) -> int | None:
    """The offset of the first import that is not of the future."""
    for node in site.code.tree.body if site.code.tree else ():
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if isinstance(node, ast.Import | ast.ImportFrom) and not is_future:
            return site.code.line_start(node.lineno)
    return None
