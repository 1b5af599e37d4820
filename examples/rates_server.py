"""A bank's rates on this machine, for the demo: five good nights, then one with a renamed field.

Belongs here: what the server answers on which night. Does not belong here: the story (`demo`).
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GOOD_NIGHTS = 5
RATES = {"USD": 1.0812, "GBP": 0.8544, "CHF": 0.9402, "JPY": 161.2214, "SEK": 11.3042}


class RatesServer(ThreadingHTTPServer):
    """Answers with the rates of `night`."""

    night = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/rates"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        night = self.server.night  # type: ignore[attr-defined]  # it is a RatesServer
        data = json.dumps({"rates": list_rates(night)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing: the demo's output is its story."""


def list_rates(night: int) -> list[dict[str, object]]:
    """Rates that move a little each night; after the good nights the field has another name."""
    name = "rate" if night < GOOD_NIGHTS else "exchange_rate"
    return [
        {
            "currency": currency,
            name: round(rate * (1 + (night * 7 + n * 3) % 5 / 1000), 4),
            "buying": round(rate * (0.98 + (night * 5 + n) % 4 / 1000), 4),
            "day": f"2026-11-{20 + night}",
        }
        for n, (currency, rate) in enumerate(RATES.items())
    ]


@contextmanager
def serve_rates() -> Iterator[RatesServer]:
    """The server, for as long as the block lasts."""
    with RatesServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
