"""A list that comes in pages is read to its end, and never where its pages cannot be asked for."""

import json

import pytest

from healer.draft.rules.example import Example
from healer.facts.draft import ReadData
from tests.support.rule_cases import content_of, draft_example, run_script

ROWS = [{"name": "tea"}, {"name": "oil"}]
URL = "https://api.example/rows"
SCRIPT = f"""
    import client

    PLACE = "{URL}"

    rows = client.load(client.open(PLACE, timeout=9))  # all of them
    names = [row["name"] for row in rows]
    #! TypeError: string indices must be integers, not 'str'
    """


def draft_for(document: object, script: str = SCRIPT) -> list[str]:
    example = Example(script, locals={"row": "'rows'"}, is_reported=True)
    reads = (ReadData(name=URL, text=json.dumps(document)),)
    drafts = draft_example(example, reads=reads).candidates
    return [content_of(draft) for draft in drafts if draft.rule == "pages"]


def run(text: str, answers: dict[str, object]) -> list[str]:
    """The names that the script finds, answered so; an address that is not there raises."""
    client = "class client:\n    load = staticmethod(lambda answer: answer)\n"
    client += f"    answers = {answers!r}\n"
    client += "    open = staticmethod(lambda url, timeout: client.answers[url])\n"
    names: list[str] = run_script(text.replace("import client\n", client))["names"]
    return names


def test_the_next_page_is_asked_for_by_its_address() -> None:
    first = {"rows": ROWS, "next": f"{URL}?at=3", "count": 4}
    (text,) = draft_for(first)
    more = [{"name": "rum"}]
    second = {"rows": more, "next": f"{URL}?at=4", "count": 4}
    for last in ({"rows": more, "next": None}, {"rows": more}):
        answers = {URL: first, f"{URL}?at=3": second, f"{URL}?at=4": last}
        assert run(text, answers) == ["tea", "oil", "rum", "rum"]
    assert run(text, {URL: ROWS}) == ["tea", "oil"]


@pytest.mark.parametrize("place", [URL, f"{URL}?all=1"])
def test_or_as_many_as_there_are_are_counted(place: str) -> None:
    first = {"data": ROWS, "page": 1, "total_pages": 3}
    (text,) = draft_for(first, SCRIPT.replace(f'"{URL}"', f'"{place}"'))
    mark = "&" if "?" in place else "?"
    answers = {f"{place}{mark}page={n}": {"data": [{"name": str(n)}]} for n in (2, 3)}
    assert run(text, {place: first, **answers}) == ["tea", "oil", "2", "3"]
    assert run(text, {place: ROWS}) == ["tea", "oil"]


@pytest.mark.parametrize(
    ("rest", "last", "query"),
    [
        ({"next_cursor": "a=&b"}, {"next_cursor": None}, "cursor=a%3D%26b"),
        ({"nextPageToken": "x"}, {}, "pageToken=x"),
        ({"meta": {"next_cursor": "x"}}, {"meta": {"next_cursor": ""}}, "cursor=x"),
        ({"meta": {"next_cursor": "x"}}, {"meta": None}, "cursor=x"),
        ({"next_page": 2, "page": 1}, {"next_page": None, "page": 2}, "page=2"),
        ({"next_offset": 100}, {}, "offset=100"),
        ({"has_more": True}, {"has_more": False}, "starting_after=7"),
    ],
)
def test_a_cursor_is_sent_by_its_own_name(
    rest: dict[str, object], last: dict[str, object], query: str
) -> None:
    rows = [{"id": n, **row} for n, row in zip((5, 7), ROWS, strict=True)]
    first, second = {"rows": rows, **rest}, {"rows": [{"id": 9, "name": "rum"}], **last}
    (text,) = draft_for(first)
    assert run(text, {URL: first, f"{URL}?{query}": second}) == ["tea", "oil", "rum"]
    assert run(text, {URL: ROWS}) == ["tea", "oil"]
    (text,) = draft_for(first, SCRIPT.replace(URL, f"{URL}?all=1"))
    answers = {f"{URL}?all=1": first, f"{URL}?all=1&{query}": second}
    assert run(text, answers) == ["tea", "oil", "rum"]


def test_what_is_only_a_guess_waits_for_a_person() -> None:
    """Which name a server takes a cursor by stands in no answer."""
    reads = (ReadData(name=URL, text=json.dumps({"rows": ROWS, "next_cursor": "x"})),)
    example = Example(SCRIPT, locals={"row": "'rows'"}, is_reported=True)
    (draft,) = (d for d in draft_example(example, reads=reads).candidates if d.rule == "pages")
    assert "`cursor=` is a guess" in draft.doubt
    assert draft.forced == ""


@pytest.mark.parametrize(
    "rest",
    [{"next": f"{URL}?page=2"}, {"next_cursor": "x"}, {"meta": {"next": f"{URL}?page=2"}}],
)
def test_a_page_that_comes_again_is_an_error_and_not_read_for_ever(
    rest: dict[str, object],
) -> None:
    first = {"rows": ROWS, **rest}
    (text,) = draft_for(first)
    answers = {URL: first, f"{URL}?page=2": first, f"{URL}?cursor=x": first}
    with pytest.raises(ValueError, match="the pages go round"):
        run(text, answers)


NEXT = {"rows": ROWS, "next": f"{URL}?page=2"}


@pytest.mark.parametrize(
    "document",
    [
        {"rows": ROWS, "next": None},
        {"rows": ROWS, "next": "/rows?page=2"},
        {"rows": ROWS, "next_cursor": ""},
        {"rows": ROWS, "next_cursor": "/rows?page=2"},
        {"rows": ROWS, "next_cursor": "a", "meta": {"next_cursor": "b"}},
        {"rows": ROWS, "next_update": "tomorrow"},
        {"rows": ROWS, "next": "b2Zmc2V0OjI="},
        {"rows": ROWS, "next_page": True},
        {"rows": ROWS, "has_more": True},
        {"rows": [{"id": 1, **ROWS[0]}], "has_more": False},
        {"rows": ROWS, "prev": f"{URL}?page=2"},
        {"rows": ROWS, "next": f"{URL}?page=2", "next_page": f"{URL}?page=9"},
        {"rows": ROWS, "others": ROWS, "next": f"{URL}?page=2"},
        {"rows": ROWS, "page": 1, "total_pages": 1},
        {"rows": ROWS, "page": 2, "total_pages": 3},
        {"rows": ROWS, "total_pages": 3},
        {"rows": ROWS, "page": 1, "total_pages": 3, "pages": 4},
        {"rows": [{"title": "tea"}], "next": f"{URL}?page=2"},
    ],
)
def test_where_it_is_not_known_how_nothing_is_drafted(document: dict[str, object]) -> None:
    assert draft_for(document) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('PLACE = "https', 'PLACE = "ftp'),
        ("client.open(PLACE, timeout=9)", "client.open(PLACE, client.key(PLACE))"),
        ("client.open(PLACE, timeout=9)", 'client.open("/rows")'),
        ("rows = client", "rows = []\n    rows = client"),
        ("import client", "import client, page, part\n    page = part = next_page = 1"),
    ],
)
def test_nor_where_the_call_is_not_clear(before: str, after: str) -> None:
    assert before in SCRIPT
    assert draft_for(NEXT, SCRIPT.replace(before, after)) == []
