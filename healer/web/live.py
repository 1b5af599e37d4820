"""Progress as it happens: a word to the browser whenever something changed.

Belongs here: the event stream. Does not belong here: what changed; the browser asks for its page
again. Without JavaScript the page reloads itself instead.
"""

import asyncio
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from healer.web.repairs import Repairs

LOOK_EVERY_S = 1.0
LONGEST_S = 600.0
"""Then the browser connects again: a forgotten tab holds no connection for ever."""


class Live:
    """Streams of one server."""

    def __init__(self, repairs: Repairs) -> None:
        self._repairs = repairs

    async def stream(self, request: Request) -> Response:
        """Server-sent events: `changed`, at once and whenever a state or step changes."""
        return StreamingResponse(self._events(request), media_type="text/event-stream")

    async def _events(self, request: Request) -> AsyncIterator[str]:
        before = ""
        for _ in range(int(LONGEST_S / LOOK_EVERY_S)):
            now = await run_in_threadpool(self._repairs.version)
            if now != before:
                before = now
                yield f"event: changed\ndata: {now}\n\n"
            await asyncio.sleep(LOOK_EVERY_S)
            if await request.is_disconnected():
                return
