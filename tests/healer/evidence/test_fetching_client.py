"""Which client a script uses, and what it was answered, as far as a test can say it again."""

import pytest

from healer.evidence.fetching_client import (
    HTTPX,
    REQUESTS,
    URLLIB,
    Answers,
    Client,
    find_client,
    find_siblings,
    make_url,
    read_answers,
)
from healer.tape.facts import Exchange, Turn
from tests.support.memory_tree import MemoryTree
from tests.support.tapes import connection, exchange, tape


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("from urllib.request import urlopen\n", URLLIB),
        ("from urllib import request\n", URLLIB),
        ("def load():\n    import urllib.request\n", URLLIB),
        ("import requests\nfrom urllib.parse import urljoin\n", REQUESTS),
        ("import httpx\nimport urllib.request\n", HTTPX),
        ("import helper\n", URLLIB),
        ("from urllib.parse import urljoin\n", None),
        ("import pycurl  # not urllib.request, nor requests\n", None),
        ("import requests.\n", None),
    ],
)
def test_it_is_the_one_that_is_imported(text: str, client: Client | None) -> None:
    tree = MemoryTree({"jobs/a.py": text, "jobs/helper.py": "import urllib.request\nimport a\n"})
    assert find_client(tree, "jobs/a.py") is client


@pytest.mark.parametrize(("name", "needs"), [("helper", True), ("json", False)])
def test_what_lies_beside_it_needs_its_folder(name: str, needs: bool) -> None:
    tree = MemoryTree({"jobs/a.py": f"import {name}\n", "jobs/helper.py": ""})
    assert find_siblings(tree, "jobs/a.py") is needs


@pytest.mark.parametrize(
    ("tls", "port", "url"),
    [
        (False, 80, "http://api.example/a?b=1"),
        (True, 443, "https://api.example/a?b=1"),
        (True, 8443, "https://api.example:8443/a?b=1"),
        (False, 443, "http://api.example:443/a?b=1"),
    ],
)
def test_an_address_is_as_a_job_writes_it(tls: bool, port: int, url: str) -> None:
    assert make_url(connection(host="api.example", port=port, tls=tls), "/a?b=1") == url


CSV = (("Content-Type", "text/csv"),)


def read(*exchanges: Exchange) -> Answers | str:
    return read_answers(tape(connections=(connection(*exchanges, host="h", port=80),)))


def test_all_answers_are_told_by_address() -> None:
    answers = read(exchange("/a", b"x", answer_headers=CSV), exchange("/a", b"x"), exchange("/b"))
    assert answers == Answers({"http://h/a": "x", "http://h/b": "{}"}, "")._replace(
        kind=answers.kind if isinstance(answers, Answers) else ""
    )


def test_the_content_type_is_that_of_most() -> None:
    pages = [exchange(f"/{n}", answer_headers=CSV) for n in range(2)]
    answers = read(*pages, exchange("/x"))
    assert isinstance(answers, Answers)
    assert answers.kind == "text/csv"


def test_what_it_did_not_come_to_ask_is_answered_by_other_nights() -> None:
    nights = [
        tape(connections=(connection(exchange("/a", b"old"), exchange("/done", text), host="h"),))
        for text in (b"newest", b"older")
    ]
    bad = tape(connections=(connection(exchange("/last", status=500), host="h"),))
    now = tape(connections=(connection(exchange("/a", b"new"), host="h"),))
    answers = read_answers(now, (bad, *nights))
    assert isinstance(answers, Answers)
    assert list(answers.texts.values()) == ["new", "newest"]


@pytest.mark.parametrize(
    ("exchanges", "why"),
    [
        ([exchange("/a", b"x"), exchange("/a", b"y")], "with more than one thing"),
        ([exchange("/a", b"\xff")], "is no text"),
        ([exchange("/a", status=404)], "was not answered by a whole page"),
        ([exchange("/a", is_cut=True)], "was not answered by a whole page"),
    ],
)
def test_what_cannot_be_answered_so_again_is_said(exchanges: list[Exchange], why: str) -> None:
    answers = read(*exchanges)
    assert isinstance(answers, str)
    assert answers.startswith(("http://h/a ", "what http://h/a "))
    assert answers.endswith(why)


@pytest.mark.parametrize("changes", [{"turns": (Turn(True, b"EHLO"),)}, {"error": "TimeoutError"}])
def test_what_is_no_http_is_said(changes: dict[str, object]) -> None:
    night = tape(connections=(connection(host="mail", **changes),))
    assert read_answers(night) == "what it asked mail is not HTTP, or was not answered"
