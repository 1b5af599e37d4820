"""The types inside name the same fields as the models of the host."""

import pytest
from pydantic import BaseModel

from sandbox import job, report
from sandbox.inside import messages

SENT = [
    (messages.CommandPlan, job.Command),
    (messages.TestsPlan, job.TestPlan),
    (messages.ProbeSite, job.Probe),
    (messages.ScreeningPlan, job.ScreenPlan),
    (messages.Plan, job.Plan),
]
RECEIVED = [
    (messages.SyntaxProblem, report.SyntaxProblem),
    (messages.LintFinding, report.LintFinding),
    (messages.ProcessEnd, report.ProcessEnd),
    (messages.TestResult, report.TestResult),
    (messages.TestRun, report.TestRun),
    (messages.Fault, report.Fault),
]


@pytest.mark.parametrize(("message", "model"), SENT)
def test_what_is_sent_has_every_field_of_its_model(message: type, model: type[BaseModel]) -> None:
    assert set(message.__annotations__) == set(model.model_fields)


@pytest.mark.parametrize(("message", "model"), RECEIVED)
def test_what_comes_back_has_the_fields_of_its_model(message: type, model: type[BaseModel]) -> None:
    assert set(message.__annotations__) == set(model.model_fields)


def test_a_record_has_the_fields_of_all_kinds_together() -> None:
    models = (report.SpectrumTest, report.ScreenResult, report.Behaviour)
    fields = {name for model in models for name in model.model_fields}
    assert set(messages.ScreenRecord.__annotations__) == fields | {"kind"}


def test_a_report_has_what_is_measured_inside_and_nothing_that_the_host_adds() -> None:
    added_by_host = {"by_date", "image", "lacking", "seconds", "varied_command"}
    own = set(messages.Report.__annotations__) - {"inside_seconds"}
    assert own == set(report.Report.model_fields) - added_by_host
