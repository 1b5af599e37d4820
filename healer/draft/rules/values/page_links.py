"""A list of which a header names the next page: they are followed to their end.

Belongs here: the `Link` header (RFC 8288), as requests, httpx and urllib show it. Does not belong
here: pages that the body tells of (`pages`). The list looks as it always did, and nothing fails
where it is read: what fails is what misses the rest, or an expectation.
"""

import ast
import json
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, called_name, rule
from healer.draft.rules.source_file import SourceFile, TextEdit
from healer.draft.rules.values.page_requests import PageRequest, list_requests, read_address
from healer.draft.rules.values.pages import choose_name, repeat_until_round
from healer.facts.draft import ReadData

_PATTERN = r"""r'<([^<>]*)>[^<>]*\brel="?next\b'"""


@rule(
    "page-links",
    "ExpectationError KeyError IndexError ValueError AssertionError StopIteration StatisticsError "
    "ZeroDivisionError",
    estimate=0.7,
    example=Example(
        """
          import requests
          response = requests.get("https://api.example/rows")
          rows = response.json()
        + links = set()
        + while link := response.links.get("next", {}).get("url"):
        +     if link in links:
        +         raise ValueError(f"the pages go round: {link}")
        +     links.add(link)
        +     response = requests.get(link)
        +     page = response.json()
        +     rows += page
          print({row["id"]: row for row in rows}[7])  #! KeyError: 7
        """,
        is_reported=True,
        read=("[]", "[]"),
        next_page="https://api.example/rows?page=2",
    ),
    silent=Example(
        """
        import requests
        rows = requests.get("https://api.example/rows").json()
        print({row["id"]: row for row in rows}[7])  #! KeyError: 7
        """,
        is_reported=True,
    ),
    rivals=(
        "the first page is all that was ever meant",
        "the pages overlap, and entries come twice",
    ),
    link="https://www.rfc-editor.org/rfc/rfc8288",
)
def page_links(site: FaultSite) -> Iterator[Fix]:
    """The answer's `Link` header names a next page since the last good night; all are read, and
    one that comes again is an error."""
    for request in find_paged_requests(site.code, site.files.reads):
        edits = _read_all(request)
        if edits:
            cause = "The list comes in pages now, and a `Link` header names the next; all are read."
            yield Fix(cause, tuple(edits))


def find_paged_requests(code: SourceFile, reads: tuple[ReadData, ...]) -> Iterator[PageRequest]:
    """The file's requests for lists that came in pages, told by a header, as they never did."""
    names = {each.name for each in reads if each.next_page and _is_list(each.text)}
    for request in list_requests(code) if names else ():
        where = urlsplit(read_address(code, request.address))
        if f"GET {where.hostname}{where.path or '/'}" in names:
            yield request


def _is_list(text: str) -> bool:
    with suppress(ValueError, RecursionError):
        return isinstance(json.loads(text), list)
    return False


def _read_all(request: PageRequest) -> list[TextEdit]:
    """Nothing where the client is none that is known here, or a name is lacking."""
    code = request.code
    page, name = choose_name(code, ("page", "part")), choose_name(code, ("link", "next_link"))
    holder = request.holder or choose_name(code, ("response", "answer", "reply"))
    condition = _find_link(request, holder)
    if not page or not name or not holder or not condition:
        return []
    edits = [] if request.holder else _name_response(request, holder)
    if edits:
        lines = [f"{holder} = {request.ask(name)}"]
        value = code.segment(request.value).replace(code.segment(request.call), holder)
        lines.append(f"{page} = {value}")
    else:
        lines = request.repeat(name, page, params="")
    names = f"{name}s"
    loop = repeat_until_round(condition, name, names, lines, f"{request.name} += {page}")
    if _is_by_urllib(request):
        loop[1:1] = [f"    {name} = {name}[1]"]
        edits.append(code.add_import("import re"))
    return [*edits, *request.add_behind([f"{names} = set()", *loop])]


def _find_link(request: PageRequest, holder: str) -> str:
    """How the client shows the next page; empty where it is not known."""
    if _is_by_urllib(request):
        return f're.search({_PATTERN}, {holder}.headers.get("Link") or "")'
    is_get = isinstance(request.call.func, ast.Attribute) and request.call.func.attr == "get"
    return f'{holder}.links.get("next", {{}}).get("url")' if is_get else ""


def _is_by_urllib(request: PageRequest) -> bool:
    return called_name(request.call) == "urlopen"


def _name_response(request: PageRequest, holder: str) -> list[TextEdit]:
    """A line of its own for the request, whose answer has no name."""
    code = request.code
    line = code.add_line(request.first, f"{holder} = {code.segment(request.call)}")
    return [line, code.replace(request.call, holder)]
