"""How a repository stands as numbers, for Prometheus.

Belongs here: which numbers there are, and what each means. Does not belong here: collecting what
they are made of (`healer.app.status`, `healer.ledger`), their format
(`healer.render.prometheus_text`), who may read them (`healer.web`).

Names and units as https://prometheus.io/docs/practices/naming/ has them. What only grows is a
counter: a repair that waited and was merged changes its outcome, so what is counted are decisions.
No number is per repair or incident, for there would be ever more of them.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from healer.app.quick_look import Mails
from healer.app.state import open_ledger_of
from healer.app.status import JobStatus, Status, collect_status
from healer.ledger.costs import Cost, DecisionCount
from healer.render.prometheus_text import Family, Sample, format_families
from healer.support.version import read_version


def render_metrics(start: Path) -> str:
    """The numbers of the repository that holds `start`; those of the ledger only while the
    configuration, which says where it is, is right."""
    status = collect_status(start)
    families = [
        *_describe_state(status),
        *_describe_mails(status.mails),
        *_describe_jobs(status.jobs),
    ]
    if not status.config_problem:
        with open_ledger_of(start) as ledger:
            families += _describe_decisions(ledger.sums.decisions())
            families += _describe_models(ledger.sums.costs("model"))
    return format_families(families)


def _describe_state(status: Status) -> Iterator[Family]:
    yield _gauge("healer_info", "The version that tells this.", "version", [(read_version(), 1)])
    yield _number("healer_daemon_up", "Whether the daemon runs.", status.daemon)
    heartbeat = "When the daemon gave its last sign of life, Unix time."
    yield _number("healer_daemon_heartbeat_timestamp_seconds", heartbeat, status.heartbeat_at)
    is_right = not status.config_problem
    yield _number("healer_configuration_ok", "Whether the configuration is right.", is_right)
    waiting = "Recorded failures that no repair has taken yet."
    yield _number("healer_failures_waiting", waiting, status.failures)
    set_aside = "Records that could not be handled."
    yield _number("healer_records_set_aside", set_aside, status.set_aside)
    yield _number("healer_pauses", "Pauses that people have set.", len(status.paused))
    yield _number("healer_probations", "Merged fixes that are watched.", len(status.watched))
    breaker = "Whether no fix merges by itself, for too many were taken out again."
    yield _number("healer_merging_stopped", breaker, status.merges.is_too_wrong)
    counts = sorted(status.incidents.items())
    yield _gauge("healer_incidents", "Incidents by state.", "state", counts)
    states = [each.state for each in status.repairs]
    yield _gauge(
        "healer_repairs_unfinished",
        "Repairs that run (open), or wait for a person (waiting).",
        "state",
        [(state, states.count(state)) for state in ("open", "waiting")],
    )


def _describe_mails(mails: Mails) -> Iterator[Family]:
    yield _number("healer_mails_waiting", "Mails that are not sent yet.", mails.waiting)
    yield _number("healer_mails_failed", "Mails that were given up.", mails.failures)


def _describe_jobs(jobs: tuple[JobStatus, ...]) -> Iterator[Family]:
    """Without what is not known of a job: a number that is not there says so."""
    for name, what, values in (
        ("last_run_timestamp_seconds", "When a job ran last", [j.last_run for j in jobs]),
        ("last_success_timestamp_seconds", "When it ran well", [j.last_good_run for j in jobs]),
        ("next_due_timestamp_seconds", "When it is due", [j.next_due for j in jobs]),
        ("last_exit_code", "How it ended last; 0 is well", [j.last_exit for j in jobs]),
    ):  # fmt: skip
        pairs = zip((job.script for job in jobs), values, strict=True)
        yield _gauge(f"healer_job_{name}", f"{what}.", "script", pairs)


def _describe_decisions(counts: tuple[DecisionCount, ...]) -> Iterator[Family]:
    yield Family(
        "healer_decisions_total",
        "counter",
        "Ends of repairs and what came after, by kind and outcome.",
        tuple(Sample(c.count, (("kind", c.kind), ("outcome", c.outcome))) for c in counts),
    )
    ends = [each for each in counts if each.kind == "outcome"]
    yield Family(
        "healer_repair_duration_seconds",
        "summary",
        "From the request of a repair to its first outcome.",
        tuple(
            Sample(value, (("outcome", end.outcome),), suffix)
            for end in ends
            for suffix, value in (("_sum", end.seconds), ("_count", end.count))
        ),
    )


def _describe_models(costs: tuple[Cost, ...]) -> Iterator[Family]:
    models = [each for each in costs if each.calls]  # rules and the search make none
    for name, what, values in (
        ("calls", "Calls to a model.", [m.calls for m in models]),
        ("input_tokens", "Tokens that a model was given.", [m.tokens_in for m in models]),
        ("output_tokens", "Tokens that a model answered.", [m.tokens_out for m in models]),
        ("cost_dollars", "What a model cost.", [m.cost_usd for m in models]),
    ):
        pairs = zip(models, values, strict=True)
        samples = tuple(Sample(value, (("model", model.group),)) for model, value in pairs)
        yield Family(f"healer_model_{name}_total", "counter", what, samples)


def _number(name: str, what: str, value: float | None) -> Family:
    return Family(name, "gauge", what, () if value is None else (Sample(value),))


def _gauge(name: str, what: str, label: str, pairs: Iterable[tuple[str, float | None]]) -> Family:
    """One number for each text of a label; those that are not known are left out."""
    samples = (Sample(v, ((label, text),)) for text, v in pairs if v is not None)
    return Family(name, "gauge", what, tuple(samples))
