"""No planted secret comes out: not in prompts, mails, progress, the ledger or the checkpoints."""

from pathlib import Path
from typing import Any

import pytest

from sandbox import Job, ProcessEnd, Report
from tests.healer.repair.test_workflow import Asked
from tests.support.bench import BAD, FAILS, Bench, seen
from tests.support.planted_secrets import PLANTED
from tests.support.smtp import smtp_server

SECRETS = [secret for plant in PLANTED for secret in plant.secrets if secret]
LOG = "\n".join(plant.text for plant in PLANTED)


def leaking(job: Job) -> Report:
    """The job prints every secret before it fails, and each failing test does as well."""
    report = seen(job)
    if report.command is not None and report.command.exit_code:
        loud = ProcessEnd(exit_code=1, stdout=LOG, stderr=f"{LOG}\n{FAILS}")
        report = report.model_copy(update={"command": loud})
    runs = []
    for run in report.tests:
        results = [r.model_copy(update={"detail": f"{LOG}\n{r.detail}"}) for r in run.results]
        runs.append(run.model_copy(update={"results": tuple(results)}))
    return report.model_copy(update={"tests": tuple(runs)})


def test_at_least_sixty_planted_secrets_stay_in(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.box._answers = [leaking]
    bench.write("scripts/job.md", "# job\n")
    bench.commit("Notes")
    assert len(SECRETS) >= 60
    asked, said = Asked(), []
    monkeypatch.setattr(bench, "progress", lambda note: said.append(note.model_dump_json()))
    with smtp_server() as mailbox:
        mail: dict[str, Any] = {
            "smtp": f"smtp://127.0.0.1:{mailbox.port}", "from": "h@shop.example",
            "to": ["oncall@shop.example"],
        }  # fmt: skip
        result = bench.fix(BAD, BAD, BAD, asked=asked, config={"mail": mail},
                           options={"attempts": 1})  # fmt: skip
        mails = [received.part(kind) for received in mailbox.taken for kind in ("plain", "html")]
    assert result.outcome == "gave_up"
    assert (len(asked.prompts), len(mails)) == (1, 2)
    places = {
        "prompt": "\n".join(asked.prompts),
        "mail": "\n".join(mails),
        "result": result.model_dump_json(),
        "progress": "\n".join(said),
        "ledger": bench.evidence(result).model_dump_json(),
    } | {name: _text(bench.state / name) for name in ("ledger.sqlite", "workflows.sqlite")}
    out = {name: [s for s in SECRETS if s in text] for name, text in places.items()}
    assert {name: found for name, found in out.items() if found} == {}
    assert "<REDACTED:" in places["ledger"]
    assert said


def _text(path: Path) -> str:
    with_log = [path, path.with_name(f"{path.name}-wal")]
    return "".join(each.read_bytes().decode("latin-1") for each in with_log if each.exists())
