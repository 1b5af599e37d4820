"""An answer says that there is more in many ways; what only looks like one of them says nothing."""

import json

import pytest

from healer.tape.pages import find_next_link, says_more

NEXT = "https://api.example/rows?page=2"


@pytest.mark.parametrize(
    "value",
    [
        f'<{NEXT}>; rel="next"',
        f"<{NEXT}>; rel=next",
        f'<{NEXT}> ; title="a, b"; rel="next"',
        f'<https://api.example/rows>; rel="first", <{NEXT}>; rel="next last"',
        f'<{NEXT}>; rel="NEXT", <https://api.example/rows?page=9>; rel="last"',
    ],
)
def test_a_link_header_names_the_next_page(value: str) -> None:
    assert find_next_link((("Date", "x"), ("link", value))) == NEXT


@pytest.mark.parametrize(
    "header",
    [
        ("Link", f'<{NEXT}>; rel="prev"'),
        ("Link", f'<{NEXT}>; rel="last", <https://api.example/>; rel="nextcloud"'),
        ("Link", f'<{NEXT}>; title="rel=next"'),
        ("Link", f"{NEXT}; rel=next"),
        ("X-Link", f'<{NEXT}>; rel="next"'),
        ("Link", ""),
    ],
)
def test_another_relation_is_not_the_next_page(header: tuple[str, str]) -> None:
    assert find_next_link([header]) == ""


@pytest.mark.parametrize(
    "rest",
    [
        {"next": NEXT},
        {"next_cursor": "b2Zm"},
        {"nextPageToken": "CAEQAA"},
        {"meta": {"next": "/rows?page=2"}},
        {"paging": {"cursors": {"next": "x"}}},
        {"_links": {"next": {"href": "/2"}}},
        {"has_more": True},
        {"hasNextPage": True},
        {"last": False},
        {"next_page": 2},
        {"page": 1, "pages": 3},
        {"page": 1, "total_pages": 3},
        {"currentPage": 2, "lastPage": 3},
        {"totalPages": 3},
        {"total_count": 3},
        {"total": 3, "limit": 2},
    ],
)
def test_there_is_more(rest: dict[str, object]) -> None:
    assert says_more(json.dumps({"rows": [{"a": 1}, {"a": 2}], **rest}))


@pytest.mark.parametrize(
    "rest",
    [
        {},
        {"next": None},
        {"next": ""},
        {"next_update": "2024-05-01"},
        {"next": [1, 2]},
        {"nextcloud": "https://cloud.example"},
        {"has_more": False},
        {"more": "see the manual"},
        {"last": True},
        {"last": "2024-05-01"},
        {"last_update": False},
        {"page": 1, "pages": 1},
        {"page": 3, "total_pages": 3},
        {"pages": 320},
        {"total": 2, "limit": 2},
        {"total": 120},
        {"total_count": 2},
        {"price_total": 900},
        {"prev": NEXT},
    ],
)
def test_this_is_all(rest: dict[str, object]) -> None:
    assert not says_more(json.dumps({"rows": [{"a": 1}, {"a": 2}], **rest}))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '[{"next": "x"}]', '{"rows": [{"next": "x"}]}', '"next"', "a,next\n1,2"]
)
def test_what_is_no_object_says_nothing(text: str) -> None:
    assert not says_more(text)
