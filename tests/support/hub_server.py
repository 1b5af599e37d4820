"""A real `healer hub` in a thread of this process, on a port of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from healer.app.hub import Hub
from healer.support.shared_pool import NOBODY
from healer.support.shared_tables import SharedTables
from healer.watch.hub_tokens import HubTokens
from healer.web.hub import build_hub


@contextmanager
def hub_server(url: str) -> Iterator[str]:
    """Its address, for a database with healer's schema."""
    with Hub(url) as hub:
        config = uvicorn.Config(build_hub(hub), port=0, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()


def make_token(url: str, name: str, tenant: str, repository: str) -> str:
    with SharedTables(url, NOBODY) as tables:
        return HubTokens(tables).make(name, tenant, [repository], now=1.0)
