"""A request gets the answer that it got that night, and no other."""

import base64
from typing import Any

import pytest

from sandbox.inside.world.book import Book, Entry, split_target

PLACE = "api.example:80"


def entry(
    target: str = "/",
    answer: str = "",
    method: str = "GET",
    body: bytes = b"",
    *,
    is_spare: bool = False,
) -> Entry:
    exchange: Any = {
        "method": method,
        "target": target,
        "headers": [["Host", "api.example"]],
        "body": base64.urlsafe_b64encode(body).decode(),
        "answer": answer,
    }
    return Entry(PLACE, exchange, is_spare=is_spare)


def ask(
    book: Book, target: str, method: str = "GET", body: bytes = b"", place: str = "api.example"
) -> str | None:
    found = book.find(method, target, {place}, body)
    return found.exchange["answer"] if found else None


@pytest.mark.parametrize(
    ("recorded", "asked", "is_same"),
    [
        ("/a", "/a", True),
        ("/a", "/b", False),
        ("/a?x=1&y=2", "/a?y=2&x=1", True),
        ("/a?x=1", "/a?x=2", False),
        ("/a?x=1", "/a", False),
        ("/a", "/a?page=2", False),
        ("/a?x=1&_=88", "/a?x=1&_=99", True),
        ("/a?nonce=aa", "/a", True),
        ("/a?key=<REDACTED:key:1>", "/a?key=whatever", True),
        ("/a?since=1700000000", "/a?since=1700000055", True),
        ("/a?since=1700000000", "/a?since=1500000055", False),
        ("/a?at=2026-11-26T01:00:00", "/a?at=2026-11-26T01:00:07", True),
        ("/a?at=2026-11-26T01:00:00", "/a?at=2025-11-26T01:00:00", False),
        ("/a%20b", "/a b", True),
        ("/a", "http://api.example/a", True),
    ],
)
def test_a_request_is_matched_by_path_and_query(recorded: str, asked: str, is_same: bool) -> None:
    assert (ask(Book([entry(recorded, "yes")]), asked) == "yes") is is_same


def test_method_and_host_must_be_the_same() -> None:
    book = Book([entry("/a", "yes")])
    assert ask(book, "/a", "DELETE") is None
    assert ask(book, "/a", place="other.example") is None
    assert ask(book, "/a", place=PLACE) == "yes"


def test_equal_requests_get_their_answers_in_order_and_the_last_again() -> None:
    book = Book([entry("/poll", "1"), entry("/other", "x"), entry("/poll", "2")])
    assert [ask(book, "/poll") for _ in range(4)] == ["1", "2", "2", "2"]


def test_the_body_tells_apart_what_is_sent_to_one_place() -> None:
    book = Book([entry("/rpc", "a", "POST", b"get a"), entry("/rpc", "b", "POST", b"get b")])
    assert ask(book, "/rpc", "POST", b"get b") == "b"
    assert ask(book, "/rpc", "POST", b"get a") == "a"
    assert ask(book, "/rpc", "POST", b"get c") == "b"


def test_a_body_with_a_secret_is_the_same_with_another_one() -> None:
    recorded = b'{"token": "<REDACTED:token:1>", "a": 1}'
    book = Book([entry("/x", "1", "POST", b"{}"), entry("/x", "2", "POST", recorded)])
    assert ask(book, "/x", "POST", b'{"token": "xxxx", "a": 1}') == "2"


def test_a_target_is_path_and_query() -> None:
    assert split_target("http://x/a/b?c=d&e") == ("/a/b", [("c", "d"), ("e", "")])


def test_another_night_answers_only_what_this_one_does_not() -> None:
    spare = [entry("/a", "theirs", is_spare=True), entry("/b", "theirs", is_spare=True)]
    book = Book([*spare, entry("/a", "ours")])
    assert [ask(book, path) for path in ("/a", "/a", "/b")] == ["ours", "ours", "theirs"]
    posts = Book([entry("/p", "theirs", "POST", b"x", is_spare=True), entry("/p", "ours", "POST")])
    assert ask(posts, "/p", "POST", b"x") == "ours"
