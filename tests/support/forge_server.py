"""A forge in this process: the calls of GitHub, GitLab and Gitea that healer makes, by HTTP.

Belongs here: requests by branch, checks by commit, and what each dialect calls them. Does not
belong here: the tests. The answers' shapes are those of the forges' own API documentation, cut to
what is read, and a call that it does not know is a 404.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

TOKEN = "glpat-0123456789abcdef"
PROJECT = "shop/jobs"


class ScriptedForge:
    """What the forge has, and what it was asked."""

    def __init__(self, kind: str, url: str) -> None:
        self.kind, self.url = kind, url
        self.pulls: list[dict[str, Any]] = []
        self.heads: dict[str, str] = {}
        """The commit of each branch, as pushes would set it."""
        self.checks: dict[str, list[str]] = {}
        """Of each commit, what its checks say: success, failure, pending."""
        self.comments: list[str] = []
        self.calls: list[str] = []
        self.refuse: tuple[int, bytes, str] | None = None
        """Status, text and `Location` of every answer, where it is to fail."""

    @property
    def settings(self) -> dict[str, str]:
        """`[forge]` for it."""
        return {"kind": self.kind, "url": self.url, "project": PROJECT}

    def pull(self, number: int) -> dict[str, Any]:
        """As its dialect tells it."""
        pull = self.pulls[number - 1]
        url = f"https://forge.example/{PROJECT}/{number}"
        head = self.heads.get(pull["branch"], "0" * 40)
        if self.kind == "gitlab":
            state = {"open": "opened"}.get(pull["state"], pull["state"])
            return {"iid": number, "web_url": url, "state": state, "sha": head,
                    "merge_commit_sha": pull.get("merged"), "squash_commit_sha": None}  # fmt: skip
        merged = pull["state"] == "merged"
        return {
            "number": number, "html_url": url, "state": "open" if pull["state"] == "open" else
            "closed", "merged_at": "2026-01-01T00:00:00Z" if merged else None,
            "merge_commit_sha": pull.get("merged"), "head": {"sha": head, "ref": pull["branch"]},
        }  # fmt: skip

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Any:
        """What it says; None for a call that it does not know."""
        root = f"/projects/{PROJECT}" if self.kind == "gitlab" else f"/repos/{PROJECT}"
        words = unquote(path).removeprefix(root).strip("/").split("/")
        match (method, *words):
            case ("GET", "pulls" | "merge_requests"):
                return self._list(query)
            case ("POST", "pulls" | "merge_requests"):
                branch = body.get("head") or body["source_branch"]
                self.pulls.append({"branch": branch, "state": "open", **body})
                return self.pull(len(self.pulls))
            case ("PATCH", "pulls", number) | ("PUT", "merge_requests", number):
                self._change(self.pulls[int(number) - 1], body)
                return self.pull(int(number))
            case ("POST", "issues", _, "comments") | ("POST", "merge_requests", _, "notes"):
                self.comments.append(body["body"])
                return {}
            case ("GET", *_, commit, "check-runs" | "status" | "statuses" as what):
                return self._checks(self.checks.get(commit, []), what)
        return None

    def _list(self, query: dict[str, str]) -> list[dict[str, Any]]:
        branch = query.get("head", "").partition(":")[2] or query.get("source_branch")
        numbers = range(len(self.pulls), 0, -1)
        chosen = [n for n in numbers if branch in (None, self.pulls[n - 1]["branch"])]
        return [self.pull(number) for number in chosen]

    def _change(self, pull: dict[str, Any], body: dict[str, Any]) -> None:
        if body.get("state") == "closed" or body.get("state_event") == "close":
            pull["state"] = "closed"
        pull.update({key: body[key] for key in ("title", "body", "description") if key in body})

    def _checks(self, states: list[str], what: str) -> Any:
        if what == "check-runs":
            runs = [{"status": "in_progress" if s == "pending" else "completed",
                     "conclusion": None if s == "pending" else s} for s in states]  # fmt: skip
            return {"total_count": len(runs), "check_runs": runs}
        if what == "statuses":
            return [{"status": "failed" if s == "failure" else s} for s in states]
        if self.kind == "github":
            return {"state": "pending", "statuses": []}
        order = [s for s in ("failure", "pending", "success") if s in states]
        return {"state": order[0] if order else "", "statuses": [{}] * len(states)}


@contextmanager
def scripted_forge(kind: str) -> Iterator[ScriptedForge]:
    """A forge that answers on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else {}
            forge.calls.append(f"{self.command} {parts.path}")
            token = self.headers.get("PRIVATE-TOKEN") or self.headers.get("Authorization", "")
            if forge.refuse is not None:
                status, text, place = forge.refuse
                return self._say(status, text, place)
            if not re.fullmatch(f"((Bearer|token) )?{TOKEN}", token):
                return self._say(401, b"{}")
            answer = forge.answer(self.command, parts.path, dict(parse_qsl(parts.query)), body)
            if answer is None:
                return self._say(404, b'{"message": "Not Found"}')
            return self._say(200, json.dumps(answer).encode())

        def _say(self, status: int, text: bytes, place: str = "") -> None:
            self.send_response(status)
            if place:
                self.send_header("Location", place)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815  # http.server calls them so

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        forge = ScriptedForge(kind, f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield forge
        finally:
            server.shutdown()
            thread.join()
