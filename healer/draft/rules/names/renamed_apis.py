"""Rules for names that a newer Python or library moved, renamed or removed.

Belongs here: which failure names an old name, and which edits of the file it calls for. Does not
belong here: the table and its application (`renames`), and what has another form now, not only
another name (`changed_apis`).
"""

import ast
import re
from collections.abc import Iterable, Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.example import Example
from healer.draft.rules.names.python2_meaning import find_python2_meaning
from healer.draft.rules.names.renames import (
    PYTHON_3,
    Successor,
    Use,
    bound_names,
    old_builtins,
    old_modules,
    old_names,
    rename_builtins,
    rename_methods,
    rename_modules,
    rename_names,
)
from healer.draft.rules.rule import FaultSite, Fix, Rival, rule
from healer.draft.rules.scope import (
    class_members,
    find_classes,
    imported_names,
    module_names,
    qualified_name,
)
from healer.draft.rules.source_file import SourceFile, TextEdit

_GONE = frozenset({"distutils", "imp", "pipes", "cgi", "typing.io", "typing.re", "asyncore"})
"""Modules that are gone as a whole, of which some names live elsewhere."""
_NO_MODULE = re.compile(r"No module named '([\w.]+)'")


def _quoted_words(site: FaultSite) -> frozenset[str]:
    """The words in quotes in the message, whole and part by part."""
    quotations = re.findall(r"['`]([\w.:]+)['`]", site.message.replace(":", "."))
    return frozenset(part for word in quotations for part in (word, *word.split(".")))


@rule(
    "moved-name",
    "AttributeError ImportError ModuleNotFoundError NameError PydanticImportError",
    estimate=0.97,
    example=Example(
        """
        - from collections import Mapping, deque
        #! ImportError: cannot import name 'Mapping' from 'collections' (collections/__init__.py)
        + from collections import deque
        + from collections.abc import Mapping
          print(isinstance(deque(), Mapping))
        """,
        is_reported=True,
    ),
    silent="""
        import collections
        print(collections.Rates)  #! AttributeError: module 'collections' has no attribute 'Rates'
        """,
    rivals=(
        "the successor does not do quite the same (those that are known to differ are guesses)",
    ),
    link="https://docs.python.org/3/whatsnew/3.10.html#removed",
)
def moved_name(site: FaultSite) -> Iterator[Fix]:
    """A name has moved or has another name now; every such name of the file is replaced."""
    words = _quoted_words(site)
    if words & set(old_modules()):
        return  # the import itself fails: that is `moved-module`'s
    renames = rename_names(site.code)
    cause = next((use.successor for use in renames.uses if _is_named(use, words)), None)
    if cause:
        is_same = _are_same(site, renames.uses)
        estimate = None if is_same else _estimate(site.code, renames.uses)
        yield Fix(_sentence(cause), renames.edits, estimate, is_same=is_same)


def _are_same(site: FaultSite, uses: Iterable[Use]) -> bool:
    """Each old name was one object with its successor, of the library itself, and the file means
    that object by the new name."""
    own, paths = bound_names(site.code), site.files.paths
    parts = {part.removesuffix(".py") for path in paths for part in path.split("/")}
    return all(
        use.successor.is_same
        and use.successor.old.partition(".")[0] not in parts
        and (use.is_imported or use.successor.local_name not in own)
        for use in uses
    )


def _estimate(code: SourceFile, uses: Iterable[Use]) -> float | None:
    """A guess where a successor differs, where only our own table names it, or where the rest of a
    script of Python 2 means something else now."""
    successors = [use.successor for use in uses]
    if any(successor.difference or not successor.is_measured for successor in successors):
        return GUESS
    is_python2 = any(successor.is_python2 for successor in successors)
    return GUESS if is_python2 and find_python2_meaning(code) else None


def _is_named(use: Use, words: frozenset[str]) -> bool:
    """The message is about this old name, or about a module that is gone with it."""
    old = use.successor.old
    if old in words or old.rpartition(".")[2] in words:
        return True
    return use.is_imported and any(old.startswith(f"{word}.") for word in words & _GONE)


def _sentence(successor: Successor) -> str:
    difference = f", but {successor.difference}" if successor.difference else ""
    return (
        f"`{successor.old}` is gone; `{successor}` took its place{difference} ({successor.source})."
    )


@rule(
    "moved-module",
    "ModuleNotFoundError ImportError",
    estimate=0.97,
    example="""
        - import ConfigParser  #! ModuleNotFoundError: No module named 'ConfigParser'
        + import configparser
        - print(ConfigParser.ConfigParser().sections())
        + print(configparser.ConfigParser().sections())
        """,
    silent="""
        import RateParser  #! ModuleNotFoundError: No module named 'RateParser'
        """,
    rivals=("a package of the old name is to be installed",),
    link=PYTHON_3,
)
def moved_module(site: FaultSite) -> Iterator[Fix]:
    """A module has another name now: `ConfigParser` is `configparser`."""
    match = site.search(_NO_MODULE)
    renames = rename_modules(site.code) if match else None
    for use in reversed(renames.uses if renames else ()):
        successor = use.successor
        if match and renames and f"{successor.old}.".startswith(f"{match[1]}."):
            cause = f"The module `{successor.old}` is now `{successor}` ({successor.source})."
            yield Fix(cause, renames.edits, _estimate(site.code, renames.uses))
            return


@rule(
    "gone-module",
    "ModuleNotFoundError",
    estimate=GUESS,
    example=Example(
        """
        - import pipes  #! ModuleNotFoundError: No module named 'pipes'
        + import shlex
        - print(pipes.quote("a b"))
        + print(shlex.quote("a b"))
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        import pipes  #! ModuleNotFoundError: No module named 'pipes'
        print(pipes.quote("a b"), pipes.Template())
        """,
        is_reported=True,
    ),
    rivals=("a package that keeps the old module is to be installed",),
    link="https://docs.python.org/3/whatsnew/3.13.html#removed-modules-and-apis",
)
def gone_module(site: FaultSite) -> Iterator[Fix]:
    """A module is gone, and all that the file uses of it lives elsewhere."""
    match, code, imports = site.search(_NO_MODULE), site.code, imported_names(site.code)
    nodes = [n for n in code.nodes if match and isinstance(n, ast.Import) and _imports(n, match[1])]
    if len(nodes) != 1 or len(nodes[0].names) != 1:
        return
    node, alias = nodes[0], nodes[0].names[0]
    local = alias.asname or alias.name.partition(".")[0]
    edits = rename_names(code).edits
    if local not in imports or not _covers(code, edits, local):
        return
    start, end = code.line_start(node.lineno), code.line_after(node)
    elsewhere = [e for e in edits if not (e.start == e.end and start <= e.start < end)]
    imports_text = "".join(edit.text for edit in edits if edit not in elsewhere)
    names = sorted(
        {name for n in code.nodes if (name := qualified_name(n, imports)) in old_names()}
    )
    successors = ", ".join(str(old_names()[name]) for name in names)
    source = old_names()[names[0]].source if names else ""
    cause = (
        f"The module `{alias.name}` is gone; what is used of it is now `{successors}` ({source})."
    )
    fix = (*elsewhere, TextEdit(start, end, imports_text))
    yield Fix(cause, fix, _estimate(code, (Use(old_names()[name]) for name in names)))


def _imports(node: ast.Import, module: str) -> bool:
    return any(f"{alias.name}.".startswith(f"{module}.") for alias in node.names)


def _covers(code: SourceFile, edits: tuple[TextEdit, ...], local: str) -> bool:
    """Every use of the local name is edited, and there is one."""
    uses = [n for n in code.nodes if isinstance(n, ast.Name) and n.id == local]
    starts = [code.span(use)[0] for use in uses]
    return bool(uses) and all(any(e.start <= s < e.end for e in edits) for s in starts)


@rule(
    "removed-builtin",
    "NameError",
    estimate=0.97,
    example="""
        - for n in xrange(3):  #! NameError: name 'xrange' is not defined
        + for n in range(3):
              print(n)
        """,
    silent="""
        def total(rows):
            return rows.xrange
        print(yrange(3))  #! NameError: name 'yrange' is not defined
        """,
    rivals=(Rival("a variable of nearly this name was meant", "misspelled-name"),),
    link=PYTHON_3,
)
def removed_builtin(site: FaultSite) -> Iterator[Fix]:
    """A built-in of Python 2 is used that nothing in the file defines: `unicode`, `raw_input`."""
    words, own = _quoted_words(site), module_names(site.code)
    word = next((w for w in sorted(words) if w in old_builtins() and w not in own), "")
    if not word:
        return
    builtins, methods = rename_builtins(site.code), rename_methods(site.code)
    estimate = _estimate(site.code, (*builtins.uses, *methods.uses))
    yield Fix(_sentence(old_builtins()[word]), (*builtins.edits, *methods.edits), estimate)


@rule(
    "moved-method",
    "AttributeError",
    estimate=0.95,
    example="""
          rates = {"eur": 1.1}
        - for name, rate in rates.iteritems():
        #! AttributeError: 'dict' object has no attribute 'iteritems'
        + for name, rate in rates.items():
              print(f"{name} {rate}")
        """,
    silent="""
        rates = {"eur": 1.1}
        rates.iterrates()  #! AttributeError: 'dict' object has no attribute 'iterrates'
        """,
    rivals=("an own class lacks the method, which was to be written",),
    link=PYTHON_3,
)
def moved_method(site: FaultSite) -> Iterator[Fix]:
    """A method has one successor: `.iteritems()`, `.has_key(k)`, `.isAlive()`."""
    words = _quoted_words(site)
    renames = rename_methods(site.code, words)
    for use in renames.uses:
        successor = use.successor
        if successor.old.removesuffix("()") in words and not _lacks(site, successor):
            cause = (
                f"`.{successor.old}` is gone; `{successor}` took its place ({successor.source})."
            )
            yield Fix(cause, renames.edits, _estimate(site.code, renames.uses))
            return


def _lacks(site: FaultSite, successor: Successor) -> bool:
    """The object is of a class of the repository's own that has no such method either."""
    match = site.search(r"'(\w+)' object has no attribute")
    classes = find_classes(site.files, site.code.path, match[1]) if match else ()
    return any(successor.new not in class_members(cls) and not cls.bases for _, cls in classes)
