"""A member of an archive is looked for in its folders; another one is taken by a person alone."""

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_silence, content_of, draft_example

READ = """
import zipfile
def read(data):
    with zipfile.ZipFile(data) as archive:
        with archive.open({name}) as file:
#! KeyError: "There is no item named 'm.csv' in the archive"
            return file.read()
"""


def make_example(name: str) -> Example:
    return Example(READ.format(name=name), is_reported=True)


def test_it_is_looked_for_in_every_folder_and_then_by_its_suffix() -> None:
    drafts = draft_example(make_example("'m.csv'")).candidates
    texts = [content_of(draft) for draft in drafts if draft.rule == "moved-member"]
    assert "next(n for n in archive.namelist() if n.split('/')[-1] == \"m.csv\")" in texts[0]
    assert "'m.csv' if 'm.csv' in archive.namelist() else next(" in texts[1]
    assert [bool(draft.doubt) for draft in drafts] == [False, True]


def test_a_name_from_elsewhere_is_left_alone() -> None:
    check_silence("moved-member", make_example("NAME"))
    check_silence("moved-member", make_example("'other.csv'"))
