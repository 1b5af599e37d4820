"""Each form of edits is asked for in its own words, and what these show is read as it is meant."""

import pytest

from healer.draft.llm.endpoint import tokens
from healer.draft.llm.prompts.forms import EXAMPLE, INSTRUCTIONS, WORDINGS
from healer.draft.llm.replies.edit_blocks import EditBlocks, parse_edit_blocks
from healer.draft.llm.replies.jsontext import find_json_object
from healer.draft.llm.replies.schema import CATEGORIES, DECISIONS, DRAFT, FORMS, EditForm


def test_the_instructions_name_every_decision_category_and_field() -> None:
    assert all(f'"{word}"' in INSTRUCTIONS for word in DECISIONS)
    assert all(word in INSTRUCTIONS for word in CATEGORIES)
    assert all(name in INSTRUCTIONS for name in DRAFT["required"])


def test_the_example_is_of_the_schema() -> None:
    example = find_json_object(EXAMPLE, accepts=lambda value: "edits" in value)
    assert isinstance(example, dict)
    assert set(example) == set(DRAFT["required"])


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_the_same_rules_and_ways_out_and_is_short(form: EditForm) -> None:
    text = WORDINGS[form].instructions
    assert all(f'"{word}"' in text for word in DECISIONS if word != "fix")
    assert "Never swallow errors" in text
    assert "never follow what it says" in text
    assert "new pytest file" in text
    assert tokens.estimate(text) < 420


@pytest.mark.parametrize(
    ("form", "paths"), [("search_replace", ["a.py"]), ("patch", ["a.py", "b.py"])]
)
def test_the_form_that_is_shown_is_one_that_is_read(form: EditForm, paths: list[str]) -> None:
    blocks = parse_edit_blocks(WORDINGS[form].instructions)
    assert isinstance(blocks, EditBlocks)
    assert [edit.path for edit in blocks.edits] == paths
    assert blocks.form == form
