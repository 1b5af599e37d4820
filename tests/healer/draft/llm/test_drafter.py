"""The course of an attempt, against an endpoint on the wire."""

import pytest

from sandbox import FailingTests
from tests.healer.draft.llm.cases import GOOD, NEW, NODE, Files, attempt, case, failing_report
from tests.healer.draft.llm.conftest import Maker
from tests.support.endpoint import Reply, answer, fix


def test_a_good_reply_becomes_a_draft(make: Maker) -> None:
    test = {"test_path": "tests/test_totals.py", "test": "def test_a():\n    assert True\n"}
    drafter, _ = make(GOOD | test | {"category": "missing case"})
    drafts = drafter.draft(case(), Files())
    (draft,) = drafts.candidates
    assert draft.drafter == "small"
    assert draft.edits[0].replace == NEW
    assert draft.regression_test.path == "tests/test_totals.py"
    assert (draft.category, draft.confidence) == ("missing case", 0.9)
    assert drafts.exchanges[0].prompt.startswith("[system]\nRepair a")
    assert drafts.spent.tokens_in > 100


@pytest.mark.parametrize("decision", ["not_code_fault", "test_is_wrong", "needs_person"])
def test_a_way_out_is_an_answer(make: Maker, decision: str) -> None:
    drafter, endpoint = make(answer(decision=decision, cause="The file was empty."))
    drafts = drafter.draft(case(), Files())
    assert (drafts.refusal, drafts.reason) == (decision, "The file was empty.")
    assert len(endpoint.requests) == 1


def test_an_edit_that_does_not_fit_is_sent_back_with_the_reason(make: Maker) -> None:
    drafter, endpoint = make(fix("scripts/report.py", "amount += nothing", "x"), GOOD)
    drafts = drafter.draft(case(), Files())
    assert drafts.candidates
    assert "the quoted text is not in the file" in endpoint.requests[1].prompt
    assert "quoted text" in drafts.exchanges[0].problem


def test_a_refused_edit_does_not_carry_a_secret_line_out(make: Maker) -> None:
    drafter, endpoint = make(fix("scripts/report.py", 'API_TOKEN = "sup3r"', "x"), GOOD)
    drafter.draft(case(), Files())
    assert "nearest to its first line" in endpoint.requests[1].prompt
    assert not any("sup3r-s3cret-t0ken" in request.prompt for request in endpoint.requests)


def test_without_tiers_no_model_is_asked(make: Maker) -> None:
    drafter, endpoint = make(GOOD, tiers=[])
    assert "model.tiers" in drafter.draft(case(), Files()).reason
    assert endpoint.requests == []


def test_the_prompt_begins_the_same_in_the_next_attempt(make: Maker) -> None:
    drafter, endpoint = make(Reply(GOOD, keep=True))
    drafter.draft(case(), Files())
    drafter.draft(case(attempts=(attempt("small", "pass"),)), Files())
    first, second = (request.body["messages"] for request in endpoint.requests)
    assert first[0] == second[0]
    assert second[1]["content"].startswith(first[1]["content"])


def test_a_regression_test_never_takes_the_place_of_an_existing_file(make: Maker) -> None:
    test = {"test_path": "tests/test_report.py", "test": "def test_a():\n    pass\n"}
    drafter, _ = make(GOOD | test)
    (draft,) = drafter.draft(case(), Files()).candidates
    assert draft.regression_test.path == "tests/test_report_r1.py"


def test_each_tier_is_shown_as_much_as_it_can_read(make: Maker) -> None:
    body = "".join(f"    x{n} = [{n}, {n}, {n}, {n}, {n}]\n" for n in range(60))
    code = "".join(f"def f{n}():\n{body}\n\n" for n in range(12))
    files = Files()
    files.files["jobs/rates.py"] = code.encode() + files.files["jobs/rates.py"]
    tiers = [{"model": "small", "max_prompt_tokens": 1_500}, {"model": "large"}]
    trace = FailingTests(nodes=(NODE,), executed={"jobs/rates.py": tuple(range(1, 12 * 63, 63))})
    of = case(baseline=failing_report().model_copy(update={"failing": (trace,)}))
    drafter, endpoint = make("no", "no", GOOD, tiers=tiers)
    assert drafter.draft(of, files).candidates
    sizes = [len(request.prompt) for request in endpoint.requests]
    assert sizes[2] > 2 * sizes[0]
