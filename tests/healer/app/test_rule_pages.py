"""What each rule says of itself: whole, findable by name, and as docs/rules.md has it."""

import re
from pathlib import Path

import pytest

from healer.app.policy_pages import PolicyPage
from healer.app.rule_pages import (
    RulePage,
    describe_rival,
    find_page,
    rule_pages,
    write_markdown,
)
from healer.draft.rules.catalogue import RULES
from healer.facts.errors import UsageError

DOCS = Path(__file__).parents[3] / "docs" / "rules.md"
PAGES = {page.name: page for page in rule_pages()}


def page_of(name: str) -> RulePage:
    page = find_page(name)
    assert isinstance(page, RulePage)
    return page


def test_a_policy_rule_is_found_by_its_name_too() -> None:
    assert isinstance(find_page("note"), PolicyPage)


def test_docs_rules_md_is_what_the_rules_say_now() -> None:
    written = DOCS.read_text(encoding="utf-8")
    assert written == write_markdown(), "run: healer rules --markdown > docs/rules.md"


def test_each_rule_has_one_page_by_name() -> None:
    assert list(PAGES) == sorted(rule.name for rule in RULES)


def test_a_page_holds_the_script_before_and_after_and_what_it_raises() -> None:
    page = page_of("forgotten-range")
    assert "for day in days:" in page.example.before
    assert page.example.after == page.example.before.replace("in days", "in range(days)")
    error = page.example.error
    assert (error.type, error.line, error.file) == ("TypeError", 2, "job.py")
    assert error.message == "'int' object is not iterable"


def test_the_look_alike_has_no_fixed_script() -> None:
    assert all(page.silent.after is None for page in PAGES.values())
    assert all(page.example.after for page in PAGES.values())


def test_a_page_says_what_else_the_example_needs() -> None:
    assert "texts.py" in page_of("import-from-repository").example.files
    assert page_of("csv-delimiter").example.locals == {"row": "{'id;name': '1;ann'}"}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("pair-of", "did you mean 'pairs-of'?"),
        ("mising-import", "did you mean 'missing-import'?"),
        ("MOVED-NAME", "`healer rules` lists them all"),
        ("zzz", "`healer rules` lists them all"),
    ],
)
def test_a_wrong_name_gets_the_nearest_one_or_the_way_to_all(name: str, hint: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"there is no rule '{name}'; {hint}")):
        find_page(name)


def test_a_figure_says_its_counts_and_bound_and_none_is_invented() -> None:
    measured = page_of("missing-import")
    text = (
        r"(may force|never forced): \d+ of \d+ right without a rival, at least 0\.\d{3}; "
        r"\d+ of \d+ in all \(public code, broken\)"
    )
    assert re.fullmatch(text, measured.describe_certainty())
    unmeasured = [page for page in PAGES.values() if page.certainty is None]
    assert unmeasured
    assert {page.describe_certainty() for page in unmeasured} == {"not measured, never forced"}


def test_a_rule_that_may_force_says_so_with_its_bound() -> None:
    for page in PAGES.values():
        if page.certainty and page.certainty.may_force:
            assert page.certainty.lower_bound >= 0.99
            assert "at least 0.99" in page.describe_certainty()
            assert page.describe_certainty().startswith("may force: ")


def test_a_rival_that_another_rule_drafts_names_that_rule() -> None:
    page = page_of("text-plus-number")
    assert [describe_rival(rival) for rival in page.rivals] == [
        "the text was to be read as a number (`number-from-outside`)"
    ]


def test_a_page_survives_as_json() -> None:
    for page in PAGES.values():
        assert RulePage.model_validate_json(page.model_dump_json()) == page


def test_the_markdown_has_each_rule_once_with_its_diff_and_its_reason() -> None:
    text, _, policy = write_markdown().partition("\n# Policy\n")
    assert policy
    assert [text.count(f"\n### {name}\n") for name in PAGES] == [1] * len(PAGES)
    assert text.count("```diff\n") == len(PAGES)
    assert all(f"[why]({page.link})" in text for page in PAGES.values())
    assert text.count("```") == 4 * len(PAGES)
