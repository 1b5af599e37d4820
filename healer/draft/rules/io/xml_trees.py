"""Elements of XML that no longer lie where the code looks: renamed, or deeper than they were.

Belongs here: paths of ElementTree and lxml, where the data of two nights shows where they lead now.
Does not belong here: HTML, and an element that is gone: nothing is put in its place.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.columns import find_successors, read_columns
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, called_name, rule

_FINDERS = ("find", "findtext")


@rule(
    "moved-element",
    "AttributeError TypeError",
    estimate=GUESS,
    example=Example(
        """
          import xml.etree.ElementTree as ET
          item = ET.fromstring("<item><id>7</id><offer><price>3</price></offer></item>")
        - print(item.find("price").text)
        #! AttributeError: 'NoneType' object has no attribute 'text'
        + print(item.find("price" if item.find("price") is not None else "offer/price").text)
        """,
        read=(
            "<items><item><id>6</id><price>4</price></item></items>",
            "<items><item><id>7</id><offer><price>3</price></offer></item></items>",
        ),
    ),
    silent="""
        import xml.etree.ElementTree as ET
        item = ET.fromstring("<item><id>7</id></item>")
        print(item.find("price").text)  #! AttributeError: 'NoneType' object has no attribute 'text'
        """,
    rivals=("the element was dropped, and the other one means something else",),
    link="https://docs.python.org/3/library/xml.etree.elementtree.html#finding-interesting-elements",
)
def moved_element(site: FaultSite) -> Iterator[Fix]:
    """The data has an element under another name or deeper now; both are looked for.

    What stood there on the last good night says which element it is.
    """
    if "NoneType" not in site.message:
        return
    for call in site.calls(*_FINDERS):
        path = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
        if not isinstance(path, str) or not isinstance(call.func, ast.Attribute):
            continue
        new_path = _find_new_path(site, path)
        edits = tuple(
            site.code.replace(each.args[0], _either(site, each, new_path))
            for each in site.code.nodes
            if new_path and isinstance(each, ast.Call) and _looks_for(each, path)
        )
        cause = (
            f"The data has no `{path}` any more; it is at `{new_path}` now. Both are looked for."
        )
        yield Fix(cause, edits, GUESS)


def _looks_for(call: ast.Call, path: str) -> bool:
    """Asking twice is as good as once."""
    is_plain = isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)
    is_finder = is_plain and called_name(call) in _FINDERS and bool(call.args)
    return is_finder and isinstance(call.args[0], ast.Constant) and call.args[0].value == path


def _either(site: FaultSite, call: ast.Call, new_path: str) -> str:
    old = site.code.segment(call.args[0])
    holder = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    return f'{old} if {site.code.segment(holder)}.find({old}) is not None else "{new_path}"'


def _find_tag(name: str, text: str) -> str:
    """As paths have it: of a name that the document only has with a prefix, in any namespace."""
    has_prefix = re.search(rf"<[\w.-]+:{re.escape(name)}\b", text)
    has_none = re.search(rf"<{re.escape(name)}\b", text)
    return f"{{*}}{name}" if has_prefix and not has_none else name


def _find_new_path(site: FaultSite, path: str) -> str:
    """Where what lay at the end of this path lies now, from the same element on; else empty."""
    tail = tuple(path.removeprefix("./").split("/"))
    paths: set[str] = set()
    for read in site.files.reads:
        before, now = read_columns(read.before), read_columns(read.text)
        for old, new in find_successors(before, now).items():
            holder = old[: -len(tail)]
            if (
                old[-len(tail) :] == tail
                and new[: len(holder)] == holder
                and len(new) > len(holder)
            ):
                paths.add("/".join(_find_tag(part, read.text) for part in new[len(holder) :]))
    return paths.pop() if len(paths) == 1 else ""
