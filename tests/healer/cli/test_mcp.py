"""`healer mcp` is a server that coding agents can use, and says what is wrong in words."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from healer.app.agents import AgentDoor
from healer.cli.mcp import make_server
from healer.repair.incident_events import count_failure
from healer.watch.inbox import Inbox
from tests.healer.evidence.reports import failure
from tests.support.bench import FAILS, GOOD, SCRIPT, Bench


@pytest.fixture
def door(tmp_path: Path) -> Any:
    bench = Bench(tmp_path)
    with bench.opened() as services:
        report = failure(FAILS, argv=("python", SCRIPT))
        count_failure(Inbox(services.repository.state_dir).put(report), services)
        yield AgentDoor(services, services.repository.state_dir, bench.folder)


def call(door: AgentDoor, *calls: tuple[str, dict[str, Any]]) -> list[tuple[bool, str]]:
    """Whether each call failed, and its text."""

    async def ask() -> list[tuple[bool, str]]:
        async with Client(make_server(door)) as client:
            results = [await client.call_tool(name, arguments) for name, arguments in calls]
        return [(bool(r.is_error), "".join(part.text for part in r.content)) for r in results]

    return asyncio.run(ask())


def test_its_tools_are_named_and_described(door: AgentDoor) -> None:
    async def ask() -> list[Any]:
        async with Client(make_server(door)) as client:
            return list((await client.list_tools()).tools)

    tools = {tool.name: tool for tool in asyncio.run(ask())}
    assert set(tools) == {
        "list_incidents", "show_incident", "read_file", "search_text", "find_symbol",
        "line_history", "run", "query", "try_patch", "propose",
    }  # fmt: skip
    assert all(tool.description for tool in tools.values())
    assert {"incident", "cause", "edits"} <= set(tools["propose"].input_schema["properties"])


def test_an_agent_looks_tries_and_proposes(door: AgentDoor) -> None:
    ((_, text),) = call(door, ("list_incidents", {}))
    (line,) = json.loads(text)
    on = {"incident": line["id"]}
    answers = call(
        door,
        ("show_incident", on),
        ("find_symbol", {**on, "name": "total"}),
        ("try_patch", {**on, "edits": GOOD["edits"]}),
        ("propose", {**on, "cause": "A typo.", "edits": GOOD["edits"]}),
    )
    assert not any(failed for failed, _ in answers)
    assert "KeyError" in answers[0][1]
    assert "def total(rows):" in answers[1][1]
    assert "the command succeeds" in answers[2][1]
    assert json.loads(answers[3][1])["outcome"] == "healed"


def test_what_is_wrong_is_said(door: AgentDoor) -> None:
    answers = call(
        door,
        ("show_incident", {"incident": "ffff"}),
        ("read_file", {"incident": "ffff", "path": ""}),
        ("try_patch", {"incident": "ffff", "edits": []}),
        ("show_incident", {"incident": "f" * 100_000}),
    )
    assert all(failed for failed, _ in answers)
    assert "there is no incident 'ffff'" in answers[0][1]
    assert "read_file needs a path" in answers[1][1]
    assert "there are no edits" in answers[2][1]
    assert "there is no incident" in answers[3][1]


def test_an_edit_with_neither_symbol_nor_quotation_is_a_new_file(door: AgentDoor) -> None:
    ((_, text),) = call(door, ("list_incidents", {}))
    on = {"incident": json.loads(text)[0]["id"]}
    edits = [*GOOD["edits"], {"path": "scripts/new_part.py", "text": "x = 1\n"}]
    ((failed, answer),) = call(door, ("try_patch", {**on, "edits": edits}))
    assert not failed
    assert "the command succeeds" in answer
