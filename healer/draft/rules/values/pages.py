"""A list that came in pages: the others are asked for as the first one was.

Belongs here: answers that say where their next page is, or how many there are. Does not belong
here: an envelope that holds all (`wrappers`). What the other pages hold no recorded night knows, so
that such a fix waits for a person.
"""

import ast
from collections.abc import Callable, Iterator

from healer.draft.rules.bindings import assigned_value
from healer.draft.rules.columns import JsonObject
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.source_file import TextEdit
from healer.draft.rules.values.wrappers import find_documents, find_lists, find_loops_over_texts

COUNTS = ("total_pages", "pages", "page_count", "num_pages", "last_page")
_NAMES = ("page", "part", "next_page")
_WEB = ("http://", "https://")


@rule(
    "pages",
    "TypeError AttributeError",
    estimate=0.7,
    example=Example(
        """
          from client import get
          def names():
              rows = get("https://api.example/rows")
        +     if isinstance(rows, dict):
        +         page, rows = rows, rows["items"]
        +         while page.get("next"):
        +             page = get(page["next"])
        +             rows += page["items"]
              return [row["name"] for row in rows]
        #! TypeError: string indices must be integers, not 'str'
        """,
        locals={
            "row": "'items'",
            "rows": "{'items': [{'name': 'tea'}], 'next': 'https://api.example/rows?page=2'}",
        },
        is_reported=True,
    ),
    silent=Example(
        """
        from client import get
        def names():
            rows = get("https://api.example/rows")
            return [row["name"] for row in rows]
        #! TypeError: string indices must be integers, not 'str'
        """,
        locals={"row": "'items'", "rows": "{'items': [{'name': 'tea'}], 'next': 'b2Zmc2V0'}"},
        is_reported=True,
    ),
    rivals=(
        "the first page is all that was ever meant",
        "the pages overlap, and entries come twice",
    ),
    link="https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api",
)
def pages(site: FaultSite) -> Iterator[Fix]:
    """The list came in pages; each next one is read by the call that read the first."""
    for loop in find_loops_over_texts(site):
        fix = _read_all(site, loop.iter) if isinstance(loop.iter, ast.Name) else None
        if fix is not None:
            yield fix
            return


def _read_all(site: FaultSite, rows: ast.Name) -> Fix | None:
    """The other pages are read behind the statement that reads the first."""
    call = assigned_value(site, rows)
    statement = site.code.parents.get(call) if call is not None else None
    documents = find_documents(site, rows)
    if not call or not isinstance(statement, ast.Assign) or len(documents) != 1:
        return None
    lists = find_lists(site, documents[0])
    address = _find_address(site, call)
    page = next((name for name in _NAMES if name not in _list_names(site)), "")
    if len(lists) != 1 or address is None or not page:
        return None

    def ask(where: str) -> str:
        start, end = site.code.span(address)
        first = site.code.span(call)[0]
        text = site.code.segment(call)
        return f"{text[: start - first]}{where}{text[end - first :]}"

    (key,) = lists
    lines = _follow_links(documents[0], page, rows.id, key, ask) or _count_pages(
        documents[0], page, rows.id, key, lambda: ask(_add_page(site, address, page))
    )
    if not lines:
        return None
    lines = [f"if isinstance({rows.id}, dict):", *(f"    {line}" for line in lines)]
    cause = f"`{rows.id}` came in pages, each an object with `{key}`; all of them are read."
    return Fix(cause, (_add_behind(site, statement, lines),))


def _follow_links(
    document: JsonObject, page: str, rows: str, key: str, ask: Callable[[str], str]
) -> list[str]:
    """While an answer holds the address of the next; nothing where none does."""
    links = [
        name
        for name, value in document.items()
        if isinstance(value, str) and value.startswith(_WEB) and "next" in str(name).casefold()
    ]
    if len(links) != 1:
        return []
    (link,) = links
    following = ask(f'{page}["{link}"]')
    return [
        f'{page}, {rows} = {rows}, {rows}["{key}"]',
        f'while {page}.get("{link}"):',
        f"    {page} = {following}",
        f'    {rows} += {page}["{key}"]',
    ]


def _count_pages(
    document: JsonObject, page: str, rows: str, key: str, ask: Callable[[], str]
) -> list[str]:
    """As many as the first one says that there are; nothing where it is none of several."""
    counts = [name for name in COUNTS if isinstance(value := document.get(name), int) and value > 1]
    if document.get("page") != 1 or len(counts) != 1:
        return []
    last = f'{rows}["{counts[0]}"]'
    return [
        f'last, {rows} = {last}, {rows}["{key}"]',
        f"for {page} in range(2, last + 1):",
        f'    {rows} += {ask()}["{key}"]',
    ]


def _find_address(site: FaultSite, call: ast.expr) -> ast.expr | None:
    """The one argument of a call in there that is an address of the web, by itself or by its
    name."""
    arguments = [
        node.args[0] for node in ast.walk(call) if isinstance(node, ast.Call) and node.args
    ]
    addresses = [each for each in arguments if _read_address(site, each)]
    return addresses[0] if len(addresses) == 1 else None


def _read_address(site: FaultSite, node: ast.expr) -> str:
    value: ast.expr | None = node
    if isinstance(node, ast.Name):
        tree = site.code.tree
        values = [
            each.value
            for each in (tree.body if tree else ())
            if isinstance(each, ast.Assign)
            and [getattr(t, "id", "") for t in each.targets] == [node.id]
        ]
        value = values[0] if len(values) == 1 else None
    text = value.value if isinstance(value, ast.Constant) else None
    return text if isinstance(text, str) and text.startswith(_WEB) else ""


def _add_page(site: FaultSite, address: ast.expr, page: str) -> str:
    """The address of one page, as text of the code."""
    mark = "&" if "?" in _read_address(site, address) else "?"
    text = "{" + address.id + "}" if isinstance(address, ast.Name) else _read_address(site, address)
    return f'f"{text}{mark}page={{{page}}}"'


def _list_names(site: FaultSite) -> set[str]:
    return {node.id for node in site.code.nodes if isinstance(node, ast.Name)}


def _add_behind(site: FaultSite, statement: ast.stmt, lines: list[str]) -> TextEdit:
    """Lines of their own after a statement, as far in as it is."""
    code = site.code
    at, pad = code.line_after(statement), code.indent(statement.lineno)
    return TextEdit(at, at, "".join(f"{pad}{line}{code.newline}" for line in lines))
