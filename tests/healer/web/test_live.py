"""The browser hears at once, and again whenever something has changed; never for ever."""

import anyio
import pytest
from starlette.requests import Request
from starlette.types import Message

from healer.web import live
from healer.web.live import Live
from tests.support.web_backend import MemoryBackend, new_backend


def request(*, leaves_after: int) -> Request:
    """A browser that goes away when it was looked at so often."""
    looks = 0

    async def receive() -> Message:
        nonlocal looks
        looks += 1
        if looks > leaves_after:
            return {"type": "http.disconnect"}
        await anyio.sleep(60)  # still there
        raise AssertionError

    return Request({"type": "http", "method": "GET", "path": "/live", "headers": []}, receive)


async def collect(backend: MemoryBackend, changes: list[str], looks: int) -> list[str]:
    events: list[str] = []
    async for event in Live(backend)._events(request(leaves_after=looks)):
        events.append(event)
        if changes:
            backend._change("run1", step=changes.pop(0))
    return events


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.001)


def test_something_is_said_at_once_and_once() -> None:
    (event,) = anyio.run(collect, new_backend(), [], 5)
    assert event.startswith("event: changed\ndata: ")
    assert event.endswith("\n\n")


def test_each_change_is_said() -> None:
    assert len(anyio.run(collect, new_backend(), ["tests", "evidence"], 10)) == 3


def test_a_browser_that_has_left_is_sent_nothing_more() -> None:
    assert len(anyio.run(collect, new_backend(), ["a", "b", "c"], 0)) == 1


def test_a_forgotten_tab_connects_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LONGEST_S", 0.005)
    assert len(anyio.run(collect, new_backend(), [], 10_000)) == 1


def test_it_is_a_stream_of_events() -> None:
    response = anyio.run(Live(new_backend()).stream, request(leaves_after=0))
    assert response.media_type == "text/event-stream"
