"""A file that is named like a standard module, and found in its place.

Belongs here: files of the script's own folder that hide a module. Does not belong here: names
inside a file that hide a built-in (`flow`).
"""

import ast
import re
import sys
from collections.abc import Iterator

from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.source_file import TextEdit

_PARTLY = re.compile(r"module '(\w+)' (?:from '[^']*' )?has no attribute")
_CIRCULAR = re.compile(r"(?:cannot import name '\w+' from|partially initialized module) '(\w+)'")


def shadowed_module(site: FaultSite) -> Iterator[Fix]:
    """A script's folder comes last in the search for modules, where it hides a standard one."""
    name = _hidden(site)
    folder = site.code.path.rpartition("/")[0]
    shadow = f"{folder}/{name}.py".lstrip("/")
    if name is None or shadow not in site.files.paths:
        return
    start = _first_import(site)
    if start is None:
        return
    newline = site.code.newline
    lines = ("import sys", "", f"sys.path.append(sys.path.pop(0))  # {shadow} hides `{name}`", "")
    text = newline.join((*lines, ""))
    cause = f"`{shadow}` is found in place of the standard module `{name}`; its folder comes last."
    yield Fix(cause, (TextEdit(start, start, text),), 0.7)


def _hidden(site: FaultSite) -> str | None:
    match = _CIRCULAR.search(site.error.message) or _PARTLY.search(site.error.message)
    name = match[1] if match else None
    return name if name in sys.stdlib_module_names else None


def _first_import(site: FaultSite) -> int | None:
    """The offset of the first import that is not of the future or of `sys`."""
    for node in site.code.tree.body if site.code.tree else ():
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if isinstance(node, ast.Import | ast.ImportFrom) and not future:
            return site.code.line_start(node.lineno)
    return None


SHADOW_RULES = (
    rule("shadowed-module", "AttributeError ImportError", shadowed_module, outward=True),
)
