"""Each ended repair is told once, from the first look on, and again where nobody took it."""

import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from healer.daemon.tasks.telemetry import FILE, TellTelemetry, is_telemetry_wanted, open_telemetry
from healer.repair.telemetry import Telemetry, TelemetryError
from tests.healer.repair.test_telemetry import Metrics, Spans
from tests.support.shop import shop

URL = "http://localhost:4318"


@pytest.mark.parametrize(
    ("environment", "is_wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": URL}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": URL}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": URL, "OTEL_SDK_DISABLED": "True"}, False),
    ],
)
def test_it_is_wanted_where_an_endpoint_is_named(
    environment: dict[str, str], is_wanted: bool
) -> None:
    assert is_telemetry_wanted(environment) == is_wanted


def test_nothing_of_it_is_loaded_otherwise() -> None:
    code = "import sys, healer.daemon.tasks.catalogue; print('opentelemetry.sdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_repairs_are_told_from_the_first_look_on_and_once(tmp_path: Path) -> None:
    spans, metrics = Spans(), Metrics()
    with shop(tmp_path / "shop") as here:
        here.fix()
        task = TellTelemetry(here.services, here.state, lambda: Telemetry(spans, metrics))
        task.run(time.time())
        assert spans.kept == []
        (here.state / FILE).write_text("0\n")
        spans.is_away = True
        with pytest.raises(TelemetryError):
            task.run(time.time())
        spans.is_away = False
        task.run(time.time())
        count = len(spans.kept)
        task.run(time.time())
        other = TellTelemetry(here.services, here.state, lambda: Telemetry(spans, metrics))
        other.run(time.time())
    assert len(spans.kept) == count > 1
    assert metrics.kept["healer.repair.duration", ""].count == 1


def test_it_reaches_a_collector_over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(f"{self.path} {self.headers['Content-Type']}")
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    with (
        shop(tmp_path / "shop") as here,
        ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server,
    ):
        Thread(target=server.serve_forever, args=(0.01,)).start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        here.fix()
        (here.state / FILE).write_text("0\n")
        TellTelemetry(here.services, here.state, open_telemetry).run(time.time())
        server.shutdown()
    assert asked == ["/v1/traces application/x-protobuf", "/v1/metrics application/x-protobuf"]
