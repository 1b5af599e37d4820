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
from typing import Any, Literal
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
        self.issues: list[dict[str, Any]] = []
        self.hidden_issues = 0
        """So many of the newest are not listed yet."""
        self.posts: Literal["taken", "cut", "refused"] = "taken"
        """What becomes of them: `cut` is done, and its answer gets lost."""
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
        if words[0] == "issues" and words[-1] != "comments":
            return self._answer_issues(method, words[-1], query, body)
        return self._answer_pulls(method, words, query, body)

    def _answer_pulls(
        self, method: str, words: list[str], query: dict[str, str], body: dict[str, Any]
    ) -> Any:
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

    def issue(self, number: int) -> dict[str, Any]:
        """As its dialect tells it."""
        issue = self.issues[number - 1]
        url = f"https://forge.example/{PROJECT}/issues/{number}"
        if self.kind == "gitlab":
            state = "opened" if issue["state"] == "open" else "closed"
            return {**issue, "iid": number, "web_url": url, "state": state}
        return {**issue, "number": number, "html_url": url}

    def _answer_issues(
        self, method: str, number: str, query: dict[str, str], body: dict[str, Any]
    ) -> Any:
        if method == "GET":
            return self._list_issues(query)
        if method == "POST":
            self.issues.append({"state": "open", **body})
            return self.issue(len(self.issues))
        self._change_issue(self.issues[int(number) - 1], body)
        return self.issue(int(number))

    def _list_issues(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """The pull requests, too, as GitHub does; by page."""
        size = int(query.get("per_page") or query["limit"])
        first = size * (int(query["page"]) - 1)
        pulls = [{"pull_request": {}} for _ in self.pulls] if self.kind == "github" else []
        count = len(self.issues) - self.hidden_issues
        issues = [self.issue(number) for number in range(1, count + 1)]
        if self.kind == "gitea":
            issues.reverse()  # it has no order to choose
        return [*pulls, *issues][first : first + size]

    def _change_issue(self, issue: dict[str, Any], body: dict[str, Any]) -> None:
        closes = body.get("state") == "closed" or body.get("state_event") == "close"
        opens = body.get("state") == "open" or body.get("state_event") == "reopen"
        issue["state"] = "closed" if closes else "open" if opens else issue["state"]
        issue.update({key: body[key] for key in ("title", "body", "description") if key in body})

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
            if self.command == "POST" and forge.posts == "refused":
                return self._say(503, b"")
            answer = forge.answer(self.command, parts.path, dict(parse_qsl(parts.query)), body)
            if self.command == "POST" and forge.posts == "cut":
                return self._say(502, b"")
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
