"""Edits in the formats that models are trained on are read whole, or refused with a reason."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.edits import EditRefused, apply
from healer.draft.llm.replies.edit_blocks import EditBlocks, parse_edit_blocks
from healer.draft.llm.replies.jsontext import Problem
from healer.facts.draft import Edit, ReplaceText, WriteFile
from tests.support.memory_tree import MemoryTree

BEFORE = "def total(rows):\n    amount = 0\n    for row in rows:\n        amount += row['x']\n"
AFTER = BEFORE.replace("row['x']", "row.get('x', 0)")
TREE = MemoryTree({"jobs/a.py": BEFORE, "b.py": "x = 1\ny = 2\n"})

SEARCH_REPLACE = """\
The row may have no x.

jobs/a.py
```python
<<<<<<< SEARCH
        amount += row['x']
=======
        amount += row.get('x', 0)
>>>>>>> REPLACE
```
"""
APPLY_PATCH = """\
The row may have no x.

*** Begin Patch
*** Update File: jobs/a.py
@@ def total(rows):
     for row in rows:
-        amount += row['x']
+        amount += row.get('x', 0)
*** End Patch
"""
DIFF = """\
The row may have no x.

```diff
--- a/jobs/a.py
+++ b/jobs/a.py
@@ -30,2 +30,2 @@ def total(rows):
     for row in rows:
-        amount += row['x']
+        amount += row.get('x', 0)
```

That is all.
"""
FORMATS = {
    "search and replace": SEARCH_REPLACE,
    "search and replace without a fence": SEARCH_REPLACE.replace("```python\n", "").replace(
        "```\n", ""
    ),
    "path in the fence": SEARCH_REPLACE.replace("jobs/a.py\n```python\n", "```python\njobs/a.py\n"),
    "path as a heading": SEARCH_REPLACE.replace("jobs/a.py", "### `jobs/a.py`"),
    "path with a word": SEARCH_REPLACE.replace("jobs/a.py", "File: jobs/a.py:"),
    "nine signs": SEARCH_REPLACE.replace("<<<<<<<", "<" * 9).replace("=======", "=" * 9),
    "apply_patch": APPLY_PATCH,
    "apply_patch in a shell's words": f"apply_patch <<'EOF'\n{APPLY_PATCH}EOF\n",
    "diff": DIFF,
    "diff without a fence": DIFF.replace("```diff\n", "").replace("```\n", ""),
    "git's diff": DIFF.replace("--- a", "diff --git a/jobs/a.py b/jobs/a.py\nindex 1..2\n--- a"),
    "diff without a and b": DIFF.replace("a/jobs", "jobs").replace("b/jobs", "jobs"),
    "diff with dates": DIFF.replace("+++ b/jobs/a.py", "+++ b/jobs/a.py\t2026-01-01 00:00:00"),
}


def read(text: str) -> EditBlocks:
    blocks = parse_edit_blocks(text)
    assert isinstance(blocks, EditBlocks), blocks
    return blocks


def problem(text: str) -> str:
    found = parse_edit_blocks(text)
    assert isinstance(found, Problem), found
    return found.message


@pytest.mark.parametrize("text", FORMATS.values(), ids=FORMATS)
def test_each_format_comes_to_the_same_change(text: str) -> None:
    assert apply(read(text).edits, TREE) == {"jobs/a.py": AFTER.encode()}


@pytest.mark.parametrize("text", [SEARCH_REPLACE, APPLY_PATCH, DIFF])
def test_the_words_before_the_first_edit_are_its_reason(text: str) -> None:
    assert read(text).prose == "The row may have no x."
    assert read(text.partition("\n\n")[2]).prose == ""


def test_only_a_patch_says_where_it_ends() -> None:
    assert [read(text).is_closed for text in (SEARCH_REPLACE, APPLY_PATCH, DIFF)] == [
        False, True, False
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        pytest.param(
            "b.py\n<<<<<<< SEARCH\nx = 1\n=======\nx = 3\n>>>>>>> REPLACE\n"
            "\n<<<<<<< SEARCH\ny = 2\n=======\n>>>>>>> REPLACE\n",
            (ReplaceText(path="b.py", find="x = 1\n", replace="x = 3\n"),
             ReplaceText(path="b.py", find="y = 2\n", replace="")),
            id="a second block of the same file, and a deletion",
        ),
        pytest.param(
            "c.py\n<<<<<<< SEARCH\n=======\nx = 3\n>>>>>>> REPLACE\n",
            (WriteFile(path="c.py", content="x = 3\n"),),
            id="nothing to search is a new file",
        ),
        pytest.param(
            "*** Begin Patch\n*** Add File: c.py\n+x = 3\n+\n+y = 4\n*** Update File: b.py\n"
            "@@\n-x = 1\n+x = 3\n@@\n y = 2\n+z = 3\n*** End of File\n*** End Patch",
            (WriteFile(path="c.py", content="x = 3\n\ny = 4\n"),
             ReplaceText(path="b.py", find="x = 1\n", replace="x = 3\n"),
             ReplaceText(path="b.py", find="y = 2\n", replace="y = 2\nz = 3\n")),
            id="a patch of two files",
        ),
        pytest.param(
            "--- /dev/null\n+++ b/c.py\n@@ -0,0 +1,2 @@\n+x = 3\n+y = 4\n"
            "--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-x = 1\n+x = 3\n\\ No newline at end of file\n",
            (WriteFile(path="c.py", content="x = 3\ny = 4\n"),
             ReplaceText(path="b.py", find="x = 1\n", replace="x = 3\n")),
            id="a diff of two files",
        ),
        pytest.param(
            "--- a/b.py\n+++ b/b.py\n@@ -1,2 +1,2 @@\n-x = 1\n+x = 3\n\n\nThis is the fix.",
            (ReplaceText(path="b.py", find="x = 1\n", replace="x = 3\n"),),
            id="prose after a diff is no part of it",
        ),
        pytest.param(
            "--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n--- x\n+++ x\n y = 2\n",
            (ReplaceText(path="b.py", find="-- x\ny = 2\n", replace="++ x\ny = 2\n"),),
            id="lines that look like a head",
        ),
        pytest.param(
            "**scripts/c.py**\n```python\nx = 3\n```\n",
            (WriteFile(path="scripts/c.py", content="x = 3\n"),),
            id="a whole file with its path",
        ),
        pytest.param(
            "The file is now:\n\n```python scripts/c.py\nx = 3\n```\n",
            (WriteFile(path="scripts/c.py", content="x = 3\n"),),
            id="a whole file with its path beside the fence",
        ),
        pytest.param(
            "```python title=\"scripts/c.py\"\nx = 3\n```\n",
            (WriteFile(path="scripts/c.py", content="x = 3\n"),),
            id="a whole file with its path as a title",
        ),
        pytest.param(
            "The file is now:\n\n```python\n# File: scripts/c.py\nx = 3\n```\n",
            (WriteFile(path="scripts/c.py", content="# File: scripts/c.py\nx = 3\n"),),
            id="a whole file with its path in its first line",
        ),
    ],
)  # fmt: skip
def test_what_a_block_means(text: str, edits: tuple[Edit, ...]) -> None:
    assert read(text).edits == edits


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("b.py\n<<<<<<< SEARCH\nx = 1\n=======\nx = 3\n", "ends without >>>>>>> REPLACE"),
        ("b.py\n<<<<<<< SEARCH\nx = 1\n", "ends without ======="),
        ("<<<<<<< SEARCH\nx = 1\n=======\nx = 3\n>>>>>>> REPLACE", "names no file"),
        ("I would change it so:\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE", "names no file"),
        ("*** Begin Patch\n*** Update File: b.py\n-x = 1\n+x = 3\n", "without *** End Patch"),
        ("*** Begin Patch\n*** Delete File: b.py\n*** End Patch", "deletes no files"),
        (
            "*** Begin Patch\n*** Update File: b.py\n*** Move to: c.py\n*** End Patch",
            "means nothing",
        ),
        ("*** Begin Patch\n*** Update File: b.py\nx = 3\n*** End Patch", "means nothing"),
        ("*** Begin Patch\n*** Update File: b.py\n+x = 3\n*** End Patch", "no line around it"),
        ("*** Begin Patch\n-x = 1\n+x = 3\n*** End Patch", "names no file"),
        ("--- a/b.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x = 1\n", "deletes no files"),
        ("--- a/b.py\n+++ b/b.py\n@@ -1,0 +1 @@\n+x = 3\n", "no line around it"),
    ],
)
def test_what_deletes_moves_or_does_not_end_is_a_problem(text: str, says: str) -> None:
    assert says in problem(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Change row['x'] to row.get('x', 0).",
        "```python\nimport os\n```",
        "Here is the code:\n```python\nx = 1\n```",
        "a.py\n\n```python\nx = 1\n```",
        "a.py\n```python\nx = 1\n",
        "---\ntitle: x\n---\n",
        "a <<<<<<< SEARCH b",
    ],
)
def test_other_text_holds_no_edits(text: str) -> None:
    assert parse_edit_blocks(text) is None


def test_a_diff_that_changes_nothing_has_no_edits() -> None:
    assert read("--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n x = 1\n").edits == ()


@given(st.text(st.sampled_from("<>=-+@*` \nabSEARCHREPLACE./"), max_size=120))
def test_any_text_is_edits_a_problem_or_nothing(text: str) -> None:
    found = parse_edit_blocks(text)
    assert found is None or isinstance(found, EditBlocks | Problem)


@given(st.sampled_from([SEARCH_REPLACE, APPLY_PATCH]), st.data())
def test_a_block_that_is_cut_is_never_a_part_of_the_edit(text: str, data: st.DataObject) -> None:
    whole = read(text)
    found = parse_edit_blocks(text[: data.draw(st.integers(0, len(text)))])
    assert not isinstance(found, EditBlocks) or found == whole or found.edits == whole.edits


_LINES = st.lists(
    st.text(st.sampled_from("abc =()"), min_size=1, max_size=6), min_size=1, max_size=6
)


@given(_LINES, _LINES)
def test_what_was_written_as_search_and_replace_is_read_as_it_was(
    find: list[str], new: list[str]
) -> None:
    text = "\n".join(["job.py", "<<<<<<< SEARCH", *find, "=======", *new, ">>>>>>> REPLACE", ""])
    (edit,) = read(text).edits
    if isinstance(edit, ReplaceText):
        assert (edit.find, edit.replace) == ("\n".join([*find, ""]), "\n".join([*new, ""]))
    else:
        assert not "".join(find).strip()


def test_an_edit_whose_quotation_is_not_there_is_refused_like_any_other() -> None:
    text = textwrap.dedent(DIFF).replace("amount +=", "amount -=")
    with pytest.raises(EditRefused, match="is not in the file"):
        apply(read(text).edits, TREE)
