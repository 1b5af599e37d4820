"""A header's next page is followed where the list never came in pages before, and only there."""

import pytest

from healer.draft.rules.example import Example
from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.values.page_links import find_paged_requests, page_links
from healer.facts.draft import ReadData
from tests.support.rule_cases import content_of, draft_example

NEXT = "https://api.example/rows?page=2"
SCRIPT = page_links.example.text
READ = ReadData(name="GET api.example/rows", text='[{"id": 1}]', next_page=NEXT)


def draft_for(read: ReadData, script: str = SCRIPT) -> list[str]:
    drafts = draft_example(Example(script, is_reported=True), reads=(read,)).candidates
    return [content_of(draft) for draft in drafts if draft.rule == page_links.name]


@pytest.mark.parametrize("error", ["KeyError: 7", "ValueError: 3 of 9", "AssertionError"])
def test_whatever_misses_the_rest_has_the_pages_read(error: str) -> None:
    (text,) = draft_for(READ, SCRIPT.replace("KeyError: 7", error))
    assert "response = requests.get(link)\n" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"next_page": ""},
        {"name": "GET api.example/others"},
        {"name": "POST api.example/rows"},
        {"name": "GET other.example/rows"},
        {"text": '{"rows": [{"id": 1}]}'},
        {"text": "id\n1\n"},
    ],
)
def test_another_answer_says_nothing_of_this_list(changes: dict[str, str]) -> None:
    assert draft_for(READ.model_copy(update=changes)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("requests.get(", "client.fetch("),
        ("requests.get(", "requests.post("),
        ("import requests", "import requests; page = part = 1"),
        ("import requests", "import requests; link = next_link = 1"),
    ],
)
def test_nor_where_it_cannot_be_asked_for(before: str, after: str) -> None:
    assert draft_for(READ, SCRIPT.replace(before, after)) == []


def test_the_first_page_alone_is_not_taken_out_of_an_envelope() -> None:
    """Though nothing in the body says that there is more."""
    script = """
        def names(data):
            return [row["name"] for row in data]
        #! TypeError: string indices must be integers, not 'str'
        """
    data = "{'rows': [{'name': 'tea'}], 'total': 1}"
    example = Example(script, locals={"row": "'rows'", "data": data}, is_reported=True)
    whole = READ.model_copy(update={"next_page": ""})
    rules = [
        [draft.rule for draft in draft_example(example, reads=(read,)).candidates]
        for read in (whole, READ)
    ]
    assert ["envelope" in each for each in rules] == [True, False]


def test_a_request_is_found_by_its_whole_address() -> None:
    text = "rows = get('https://api.example/rows?a=1').json()\n"
    found = find_paged_requests(SourceFile("job.py", text), (READ,))
    assert [request.name for request in found] == ["rows"]
    other = SourceFile("job.py", text.replace("/rows", "/rows/old"))
    assert not list(find_paged_requests(other, (READ,)))
