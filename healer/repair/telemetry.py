"""A repair that has ended as one OpenTelemetry trace, and the measurements that belong to it.

Belongs here: what of the ledger becomes which span, attribute and measurement, by the conventions
for generative AI (https://opentelemetry.io/docs/specs/semconv/gen-ai/). Does not belong here: when
a repair is told (`healer.daemon.tasks.telemetry`), and Prometheus' numbers (`healer.app.metrics`).

Nothing is traced while it happens: a repair is durable, and may begin in one process and end in
another. It is told from the ledger once it has ended. How long a step took was measured; its place
in the trace follows from the order of the steps. Names, numbers and outcomes are sent, and no text
of a failure, a prompt or a reply.
"""

import hashlib
from collections.abc import Iterator, Sequence

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    InMemoryMetricReader,
    MetricExporter,
    MetricExportResult,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator

from healer.ledger.rows import Entry, RepairRow
from healer.support.version import read_version

NS = 1_000_000_000
_UNHEALED = frozenset({"gave_up", "unjudged"})
_STEPS = ("examine", "draft", "attempt")
"""What follows one upon the other; calls are made within the drafts."""
_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS = tuple(4**power for power in range(14))
"""The boundaries that the conventions recommend."""


class TelemetryError(Exception):
    """The endpoint did not take it."""


class Telemetry:
    """Tells ended repairs to two exporters."""

    def __init__(self, spans: SpanExporter, metrics: MetricExporter) -> None:
        self._span_exporter, self._metric_exporter = spans, metrics
        self._made, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self._ids = _RepairIds()
        resource = Resource.create({"service.name": "healer", "service.version": read_version()})
        tracers = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        tracers.add_span_processor(SimpleSpanProcessor(self._made))
        self._tracer = tracers.get_tracer("healer", read_version())
        meters = MeterProvider([self._reader], resource=resource, shutdown_on_exit=False)
        meter = meters.get_meter("healer", read_version())
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", explicit_bucket_boundaries_advisory=_TOKENS
        )
        self._calls = meter.create_histogram(
            "gen_ai.client.operation.duration", "s", explicit_bucket_boundaries_advisory=_SECONDS
        )
        self._repairs = meter.create_histogram("healer.repair.duration", "s")
        self._costs = meter.create_counter("healer.repair.cost", "{USD}")

    def tell(self, row: RepairRow, entries: Sequence[Entry]) -> None:
        """One repair with its steps, of which its `outcome` is one. The same repair told again
        makes the same spans. Raises TelemetryError, and then nothing was measured."""
        self._made.clear()
        self._ids.begin(row.id)
        self._write_spans(row, entries)
        if self._span_exporter.export(self._made.get_finished_spans()) != SpanExportResult.SUCCESS:
            raise TelemetryError("the OTLP endpoint took no traces; they are told again")
        self._measure(row, entries)

    def send_measurements(self) -> None:
        """All measurements since this was made. Raises TelemetryError; the next time has them."""
        data = self._reader.get_metrics_data()
        if data and self._metric_exporter.export(data) != MetricExportResult.SUCCESS:
            raise TelemetryError("the OTLP endpoint took no metrics; they are told again")

    def _write_spans(self, row: RepairRow, entries: Sequence[Entry]) -> None:
        (end,) = [entry for entry in entries if entry.kind == "outcome"]
        start_s = end.at - end.seconds
        root = self._tracer.start_span(
            "repair", start_time=int(start_s * NS), attributes=dict(_describe_repair(row, entries))
        )
        if end.outcome in _UNHEALED:
            root.set_status(trace.StatusCode.ERROR)
        context = trace.set_span_in_context(root)
        step_s = call_s = start_s
        for entry in entries:
            if entry.kind in _STEPS:
                span = self._tracer.start_span(
                    entry.kind, context, start_time=int(step_s * NS),
                    attributes={"healer.step": entry.label, "healer.outcome": entry.outcome},
                )  # fmt: skip
                call_s = max(call_s, step_s) if entry.kind == "draft" else call_s
                step_s += entry.seconds
                span.end(int(step_s * NS))
            elif entry.kind == "call":
                span = self._tracer.start_span(
                    f"chat {entry.drafter}", context, trace.SpanKind.CLIENT,
                    dict(_describe_call(entry)), start_time=int(call_s * NS),
                )  # fmt: skip
                call_s += entry.seconds
                span.end(int(call_s * NS))
        root.end(int(end.at * NS))

    def _measure(self, row: RepairRow, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.kind == "outcome":
                facts = {"healer.outcome": entry.outcome, "healer.script": row.script}
                self._repairs.record(entry.seconds, facts)
            elif entry.kind == "call":
                model = {
                    "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
                    "gen_ai.request.model": entry.drafter,
                }  # fmt: skip
                self._calls.record(entry.seconds, model)
                self._tokens.record(entry.tokens_in, {**model, "gen_ai.token.type": "input"})
                self._tokens.record(entry.tokens_out, {**model, "gen_ai.token.type": "output"})
                self._costs.add(max(entry.cost_usd, 0.0), model)


def _describe_repair(row: RepairRow, entries: Sequence[Entry]) -> Iterator[tuple[str, str | float]]:
    (end,) = [entry for entry in entries if entry.kind == "outcome"]
    yield "healer.repair", row.id
    yield "healer.script", row.script
    yield "healer.incident", row.incident
    yield "healer.outcome", end.outcome
    yield "healer.drafter", end.drafter
    yield "healer.cost_usd", sum(entry.cost_usd for entry in entries if entry.kind == "call")
    if row.fix_commit:
        yield "vcs.ref.head.revision", row.fix_commit
    if row.glance.error:
        yield "healer.failure.type", row.glance.error


def _describe_call(entry: Entry) -> Iterator[tuple[str, str | float]]:
    """The provider is the API that is spoken, whoever offers it."""
    yield "gen_ai.operation.name", "chat"
    yield "gen_ai.provider.name", "openai"
    yield "gen_ai.request.model", entry.drafter
    if entry.purpose:
        yield "healer.purpose", entry.purpose
    yield "gen_ai.usage.input_tokens", entry.tokens_in
    yield "gen_ai.usage.output_tokens", entry.tokens_out
    yield "healer.cost_usd", entry.cost_usd
    if entry.outcome == "useless":
        yield "error.type", "_OTHER"


class _RepairIds(IdGenerator):
    """Ids that follow from the repair's: told twice, it is the same trace."""

    def begin(self, repair: str) -> None:
        """From here on the ids of this repair's spans."""
        self._repair, self._count = repair, 0

    def generate_trace_id(self) -> int:
        return self._digest("", 16)

    def generate_span_id(self) -> int:
        self._count += 1
        return self._digest(str(self._count), 8)

    def _digest(self, name: str, size: int) -> int:
        text = f"{self._repair}/{name}".encode()
        return int.from_bytes(hashlib.sha256(text).digest()[:size], "big") or 1


def open_otlp() -> Telemetry:
    """By HTTP, to where the variables of OpenTelemetry say."""
    return Telemetry(OTLPSpanExporter(), OTLPMetricExporter())
