"""The types inside name the same fields as the models of the host."""

from typing import get_type_hints

import pytest
from pydantic import BaseModel

from sandbox import job
from sandbox.inside import messages

SENT = [
    (messages.CommandPlan, job.Command),
    (messages.TestsPlan, job.TestPlan),
    (messages.ProbeSite, job.Probe),
    (messages.ScreeningPlan, job.ScreenPlan),
    (messages.Plan, job.Plan),
]
RECEIVED = [
    (messages.SyntaxProblem, job.SyntaxProblem),
    (messages.LintFinding, job.LintFinding),
    (messages.ProcessEnd, job.Ended),
    (messages.TestResult, job.TestResult),
    (messages.TestRun, job.TestRun),
    (messages.Fault, job.Fault),
]


@pytest.mark.parametrize(("message", "model"), SENT)
def test_what_is_sent_has_every_field_of_its_model(message: type, model: type[BaseModel]) -> None:
    assert set(get_type_hints(message)) == set(model.model_fields)


@pytest.mark.parametrize(("message", "model"), RECEIVED)
def test_what_comes_back_has_the_fields_of_its_model(message: type, model: type[BaseModel]) -> None:
    assert set(get_type_hints(message)) == set(model.model_fields)


def test_a_record_has_the_fields_of_all_kinds_together() -> None:
    models = (job.Seen, job.Screened, job.Behaved)
    fields = {name for model in models for name in model.model_fields}
    assert set(get_type_hints(messages.ScreenRecord)) == fields | {"kind"}


def test_a_report_has_what_is_measured_inside_and_nothing_that_the_host_adds() -> None:
    added_by_host = {"image", "seconds"}
    own = set(get_type_hints(messages.Report)) - {"inside_seconds"}
    assert own == set(job.Report.model_fields) - added_by_host
