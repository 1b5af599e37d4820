"""A job that ended well on the first page alone is mended where it asks for the list."""

import pytest

from healer.draft.rules import RulesDrafter
from healer.draft.rules.source_files import SourceFiles
from healer.draft.rules.unread_pages import find_unread_pages
from healer.facts.draft import Case, ReadData
from healer.failure import Failure, Raised
from healer.nights.expectations import BROKEN_EXPECTATION
from sandbox import Report
from tests.support.memory_tree import MemoryTree
from tests.support.rule_cases import content_of

JOB = """import requests
rows = requests.get("https://api.example/rows").json()
print(len(rows))
"""
READ = ReadData(
    name="GET api.example/rows",
    text='[{"id": 1}]',
    before='[{"id": 1}, {"id": 2}]',
    next_page="https://api.example/rows?page=2",
)


def test_the_line_that_asks_is_where_the_rest_is_missing() -> None:
    tree = MemoryTree({"job.py": JOB, "tests/test_job.py": JOB})
    (error,) = find_unread_pages(SourceFiles(tree, (), (READ,)), "job.py")
    assert error.type == BROKEN_EXPECTATION
    assert [(frame.file, frame.line) for frame in error.frames] == [("job.py", 2)]


@pytest.mark.parametrize("read", [READ.model_copy(update={"next_page": ""}), None])
def test_without_a_next_page_nothing_is_missing(read: ReadData | None) -> None:
    files = SourceFiles(MemoryTree({"job.py": JOB}), (), (read,) if read else ())
    assert not list(find_unread_pages(files, "job.py"))


def test_a_broken_expectation_has_all_pages_read() -> None:
    wrong = Raised(type=BROKEN_EXPECTATION, message="1 rows; expected 2..9")
    failure = Failure(id="f", script="job.py", source="run", chain=(wrong,), stderr_tail="")
    case = Case(
        repair="r", script="job.py", failure=failure, base="", baseline=Report(), reads=(READ,)
    )
    (draft,) = RulesDrafter().draft(case, MemoryTree({"job.py": JOB})).candidates
    assert draft.rule == "page-links"
    assert 'while link := response.links.get("next", {}).get("url"):' in content_of(draft)
