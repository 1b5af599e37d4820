"""Words that stand for code are told from comments, stubs and code."""

import pytest

from healer.draft.edits.elisions import find_elision

OLD = '''\
# ... existing code of old ...
def stub(): ...


def total(rows):
    """Sums."""
    return sum(rows)
'''


def find(body: str) -> str:
    return find_elision(OLD, OLD.replace("    return sum(rows)\n", body))


@pytest.mark.parametrize(
    "line",
    [
        "# [12 lines not shown]", "# [… cut here …]", "# ...", "# …", "#...",
        "# ... existing code ...", "# … rest of the function unchanged", "# ... (same as before)",
        "# rest of the function", "# The rest of the code stays as it is", "# remainder of class",
        "# existing code", "# (unchanged code here)", "# same logic as above",
        "# the remaining branches ...", "# keep the rest as is...",
    ],
)  # fmt: skip
def test_a_comment_that_stands_for_code_is_found(line: str) -> None:
    assert find(f"    {line}\n    return sum(rows)\n") == line


@pytest.mark.parametrize(
    "body",
    [
        "    # Keeps the rest of the rows.\n    return sum(rows)\n",
        "    # An existing total wins.\n    return sum(rows)\n",
        "    # a, b, ... are numbers\n    return sum(rows)\n",
        "    # e.g. 1, 2 ...\n    return sum(rows)\n",
        "    return rows[..., 0]\n",
        '    print("...")\n    return "# ... existing code ..."\n',
        "    ...\n",
        "    rest = rows[1:]  # the rest of the rows ...\n    return rest\n",
    ],
)
def test_other_comments_and_dots_are_code(body: str) -> None:
    assert find(body) == ""


@pytest.mark.parametrize(
    "body",
    [
        "    ...\n    return sum(rows)\n",
        "    amount = 0\n    ...\n    return amount\n",
    ],
)
def test_dots_beside_other_statements_stand_for_code(body: str) -> None:
    assert find(body) == "..."


def test_what_the_file_had_before_is_its_own() -> None:
    old = "def f():\n    ...\n    return 1\n\n\n# rest of the code\n"
    assert find_elision(old, old.replace("1", "2")) == ""
    assert find_elision("", "def f(: ...") == ""
