"""The investigating tier looks, tries and answers within bounds."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from healer.draft.llm.investigate import MOST_STEPS
from healer.facts.draft import Case, Edit
from tests.healer.draft.llm.cases import GOOD, Files, attempt, case, spent_usd
from tests.healer.draft.llm.conftest import Maker
from tests.support.endpoint import (
    LLAMA_CPP,
    OLLAMA,
    OPENAI,
    OPENROUTER,
    VLLM,
    Profile,
    Reply,
    Scripted,
    answer,
    fix,
)

USED = tuple(attempt("small", f"pass  # {n}") for n in range(2))


def step(action: str, **values: Any) -> dict[str, Any]:
    empty = {"thought": "…", "path": "", "text": "", "first_line": 0, "last_line": 0}
    return {**empty, "action": action, "answer": answer(), **values}


class Sandbox:
    """Says what it was given to try."""

    def __init__(self) -> None:
        self.tried: list[tuple[Edit, ...]] = []
        self.commands: list[Sequence[str]] = []

    def try_patch(self, of: Case, edits: tuple[Edit, ...]) -> str:
        self.tried.append(edits)
        return "reproduce: pass\ntests: 1 failed, password=hunter2hunter2"

    def run(self, of: Case, words: Sequence[str], edits: tuple[Edit, ...]) -> str:
        self.commands.append(words)
        return "it ended well"

    def query(
        self, of: Case, path: str, line: int, expression: str, edits: tuple[Edit, ...]
    ) -> str:
        return f"{expression} at {path}:{line} is 3"


def test_it_looks_tries_and_answers(make: Maker) -> None:
    sandbox = Sandbox()
    drafter, endpoint = make(
        step("read_file", path="jobs/rates.py", first_line=1, last_line=3),
        step("search_text", text="rate_of"),
        step("find_symbol", text="rate_of"),
        step("try_patch", answer=GOOD),
        step("finish", answer=GOOD),
        investigator="big",
        parts={"experiments": sandbox},
    )
    drafts = drafter.draft(case(attempts=USED), Files())
    (draft,) = drafts.candidates
    assert draft.drafter == "big (investigating)"
    assert len(sandbox.tried) == 1
    prompts = [request.prompt for request in endpoint.requests]
    assert "# jobs/rates.py, lines 1 to 3 of 7\nRATES = {" in prompts[1]
    assert "scripts/report.py:6: from jobs.rates import rate_of" in prompts[2]
    assert "return RATES[currency]" in prompts[3]
    assert "reproduce: pass" in prompts[4]
    assert "hunter2" not in prompts[4]
    assert len(drafts.exchanges) == 5


def test_it_is_asked_once_and_only_after_the_tiers(make: Maker) -> None:
    drafter, endpoint = make(Reply(step("finish", answer=GOOD), keep=True), investigator="big")
    drafter.draft(case(), Files())
    assert endpoint.requests[0].body["model"] == "small"
    again = (*USED, attempt("big (investigating)", "pass  # 9"))
    assert "all tries" in drafter.draft(case(attempts=again), Files()).reason


def test_the_same_step_again_is_answered_without_taking_it_and_ends_it_in_the_end(
    make: Maker,
) -> None:
    reading = step("read_file", path="jobs/rates.py", first_line=1, last_line=9)
    drafter, endpoint = make(Reply(reading, keep=True), investigator="big")
    drafts = drafter.draft(case(attempts=USED), Files())
    assert "round in circles" in drafts.reason
    assert len(endpoint.requests) == 4
    assert "you have this already, from step 1" in endpoint.requests[-1].prompt


def test_it_ends_after_its_steps(make: Maker) -> None:
    steps = [step("search_text", text=f"word{n}") for n in range(30)]
    drafter, endpoint = make(*steps, investigator="big")
    drafts = drafter.draft(case(attempts=USED), Files())
    assert f"within {MOST_STEPS} steps" in drafts.reason
    assert len(endpoint.requests) == MOST_STEPS


def test_a_wrong_step_is_answered_with_what_is_wrong(make: Maker) -> None:
    wrong: list[Scripted] = [
        "let me think",
        step("delete_file", path="x"),
        step("read_file"),
        step("read_file", path="../../etc/passwd"),
        step("read_file", path=".env"),
        step("search_text", text=" "),
        step("try_patch", answer=fix("tests/test_report.py", "== 0", "== 1")),
        step("finish", answer=fix("protected.toml", "a", "b")),
    ]
    sandbox = Sandbox()
    drafter, endpoint = make(
        *wrong, step("finish", answer=GOOD), investigator="big", parts={"experiments": sandbox}
    )
    files = Files()
    files.files[".env"] = b"PLAIN=value"
    drafts = drafter.draft(case(attempts=USED), files)
    assert drafts.candidates
    told = endpoint.requests[-1].prompt
    for says in (
        "no JSON",
        "action is 'delete_file'",
        "read_file needs a path",
        "there is no file '../../etc/passwd'",
        "may hold secrets",
        "search_text needs text",
        "'tests/test_report.py' must not be changed",
        "'protected.toml' must not be changed",
    ):
        assert says in told
    assert "PLAIN" not in told
    assert sandbox.tried == []


def test_a_way_out_ends_an_investigation(make: Maker) -> None:
    out = answer(decision="needs_person", cause="Both are right.")
    drafter, _ = make(step("finish", answer=out), investigator="big")
    drafts = drafter.draft(case(attempts=USED), Files())
    assert (drafts.refusal, drafts.reason) == ("needs_person", "Both are right.")


def test_an_investigation_stops_at_the_budget(make: Maker) -> None:
    big = {"model": "big", "usd_per_million_in": 10, "usd_per_million_out": 10}
    steps = [Reply(step("search_text", text=f"w{n}"), usage=(9_000, 900)) for n in range(12)]
    drafter, endpoint = make(*steps, investigator=big)
    drafts = drafter.draft(case(attempts=USED), Files())
    assert drafts.stopped_by_budget
    assert 1 < len(endpoint.requests) < MOST_STEPS
    assert spent_usd(make.budget, repair="r1") <= 0.5


def test_where_no_tier_has_a_fix_it_looks_at_once_and_is_told_why(make: Maker) -> None:
    drafter, endpoint = make(
        "I cannot see it", "I cannot see it", step("finish", answer=GOOD), investigator="big"
    )
    drafts = drafter.draft(case(), Files())
    (draft,) = drafts.candidates
    assert (draft.drafter, draft.doubt) == ("big (investigating)", "")
    assert "small: no usable reply: the reply holds no JSON" in endpoint.requests[2].prompt
    assert len(drafts.exchanges) == 3


def test_it_looks_where_a_tier_cannot_tell_and_not_where_one_says_there_is_nothing_to_fix(
    make: Maker,
) -> None:
    unclear = answer(decision="needs_person", cause="Where do rates come from?")
    drafter, _ = make(unclear, step("finish", answer=GOOD), investigator="big")
    (draft,) = drafter.draft(case(), Files()).candidates
    assert draft.drafter == "big (investigating)"
    assert draft.doubt
    full = answer(decision="not_code_fault", cause="The disk is full.")
    drafter, endpoint = make(full, investigator="big")
    assert drafter.draft(case(), Files()).refusal == "not_code_fault"
    assert len(endpoint.requests) == 1


def test_two_replies_in_a_row_without_a_step_end_it(make: Maker) -> None:
    look = step("search_text", text="rate_of")
    drafter, endpoint = make("hm", look, "let me think", "and think", GOOD, investigator="big")
    drafts = drafter.draft(case(attempts=USED), Files())
    assert not drafts.candidates
    assert "the investigation ended" in drafts.reason
    assert len(endpoint.requests) == 4


READ = ("read_file", {"path": "jobs/rates.py", "first_line": 1, "last_line": 2})
FIND = ("find_symbol", {"text": "rate_of"})
RUN = ("run", {"command": "python -m jobs.rates", "edits": []})
QUERY = ("query", {"path": "scripts/report.py", "line": 22, "expression": "row", "edits": []})


def test_native_calls_are_taken_several_at_once_and_each_is_answered(make: Maker) -> None:
    sandbox = Sandbox()
    drafter, endpoint = make(
        Reply(None, tool_calls=(READ, FIND, RUN, QUERY)),
        Reply(None, tool_calls=(("try_patch", {"edits": GOOD["edits"]}),)),
        Reply(None, tool_calls=(("finish", GOOD),)),
        investigator="big",
        parts={"experiments": sandbox},
    )
    drafts = drafter.draft(case(attempts=USED), Files())
    assert [draft.drafter for draft in drafts.candidates] == ["big (investigating)"]
    first, second, _ = (request.body for request in endpoint.requests)
    assert {tool["function"]["name"] for tool in first["tools"]} >= {"run", "query", "finish"}
    assert "response_format" not in first
    *_, echo, read, found, ran, values = second["messages"]
    assert [call["function"]["name"] for call in echo["tool_calls"]] == [
        "read_file", "find_symbol", "run", "query",
    ]  # fmt: skip
    results = (read, found, ran, values)
    assert [each["role"] for each in results] == ["tool"] * 4
    assert [each["tool_call_id"] for each in results] == [c["id"] for c in echo["tool_calls"]]
    assert "RATES = {" in read["content"]
    assert "it ended well" in ran["content"]
    assert "row at scripts/report.py:22 is 3" in values["content"]
    assert (len(sandbox.commands), len(sandbox.tried)) == (1, 1)
    assert "read_file" in drafts.exchanges[0].reply


def test_more_calls_than_one_may_make_at_once_are_put_off(make: Maker) -> None:
    runs = tuple(("run", {"command": f"echo {n}", "edits": []}) for n in range(5))
    sandbox = Sandbox()
    drafter, endpoint = make(
        Reply(None, tool_calls=runs),
        Reply(None, tool_calls=(("finish", GOOD),)),
        investigator="big",
        parts={"experiments": sandbox},
    )
    assert drafter.draft(case(attempts=USED), Files()).candidates
    assert len(sandbox.commands) == 3
    assert endpoint.requests[1].prompt.count("too many calls at once") == 2


@pytest.mark.parametrize("profile", [OLLAMA, LLAMA_CPP, OPENROUTER, VLLM])
def test_an_endpoint_without_tool_calls_is_asked_for_json_and_that_is_kept(
    profile: Profile, make: Maker
) -> None:
    steps = (step("find_symbol", text="rate_of"), step("finish", answer=GOOD))
    drafter, endpoint = make(*steps, investigator="big", profile=profile)
    assert drafter.draft(case(attempts=USED), Files()).candidates
    asked = [request for request in endpoint.requests if "tools" in request.body]
    assert len(asked) == 1
    last = endpoint.requests[-1]
    assert "Each reply is one JSON object" in last.prompt
    assert "return RATES[currency]" in last.prompt
    assert {message["role"] for message in last.body["messages"]} == {"system", "user", "assistant"}


def test_calls_of_a_stream_are_put_together(make: Maker) -> None:
    streaming = dataclasses.replace(OPENAI, stream_only=True)
    drafter, endpoint = make(
        Reply(None, tool_calls=(READ, FIND)),
        Reply(None, tool_calls=(("finish", GOOD),)),
        investigator="big",
        profile=streaming,
    )
    assert drafter.draft(case(attempts=USED), Files()).candidates
    assert "return RATES[currency]" in endpoint.requests[-1].prompt
