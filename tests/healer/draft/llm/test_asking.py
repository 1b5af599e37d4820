"""A model is asked for edits in the form in which what it writes applies."""

import json

import pytest

from healer.draft.llm.endpoint.edit_habit import CLIMB
from healer.draft.llm.prompts.forms import WORDINGS
from healer.draft.llm.replies.schema import EditForm
from tests.healer.draft.llm.cases import GOOD, LINE, NEW, Files, case
from tests.healer.draft.llm.conftest import Maker
from tests.support.endpoint import OLLAMA, OPENAI, Profile, Reply, Request, answer

BLOCKS = f"""No total.

scripts/report.py
<<<<<<< SEARCH
{LINE}
=======
{NEW}
>>>>>>> REPLACE"""
PATCH = f"""No total.

*** Begin Patch
*** Update File: scripts/report.py
@@ def total(rows):
-        {LINE}
+        {NEW}
*** End Patch"""
TEXTS: dict[EditForm, str] = {"json": json.dumps(GOOD), "search_replace": BLOCKS, "patch": PATCH}
BROKEN_JSON = (
    '{"decision": "fix", "edits": [{"path": "scripts/report.py", "text": "row["total"]"}]}'
)


def form_of(request: Request) -> EditForm:
    """The form in which it asks for edits."""
    texts = {wording.instructions: form for form, wording in WORDINGS.items()}
    system = request.body["messages"][0]["content"]
    return next(form for text, form in texts.items() if system.startswith(text))


def good_in(form: EditForm, *, quotes_wrongly: bool = False) -> Reply:
    """What the model writes where it is asked in this form."""
    text = TEXTS[form].replace("row[", "no_such_row[") if quotes_wrongly else TEXTS[form]
    return Reply(text, when=WORDINGS[form].instructions.split("\n")[0], keep=True)


@pytest.mark.parametrize("profile", [OPENAI, OLLAMA], ids=lambda profile: profile.name)
@pytest.mark.parametrize("form", ["search_replace", "patch"])
def test_a_model_that_can_write_one_form_only_is_soon_asked_for_that_and_over_a_restart(
    make: Maker, profile: Profile, form: EditForm
) -> None:
    rest = Reply(BROKEN_JSON, keep=True)
    drafter, endpoint = make(good_in(form), rest, profile=profile)
    for _ in range(3):
        drafter.draft(case(), Files())
    endpoint.requests.clear()
    restarted, _ = make(base_url=endpoint.base_url)
    drafts = restarted.draft(case(), Files())
    assert [form_of(request) for request in endpoint.requests] == [form]
    assert drafts.candidates[0].cause == "No total."


def test_broken_json_is_asked_again_in_another_form_within_one_attempt(make: Maker) -> None:
    drafter, endpoint = make(good_in("search_replace"), Reply(BROKEN_JSON, keep=True))
    (draft,) = drafter.draft(case(), Files()).candidates
    assert [form_of(request) for request in endpoint.requests] == ["json", "search_replace"]
    assert "response_format" not in endpoint.requests[1].body
    assert draft.edits


def test_a_wrong_quotation_is_asked_again_in_the_same_form_and_then_in_another(
    make: Maker,
) -> None:
    replies = [
        good_in("json", quotes_wrongly=True),
        good_in("search_replace", quotes_wrongly=True),
        good_in("patch"),
    ]
    drafter, endpoint = make(*replies)
    forms = []
    for _ in range(3):
        drafts = drafter.draft(case(), Files())
        forms.append([form_of(request) for request in endpoint.requests])
        endpoint.requests.clear()
    assert forms == [["json", "json"], ["search_replace", "search_replace"], ["patch"]]
    assert drafts.candidates


def test_a_model_that_answers_in_a_form_of_its_own_is_asked_for_that(make: Maker) -> None:
    drafter, endpoint = make(Reply(PATCH, keep=True))
    for _ in range(3):
        assert drafter.draft(case(), Files()).candidates
    assert [form_of(request) for request in endpoint.requests] == ["json", "json", "patch"]


def test_the_first_form_is_asked_for_again_after_a_while_and_left_where_it_fails(
    make: Maker,
) -> None:
    drafter, endpoint = make(good_in("search_replace"), Reply(BROKEN_JSON, keep=True))
    for _ in range(1 + CLIMB):
        assert drafter.draft(case(), Files()).candidates
    endpoint.requests.clear()
    for _ in range(2):
        assert drafter.draft(case(), Files()).candidates
    forms = [form_of(request) for request in endpoint.requests]
    assert forms.count("json") == 1
    assert forms[-1] == "search_replace"


@pytest.mark.parametrize(
    "reply",
    [
        answer(decision="needs_person", cause="Both are right."),
        Reply(None),
        Reply("", refusal="I cannot help with that."),
        Reply('{"edits": [', finish_reason="length"),
    ],
)
def test_what_says_nothing_of_the_form_changes_nothing(make: Maker, reply: Reply) -> None:
    again = reply if isinstance(reply, Reply) else Reply(reply)
    drafter, endpoint = make(*[again] * 6)
    for _ in range(3):
        drafter.draft(case(), Files())
    assert {form_of(request) for request in endpoint.requests} == {"json"}


def test_two_models_of_one_endpoint_have_forms_of_their_own(make: Maker) -> None:
    replies = [Reply(BROKEN_JSON, keep=True)]
    drafter, endpoint = make(*replies, tiers=["small", "large"])
    drafter.draft(case(), Files())
    forms = [(request.body["model"], form_of(request)) for request in endpoint.requests]
    assert forms == [
        ("small", "json"),
        ("small", "search_replace"),
        ("large", "json"),
        ("large", "search_replace"),
    ]
