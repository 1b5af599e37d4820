"""CODEOWNERS: the last matching line counts, and only addresses are owners here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.notify.owners import find_owners

FILE = """\
# who to ask
*            all@example.com @org/everyone
/scripts/    ops@example.com Ops@Example.com
*.sql        @dba dba@example.com   # the data
scripts/free/
/docs/read\\ me.txt  writer@example.com
[Section]
!odd         never@example.com
"""


@pytest.mark.parametrize(
    ("path", "people"),
    [
        ("main.py", ("all@example.com",)),
        ("scripts/sync.py", ("ops@example.com", "Ops@Example.com")),
        ("scripts/deep/load.sql", ("dba@example.com",)),
        ("scripts/free/x.py", ()),
        ("docs/read me.txt", ("writer@example.com",)),
    ],
)
def test_the_last_matching_line_counts(path: str, people: tuple[str, ...]) -> None:
    assert find_owners(FILE, [path]) == people


def test_owners_of_several_files_are_each_named_once() -> None:
    assert find_owners(FILE, ["a.py", "b.py", "c.sql"]) == ("all@example.com", "dba@example.com")


def test_without_a_file_nobody_owns_anything() -> None:
    assert find_owners("", ["a.py"]) == ()


@given(st.text() | st.text("*/!?[]\\# @a.\n"), st.text("ab/.", min_size=1))
def test_any_file_gives_addresses_or_nothing(text: str, path: str) -> None:
    assert all("@" in address for address in find_owners(text, [path]))
