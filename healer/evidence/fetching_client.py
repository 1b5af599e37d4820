"""The HTTP clients in whose place a test can put what a server said: where, and by which few lines.

Belongs here: the clients, which of them a script uses, and what was answered. Does not belong here:
the test's text (`fetching_text`), making the run again (`recorded_run`). Each is replaced at the
method of a class through which all its requests go, so that it does not matter who imported what
before, and nothing stays replaced behind the test.
"""

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from healer.facts.draft import Source
from healer.support.tree_text import read_text
from healer.tape.facts import Connection, Tape

GOOD = range(200, 300)
_WEB_PORTS = {"http": 80, "https": 443}


class Client(NamedTuple):
    """One of them. `text` is a function `answer`, with `{BODY}` where the bytes are made."""

    module: str
    """That is imported by whoever uses it."""
    target: str
    """What a test replaces by `answer`."""
    library: tuple[str, ...]
    """Imports that the function needs, of the standard library."""
    own: tuple[str, ...]
    """And of others."""
    key: str
    """The address that is asked for, in the function."""
    text: str


URLLIB = Client(
    module="urllib.request",
    target="urllib.request.OpenerDirector.open",
    library=(
        "from email import message_from_string",
        "from io import BytesIO",
        "from urllib.response import addinfourl",
    ),
    own=(),
    key="url",
    text="""\
def answer(_opener, request, *_, **__):
    url = getattr(request, 'full_url', request)
    headers = message_from_string('Content-Type: {TYPE}')
    return addinfourl(BytesIO({BODY}), headers, url, 200)
""",
)
REQUESTS = Client(
    module="requests",
    target="requests.adapters.HTTPAdapter.send",
    library=("from io import BytesIO",),
    own=("import requests",),
    key="request.url",
    text="""\
def answer(_adapter, request, **_):
    response = requests.Response()
    response.status_code = 200
    response.url = request.url
    response.encoding = 'utf-8'
    response.headers['Content-Type'] = '{TYPE}'
    response.raw = BytesIO({BODY})
    return response
""",
)
HTTPX, HTTPX2 = (
    Client(
        module=module,
        target=f"{module}.HTTPTransport.handle_request",
        library=(),
        own=(f"import {module}",),
        key="str(request.url)",
        text=f"""\
def answer(_transport, request):
    content = {{BODY}}
    return {module}.Response(200, headers={{'Content-Type': '{{TYPE}}'}}, content=content)
""",
    )
    for module in ("httpx", "httpx2")
)
CLIENTS = (REQUESTS, HTTPX, HTTPX2, URLLIB)
"""Those who use one of the others often take addresses apart with `urllib`, too."""


class Answers(NamedTuple):
    """What was said to each address, as text."""

    texts: dict[str, str]
    kind: str
    """The content type that all of them, or most, are of."""


def find_client(tree: Source, script: str) -> Client | None:
    """The one that a script, or a file of the repository that it imports, uses."""
    names = set(_list_imports(tree, script))
    return next((each for each in CLIENTS if each.module in names), None)


def find_siblings(tree: Source, script: str) -> bool:
    """Whether a script imports files that lie beside it, which are found only by its folder."""
    folder = _folder_of(script)
    return any(
        tree.read(f"{folder}{name.partition('.')[0]}.py") is not None
        for name in _imports_of(tree, script)
    )


def read_answers(tape: Tape, spare: Iterable[Tape] = ()) -> Answers | str:
    """All that was answered, and what `spare` nights, the newest first, were answered where this
    one did not come to ask; or in words, why a test cannot answer so again."""
    texts: dict[str, str] = {}
    kinds: list[str] = []
    for connection in tape.connections:
        if why := _find_obstacle(connection):
            return why
        for each in connection.exchanges:
            url, text = make_url(connection, each.target), each.answer.decode("utf-8")
            if texts.setdefault(url, text) != text:
                return f"{url} was answered with more than one thing"
            types = (value for name, value in each.answer_headers if name.lower() == "content-type")
            kinds.append(next(types, ""))
    for connection in (each for night in spare for each in night.connections):
        if not _find_obstacle(connection):
            for each in connection.exchanges:
                texts.setdefault(make_url(connection, each.target), each.answer.decode("utf-8"))
    kind = max(kinds, key=kinds.count, default="") or "text/plain"
    return Answers(texts, kind if kind.isprintable() and "'" not in kind else "text/plain")


def _find_obstacle(connection: Connection) -> str:
    if connection.turns or (connection.error and not connection.exchanges):
        return f"what it asked {connection.host} is not HTTP, or was not answered"
    for each in connection.exchanges:
        url = make_url(connection, each.target)
        if each.status not in GOOD or each.is_cut:
            return f"{url} was not answered by a whole page"
        try:
            each.answer.decode("utf-8")
        except UnicodeDecodeError:
            return f"what {url} was answered with is no text"
    return ""


def make_url(connection: Connection, target: str) -> str:
    """As a job writes it."""
    scheme = "https" if connection.tls else "http"
    port = "" if connection.port == _WEB_PORTS[scheme] else f":{connection.port}"
    return f"{scheme}://{connection.host}{port}{target}"


def _list_imports(tree: Source, script: str) -> Iterator[str]:
    """All names that are imported, from file to file of the repository."""
    paths = [script]
    for path in paths:
        for name in _imports_of(tree, path):
            yield name
            place = name.replace(".", "/")
            for other in (f"{_folder_of(path)}{place}.py", f"{place}.py", f"{place}/__init__.py"):
                if other not in paths and tree.read(other) is not None:
                    paths.append(other)


def _imports_of(tree: Source, path: str) -> Iterator[str]:
    try:
        nodes = list(ast.walk(ast.parse(read_text(tree, path))))
    except (SyntaxError, ValueError):
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _folder_of(path: str) -> str:
    folder, slash, _ = path.rpartition("/")
    return folder + slash
