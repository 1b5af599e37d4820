"""A member of an archive is looked for in its folders; no other one is taken for it."""

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


def test_it_is_looked_for_in_every_folder() -> None:
    (draft,) = draft_example(make_example("'m.csv'")).candidates
    wanted = "next(n for n in archive.namelist() if n.split('/')[-1] == \"m.csv\")"
    assert wanted in content_of(draft)


def test_a_name_from_elsewhere_is_left_alone() -> None:
    check_silence("moved-member", make_example("NAME"))
    check_silence("moved-member", make_example("'other.csv'"))
