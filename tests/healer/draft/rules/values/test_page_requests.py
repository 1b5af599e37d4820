"""A list is asked for again as it was asked for first, in whatever statements that took."""

import ast
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from textwrap import dedent, indent
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from healer.draft.rules.example import Example
from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.values.page_requests import find_request, list_requests, read_address
from healer.facts.draft import ReadData
from tests.support.rule_cases import content_of, draft_example, run_script

URL = "http://127.0.0.1:@PORT@/rows"
ASKS = {
    "urllib, with": f"""
        import json
        from urllib.request import urlopen
        with urlopen("{URL}", timeout=9) as answer:
            rows = json.load(answer)
        """,
    "urllib, in one line": f"""
        import json
        import urllib.request
        rows = json.loads(urllib.request.urlopen("{URL}").read().decode())
        """,
    "urllib, function": f"""
        import json
        from urllib.request import urlopen
        BASE = "{URL}"
        def fetch():
            with urlopen(BASE + "?limit=2") as answer:
                return json.load(answer)
        rows = fetch()
        """,
    "requests": f"""
        import requests
        response = requests.get("{URL}", timeout=9)
        response.raise_for_status()
        rows = response.json()
        """,
    "requests, params": f"""
        import requests
        BASE = "{URL[:-5]}"
        response = requests.get(f"{{BASE}}/rows", params={{"limit": 2}}, timeout=9)
        rows = response.json()
        """,
    "requests, in one line": f"""
        import requests
        rows = requests.get("{URL}", params={{"limit": 2}}).json()
        """,
    "httpx, function": f"""
        import httpx
        def fetch():
            response = httpx.get("{URL}", params={{"limit": "2"}})
            rows = response.json()
            return rows
        rows = fetch()
        """,
    "requests, session": f"""
        import requests
        with requests.Session() as session:
            rows = session.get("{URL}").json()
        """,
}
COUNT = 3


@contextmanager
def serve(way: str) -> Iterator[tuple[int, list[str]]]:
    """Three pages of two rows, named in one way; every page at last names the one before it where
    the way is `round`. The port, and what was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            query = parse_qs(urlsplit(self.path).query)
            page = int(query.get("page", query.get("cursor", ["1"]))[-1])
            rows = [{"id": 2 * page - 1}, {"id": 2 * page}]
            following = page % COUNT + 1 if way == "round" or page < COUNT else 0
            link = f"http://127.0.0.1:{server.server_port}/rows?limit=2&page={following}"
            body: object = rows
            if way == "next":
                body = {"data": rows, "next": link if following else None}
            elif way == "cursor":
                body = {"data": rows, "next_cursor": str(following) if following else None}
            data = json.dumps(body).encode()
            self.send_response(200)
            if following and way in ("header", "round"):
                self.send_header("Link", f'<{link}>; rel="next", <{link}x>; rel="last"')
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()


def draft(ask: str, port: int, way: str) -> list[str]:
    """What is drafted for a script that asks so, and misses a row or takes a text for one."""
    place = f"http://127.0.0.1:{port}/rows?limit=2&page=2"
    first = [{"id": 1}, {"id": 2}]
    bodies = {"next": {"data": first, "next": place}, "cursor": {"data": first, "next_cursor": "2"}}
    text = json.dumps(bodies.get(way, first))
    script = dedent(ask).replace("@PORT@", str(port))
    script += "ids = {row['id']: row for row in rows}\n"
    script += (
        "#! TypeError: string indices must be integers\n"
        if way in bodies
        else "ids[6]  #! KeyError: 6\n"
    )
    example = Example(indent(script, "    "), locals={"row": "'data'"}, is_reported=True)
    link = place if way not in bodies else ""
    reads = (ReadData(name="GET 127.0.0.1/rows", text=text, next_page=link),)
    drafts = draft_example(example, reads=reads).candidates
    return [content_of(each) for each in drafts if each.rule in ("pages", "page-links")]


@pytest.mark.parametrize("way", ["next", "cursor", "header"])
@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_every_client_reads_all_pages(ask: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", httpx2)  # its successor, with the same functions
    with serve(way) as (port, asked):
        (text,) = draft(ask, port, way)
        assert list(run_script(text)["ids"]) == [1, 2, 3, 4, 5, 6]
    assert len(asked) == COUNT


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_pages_that_go_round_are_an_error(ask: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", httpx2)
    with serve("round") as (port, asked):
        (text,) = draft(ask, port, "round")
        with pytest.raises(ValueError, match="the pages go round"):
            run_script(text)
    assert len(asked) <= COUNT + 1


def parse(text: str) -> SourceFile:
    return SourceFile("job.py", dedent(text).replace("@PORT@", "80"))


@pytest.mark.parametrize(
    "text",
    [
        "rows = get(url)",
        "rows = get('/rows')",
        "rows = get('http://a/x', get('http://a/y'))",
        "rows = get(sign('http://a/x'), key('http://a/y'))",
        "for day in days:\n    r = get('http://a/x')\nrows = r.json()",
        "r = get('http://a/x')\nif r:\n    rows = r.json()",
        "r = get('http://a/x')\nr = 3\nrows = r.json()",
        "r = get('http://a/x')\n" + "print(1)\n" * 6 + "rows = r.json()",
        "r = get('http://a/x')\nfor x in r:\n    print(x)\nrows = r.json()",
        "rows = other = get('http://a/x').json()",
        "rows = []\nrows = get('http://a/x').json()",
        "def rows(): return get('http://a/x').json()\n",
        "A = B = 'http://a/x'\nrows = get(A).json()",
        "rows: list = get('http://a/x').json()",
        # Through a function that may give something else:
        "def fetch(url):\n    return get('http://a/x').json()\nrows = fetch('b')",
        "def fetch():\n    if a: return []\n    return get('http://a/x').json()\nrows = fetch()",
        "def fetch():\n    yield get('http://a/x').json()\nrows = fetch()",
    ],
)
def test_where_it_is_not_clear_how_it_was_asked_nothing_is_found(text: str) -> None:
    code = parse(text)
    assert find_request(code, code.tree, ast.Name("rows", ast.Load())) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("'http://a/x'", "http://a/x"),
        ("BASE + '/x'", "https://a/x"),
        ("f'{BASE}/x?y={1}'", ""),
        ("f'{BASE}/x'", "https://a/x"),
        ("BASE + day", ""),
        ("'/x'", ""),
        ("3", ""),
        ("LOOP", ""),
    ],
)
def test_an_address_is_read_where_all_of_it_is_written_out(text: str, address: str) -> None:
    code = parse(f"BASE = 'https://a'\nLOOP = LOOP + 'x'\nget({text})\n")
    (call,) = (node for node in code.nodes if isinstance(node, ast.Call))
    assert read_address(code, call.args[0]) == address


def test_a_request_for_a_list_parses_what_came() -> None:
    code = parse("r = get('http://a/x')\nrows = r.json()\nids = {row: 1 for row in rows}\n")
    assert [request.name for request in list_requests(code)] == ["rows"]
