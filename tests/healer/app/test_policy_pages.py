"""What each policy rule says of itself: whole, by name, and as docs/rules.md has it."""

import pytest

from healer.app.policy_pages import (
    PatchPage,
    PolicyPage,
    describe_patch,
    policy_markdown,
    policy_pages,
)
from healer.app.rule_pages import rule_pages
from quarantine.policy import RULES

PAGES = {page.name: page for page in policy_pages()}


def test_each_name_of_the_table_has_one_page_with_all_its_rows() -> None:
    assert list(PAGES) == sorted({rule.name for rule in RULES})
    assert sum(len(page.rows) for page in PAGES.values()) == len(RULES)


def test_a_page_holds_both_patches_the_reason_and_the_link() -> None:
    page = PAGES["note"]
    (row,) = page.rows
    assert row.refuses.path == "scripts/job.md"
    assert row.refuses.text == "+ Rates are in data/rates.csv."
    assert row.allows.text == '+ """Rates are in data/rates.csv."""'
    assert row.reason.startswith("Notes are written by people")
    assert row.link.startswith("https://")
    assert page.summary == row.summary


def test_a_page_says_what_becomes_of_a_draft() -> None:
    assert PAGES["note"].describe_severity() == "for a person"
    assert PAGES["binary"].describe_severity() == "refused"
    assert PAGES["process-exit"].describe_severity() == "refused or for a person"


def test_a_long_example_is_cut_and_says_by_how_much() -> None:
    text = PAGES["too-big"].rows[0].refuses.text
    assert len(text.split("\n")) == 17
    assert text.endswith("more")


def test_what_cannot_be_printed_is_escaped() -> None:
    text = PAGES["strange-character"].rows[0].refuses.text
    assert "\\u202e" in text
    assert all(page_text.replace("\n", "").isprintable() for page_text in all_texts())


def all_texts() -> list[str]:
    rows = [row for page in PAGES.values() for row in page.rows]
    return [patch.text for row in rows for patch in (row.refuses, row.allows)]


@pytest.mark.parametrize(
    ("old_mode", "new_mode", "described"),
    [
        ("100644", "100644", "a.py"),
        ("", "100644", "a.py, a new file"),
        ("100644", "", "a.py, removed"),
        ("100644", "100755", "a.py, mode 100644 to 100755"),
    ],
)
def test_a_patch_that_is_no_plain_change_says_so(
    old_mode: str, new_mode: str, described: str
) -> None:
    patch = PatchPage(path="a.py", text="", files=(), old_mode=old_mode, new_mode=new_mode)
    assert describe_patch(patch) == described


def test_a_page_survives_as_json() -> None:
    for page in PAGES.values():
        assert PolicyPage.model_validate_json(page.model_dump_json()) == page


def test_the_markdown_has_each_name_once_and_both_patches_of_each_row() -> None:
    text = policy_markdown()
    assert [text.count(f"\n### {name}\n") for name in PAGES] == [1] * len(PAGES)
    assert text.count("```diff\n") == 2 * len(RULES)


def test_no_policy_rule_has_the_name_of_one_that_repairs() -> None:
    assert not PAGES.keys() & {page.name for page in rule_pages()}
