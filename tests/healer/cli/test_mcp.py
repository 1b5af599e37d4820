"""`healer mcp` is a server that coding agents can use, and says what is wrong in words."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError, StdioServerParameters

from healer.app.agents import AgentDoor
from healer.cli.mcp import make_server
from healer.repair.incident_events import count_failure
from healer.support.extras import ExtraName, MissingExtraError
from healer.watch.inbox import Inbox
from tests.healer.evidence.reports import failure
from tests.support.bench import FAILS, GOOD, SCRIPT, Bench
from tests.support.command_line import run_command
from tests.support.git import make_repository


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


@pytest.fixture
def process(tmp_path: Path) -> StdioServerParameters:
    """The server as an agent starts it: a process, spoken to through its standard streams."""
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "tests.support.mcp_server", str(tmp_path)],
        cwd=Path(__file__).parents[3],
    )


def test_a_process_serves_every_tool_and_survives_hostile_calls(
    process: StdioServerParameters,
) -> None:
    edits = GOOD["edits"]
    place = {"path": SCRIPT, "first_line": 1, "last_line": 3}
    at_line_5 = {"path": SCRIPT, "line": 5, "expression": "rows"}
    useful: list[tuple[str, dict[str, Any]]] = [
        ("show_incident", {}),
        ("read_file", place),
        ("search_text", {"text": "totl"}),
        ("find_symbol", {"name": "total"}),
        ("line_history", place),
        ("run", {"command": f"python {SCRIPT}"}),
        ("query", at_line_5),
        ("try_patch", {"edits": edits}),
    ]
    refused: list[tuple[str, dict[str, Any]]] = [
        ("read_file", {"path": ""}),
        ("read_file", {"path": SCRIPT, "first_line": "all"}),
        ("search_text", {"text": "x" * 100_000}),
        ("search_text", {"text": "\0"}),
        ("run", {"command": "python 'unclosed"}),
        ("run", {"command": ""}),
        ("query", {**at_line_5, "expression": "rows["}),
        ("try_patch", {"edits": "all of it"}),
        ("try_patch", {"edits": [{"path": SCRIPT}]}),
        ("try_patch", {"edits": [{"path": "../out.py", "text": "x = 1"}]}),
        ("propose", {"cause": "x", "edits": []}),
        ("propose", {"cause": "x", "edits": [{"path": "/etc/passwd", "text": "x"}]}),
        ("no_such_tool", {}),
    ]
    shown_nothing = ["../../../etc/passwd", "/etc/passwd", ".git/config", "a\0b", "~/.ssh/id_rsa"]

    async def ask() -> dict[str, Any]:
        async with Client(process, read_timeout_seconds=60) as client:

            async def use(name: str, arguments: dict[str, Any]) -> tuple[bool, str]:
                try:
                    result = await client.call_tool(name, arguments)
                except MCPError as error:
                    return True, str(error)
                return bool(result.is_error), "".join(part.text for part in result.content)

            (line,) = json.loads((await use("list_incidents", {}))[1])
            on = {"incident": line["id"]}
            return {
                "useful": [await use(name, {**on, **rest}) for name, rest in useful],
                "refused": [await use(name, {**on, **rest}) for name, rest in refused],
                "hidden": [await use("read_file", {**on, "path": p}) for p in shown_nothing],
                "fix": await use("propose", {**on, "cause": "A typo.", "edits": edits}),
                "left": await use("list_incidents", {}),
            }

    answers = asyncio.run(ask())
    assert [failed for failed, _ in answers["useful"]] == [False] * len(useful)
    harmless = ("not tried", "there is no file", "secrets", "found nowhere", "not asked")
    for failed, text in (*answers["refused"], *answers["hidden"]):
        assert failed or any(words in text for words in harmless), text
        assert "root:" not in text and "Traceback" not in text and len(text) < 3_000
    assert json.loads(answers["fix"][1])["outcome"] == "healed"
    (line,) = json.loads(answers["left"][1])
    assert line["state"] == "probation"


def test_without_its_extra_it_says_what_to_install(
    tmp_path: Path, without_extra: Callable[[ExtraName], None]
) -> None:
    without_extra("mcp")
    answer = run_command("mcp", cwd=make_repository(tmp_path / "extra", {"a.py": "x = 1\n"}))
    assert isinstance(answer.error, MissingExtraError)
    assert str(answer.error).startswith("healer mcp needs the library ")
