"""What an ended repair is told as: spans, attributes and measurements by the conventions."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult, MetricsData
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, StatusCode

from healer.ledger.rows import Entry, RepairRow
from healer.repair.telemetry import NS, Telemetry, TelemetryError

END_S = 1_000.0


class Spans(SpanExporter):
    """Keeps what it is told, or refuses it."""

    def __init__(self) -> None:
        self.kept: list[ReadableSpan] = []
        self.is_away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self.is_away:
            return SpanExportResult.FAILURE
        self.kept += spans
        return SpanExportResult.SUCCESS

    @property
    def by_name(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.kept}


class Metrics(MetricExporter):
    """Keeps the last of what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], Any] = {}
        self.is_away = False

    def export(self, metrics_data: MetricsData, *_: Any, **__: Any) -> MetricExportResult:
        if self.is_away:
            return MetricExportResult.FAILURE
        for resource in metrics_data.resource_metrics:
            assert resource.resource.attributes["service.name"] == "healer"
            for metric in resource.scope_metrics[0].metrics:
                for point in metric.data.data_points:
                    kind = str(dict(point.attributes or {}).get("gen_ai.token.type", ""))
                    self.kept[metric.name, kind] = point
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 0) -> bool:
        return True

    def shutdown(self, timeout_millis: float = 0, **_: Any) -> None:
        """Nothing is held."""


def row_of(**facts: Any) -> RepairRow:
    known: dict[str, Any] = {
        "id": "r1", "key": "k", "script": "scripts/a.py", "fingerprint": "f00d", "state": "ended",
        "outcome": "healed", "created_at": 1.0, "updated_at": END_S, "request": None,
    }  # fmt: skip
    return RepairRow.model_validate(known | facts)


def entry_of(kind: str, seconds: float, outcome: str = "fixed", **facts: Any) -> Entry:
    known = {"repair": "r1", "kind": kind, "outcome": outcome, "seconds": seconds, "at": END_S}
    return Entry.model_validate(known | facts)


ENTRIES = (
    entry_of("examine", 10, "reproduced"),
    entry_of("draft", 20, number=1, detail="a secret sentence"),
    entry_of("call", 5, "useless", number=1, drafter="small", tokens_in=100, tokens_out=10,
             cost_usd=0.25),
    entry_of("call", 7, "answered", number=2, drafter="small", tokens_in=200, tokens_out=20,
             purpose="review", cost_usd=0.5),
    entry_of("attempt", 30, number=1),
    entry_of("outcome", 100, "healed", drafter="small", detail="why"),
    entry_of("probation", 0, "confirmed"),
)  # fmt: skip


@pytest.fixture
def told() -> Iterator[tuple[Telemetry, Spans, Metrics]]:
    spans, metrics = Spans(), Metrics()
    yield Telemetry(spans, metrics), spans, metrics


Told = tuple[Telemetry, Spans, Metrics]


def test_a_repair_is_one_trace_whose_steps_follow_one_upon_the_other(told: Told) -> None:
    telemetry, spans, _ = told
    telemetry.tell(row_of(), ENTRIES)
    root = spans.by_name["repair"]
    assert (root.start_time, root.end_time) == (900 * NS, 1000 * NS)
    assert root.context is not None
    places = {}
    for span in spans.kept:
        if span is not root:
            assert span.parent is not None
            assert span.parent.span_id == root.context.span_id
            places[span.attributes["healer.step"] if span.kind is SpanKind.INTERNAL else "call"] = (
                span.start_time, span.end_time
            )  # fmt: skip
    assert places == {
        "examine": (900 * NS, 910 * NS), "draft 1": (910 * NS, 930 * NS),
        "call": (915 * NS, 922 * NS), "attempt 1": (930 * NS, 960 * NS),
    }  # fmt: skip


def test_a_call_speaks_by_the_conventions_for_generative_models(told: Told) -> None:
    telemetry, spans, _ = told
    telemetry.tell(row_of(), ENTRIES)
    useless, answered = [span for span in spans.kept if span.name == "chat small"]
    assert useless.kind is SpanKind.CLIENT
    assert dict(answered.attributes or {}) == {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "small", "gen_ai.usage.input_tokens": 200,
        "gen_ai.usage.output_tokens": 20, "healer.cost_usd": 0.5, "healer.purpose": "review",
    }  # fmt: skip
    assert (useless.attributes or {})["error.type"] == "_OTHER"


def test_no_sentence_is_sent(told: Told) -> None:
    telemetry, spans, _ = told
    telemetry.tell(row_of(), ENTRIES)
    values = [str(value) for span in spans.kept for value in (span.attributes or {}).values()]
    assert "healed" in values
    assert not {"why", "a secret sentence"} & set(values)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("healed", StatusCode.UNSET), ("review", StatusCode.UNSET), ("gave_up", StatusCode.ERROR)],
)
def test_a_repair_without_a_fix_is_an_error(told: Told, outcome: str, status: StatusCode) -> None:
    telemetry, spans, _ = told
    telemetry.tell(row_of(), (entry_of("outcome", 1, outcome),))
    assert spans.by_name["repair"].status.status_code is status


def test_told_twice_it_is_the_same_trace_and_another_repair_is_another(told: Told) -> None:
    telemetry, spans, _ = told
    for repair in ("r1", "r1", "r2"):
        telemetry.tell(row_of(id=repair), ENTRIES[-2:-1])
    first, again, other = [span.context for span in spans.kept]
    assert first is not None
    assert again is not None
    assert other is not None
    assert (first.trace_id, first.span_id) == (again.trace_id, again.span_id)
    assert first.trace_id != other.trace_id


def test_tokens_seconds_and_money_are_measured(told: Told) -> None:
    telemetry, _, metrics = told
    telemetry.tell(row_of(), ENTRIES)
    telemetry.send_measurements()
    kept = metrics.kept
    assert kept["gen_ai.client.token.usage", "input"].sum == 300
    assert kept["gen_ai.client.token.usage", "output"].sum == 30
    assert kept["gen_ai.client.operation.duration", ""].count == 2
    assert kept["healer.repair.duration", ""].sum == 100
    assert kept["healer.repair.cost", ""].value == 0.75


def test_what_the_endpoint_refuses_is_not_measured_and_can_be_told_again(told: Told) -> None:
    telemetry, spans, metrics = told
    spans.is_away = True
    with pytest.raises(TelemetryError, match="took no traces"):
        telemetry.tell(row_of(), ENTRIES)
    spans.is_away = False
    telemetry.tell(row_of(), ENTRIES)
    metrics.is_away = True
    with pytest.raises(TelemetryError, match="took no metrics"):
        telemetry.send_measurements()
    metrics.is_away = False
    telemetry.send_measurements()
    assert metrics.kept["healer.repair.duration", ""].count == 1
