"""A list that came in pages: the others are asked for as the first one was.

Belongs here: answers that say in their body where their next page is, by what it is asked for, or
how many there are. Does not belong here: an envelope that holds all (`wrappers`), and pages that a
header names (`page_links`). What the other pages hold no recorded night knows, so that such a fix
waits for a person.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from healer.draft.rules.columns import JsonObject, KeyPath
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.source_file import SourceFile, TextEdit
from healer.draft.rules.values.page_requests import PageRequest, find_request
from healer.draft.rules.values.wrappers import find_documents, find_lists, find_loops_over_texts

COUNTS = ("total_pages", "pages", "page_count", "num_pages", "last_page")
_NAMES = ("page", "part", "next_page")
_WEB = ("http://", "https://")
_CURSOR = re.compile(r"next(?:_(?P<snake>[a-z]\w*)|(?P<camel>[A-Z]\w*))")
_CURSORS = {"cursor", "page", "offset", "marker", "start", "page_token", "pagetoken"}
"""What follows `next` in the name of what the next page is asked for by."""
_DEEPEST = 3


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
        +         page, rows, links = rows, rows["items"], set()
        +         while link := page.get("next"):
        +             if link in links:
        +                 raise ValueError(f"the pages go round: {link}")
        +             links.add(link)
        +             page = get(link)
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
    """The list came in pages; each next one is read as the first was, and one that comes again is
    an error."""
    for loop in find_loops_over_texts(site):
        fix = _read_all(site, loop.iter)
        if fix is not None:
            yield fix
            return


def _read_all(site: FaultSite, holder: ast.expr) -> Fix | None:
    """The other pages are read behind the statement that reads the first."""
    request = find_request(site.code, site.scope, holder)
    documents = find_documents(site, holder)
    if request is None or len(documents) != 1:
        return None
    (document,) = documents
    lists = find_lists(site, document)
    page = choose_name(site.code, _NAMES)
    if len(lists) != 1 or not page:
        return None
    (key,) = lists
    frame = _Frame(request, page, key)
    for way in (_follow_links, _follow_cursors, _count_pages, _go_on_from_the_last):
        draft = way(document, frame)
        if draft is not None:
            lines = [f"if isinstance({frame.rows}, dict):", *(f"    {ln}" for ln in draft.lines)]
            cause = f"`{frame.rows}` came in pages, each an object with `{key}`; all are read."
            edits = (*request.add_behind(lines), *draft.imports)
            return Fix(cause, edits, doubt=draft.doubt)
    return None


class _Frame(NamedTuple):
    """What all ways of asking for the others have in common."""

    request: PageRequest
    page: str
    """The name of one page."""
    key: str
    """Under which a page holds its entries."""

    @property
    def rows(self) -> str:
        return self.request.name

    @property
    def code(self) -> SourceFile:
        return self.request.code


class _Pages(NamedTuple):
    """The lines that read the others, what they need, and what only a person can say."""

    lines: list[str]
    imports: tuple[TextEdit, ...] = ()
    doubt: str = ""


def choose_name(code: SourceFile, names: tuple[str, ...]) -> str:
    """The first that the file does not use; empty where it uses all."""
    names_there = {node.id for node in code.nodes if isinstance(node, ast.Name)}
    return next((name for name in names if name not in names_there), "")


def repeat_until_round(
    condition: str, name: str, names: str, request_lines: list[str], rest: str
) -> list[str]:
    """A loop that ends with an error where a page comes again: a server that does not know what it
    is asked by answers with the first page for ever."""
    return [
        f"while {name} := {condition}:",
        f"    if {name} in {names}:",
        f'        raise ValueError(f"the pages go round: {{{name}}}")',
        f"    {names}.add({name})",
        *(f"    {line}" for line in request_lines),
        f"    {rest}",
    ]


def _loop(frame: _Frame, condition: str, name: str, request_lines: list[str]) -> list[str]:
    page, rows, key, names = frame.page, frame.rows, frame.key, f"{name}s"
    rest = f'{rows} += {page}["{key}"]'
    return [
        f'{page}, {rows}, {names} = {rows}, {rows}["{key}"], set()',
        *repeat_until_round(condition, name, names, request_lines, rest),
    ]


def _follow_links(document: JsonObject, frame: _Frame) -> _Pages | None:
    """While an answer holds the address of the next."""
    links = [
        path
        for path, value in _walk(document)
        if isinstance(value, str) and value.startswith(_WEB) and _is_of_next(path)
    ]
    name = choose_name(frame.code, ("link", "next_link"))
    if len(links) != 1 or not name:
        return None
    lines = frame.request.repeat(name, frame.page, params="")
    return _Pages(_loop(frame, _get(frame.page, links[0]), name, lines))


def _is_of_next(path: KeyPath) -> bool:
    key = path[-1].casefold()
    return "next" in key or (key in ("href", "url") and path[-2:-1] == ("next",))


def _follow_cursors(document: JsonObject, frame: _Frame) -> _Pages | None:
    """While an answer holds a cursor; by what it is sent, its own name tells."""
    cursors = [
        (path, parameter)
        for path, value in _walk(document)
        if (parameter := _find_parameter(path[-1])) and _is_cursor(value)
    ]
    name = choose_name(frame.code, ("cursor", "next_cursor"))
    if len(cursors) != 1 or not name:
        return None
    path, parameter = cursors[0]
    lines, imports = frame.request.ask_with(parameter, name, frame.page)
    doubt = f"that the next page is asked for by `{parameter}=` is a guess by the name of its key"
    return _Pages(_loop(frame, _get(frame.page, path), name, lines), imports, doubt)


def _find_parameter(key: str) -> str:
    """`cursor` of `next_cursor`, `pageToken` of `nextPageToken`; empty for any other key."""
    match = _CURSOR.fullmatch(key)
    if match is None:
        return ""
    camel = match["camel"] or ""
    parameter: str = match["snake"] or camel[:1].lower() + camel[1:]
    return parameter if parameter.casefold() in _CURSORS else ""


def _is_cursor(value: object) -> bool:
    if isinstance(value, str):
        return bool(value) and not value.startswith((*_WEB, "/"))
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _go_on_from_the_last(document: JsonObject, frame: _Frame) -> _Pages | None:
    """While an answer says that it has more, from the last entry that it held."""
    flags = [key for key in ("has_more", "hasMore") if document.get(key) is True]
    entries = document.get(frame.key)
    is_named = isinstance(entries, list) and all(
        isinstance(each, dict) and "id" in each for each in entries
    )
    name = choose_name(frame.code, ("last", "last_id"))
    if len(flags) != 1 or not is_named or not name:
        return None
    lines, imports = frame.request.ask_with("starting_after", name, frame.page)
    condition = f'{frame.page}.get("{flags[0]}") and {frame.rows}[-1]["id"]'
    doubt = "that the next page is asked for by `starting_after=` and the last `id` is a guess"
    return _Pages(_loop(frame, condition, name, lines), imports, doubt)


def _count_pages(document: JsonObject, frame: _Frame) -> _Pages | None:
    """As many as the first one says that there are; nothing where it is none of several."""
    counts = [name for name in COUNTS if isinstance(value := document.get(name), int) and value > 1]
    if document.get("page") != 1 or len(counts) != 1:
        return None
    page, rows, key = frame.page, frame.rows, frame.key
    lines = frame.request.ask_for_number(page)
    return _Pages(
        [
            f'last, {rows} = {rows}["{counts[0]}"], {rows}["{key}"]',
            f"for {page} in range(2, last + 1):",
            *(f"    {line}" for line in lines),
            f'    {rows} += {page}["{key}"]',
        ]
    )


def _walk(document: JsonObject, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    """What stands beside the lists, with its keys."""
    for key, value in document.items():
        if isinstance(value, dict) and len(path) + 1 < _DEEPEST:
            yield from _walk(value, (*path, str(key)))
        else:
            yield (*path, str(key)), value


def _get(page: str, path: KeyPath) -> str:
    """What a page holds there, or nothing where the last one leaves it out."""
    *outer, key = path
    for each in outer:
        page = f'({page}.get("{each}") or {{}})'
    return f'{page}.get("{key}")'
