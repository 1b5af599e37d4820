"""How a job ended without a traceback is told by its signal, its exit code and its output."""

import pytest

from healer.failure import Failure
from tests.healer.triage.failures import ended, label, sort

ROWS = [
    ("stopped", "interrupted", ended(130)),
    ("stopped", "interrupted", ended(143)),
    ("stopped", "interrupted", ended(signal=15)),
    ("stopped", "interrupted", ended(signal=1)),
    ("reader gone", "interrupted", ended(signal=13)),
    ("killed", "environment", ended(signal=9)),
    ("killed", "environment", ended(137)),
    ("resource limit", "environment", ended(signal=24)),
    ("not started", "environment", ended(127, "bash: pdftotext: command not found\n")),
    ("not started", "environment", ended(126, "bash: ./job.sh: Permission denied\n")),
    (
        "not started",
        "environment",
        ended(2, "python: can't open file '/srv/app/jobb.py': [Errno 2] No such file\n"),
    ),
    ("not started", "environment", ended(1, "/usr/bin/python3: No module named sync\n")),
    ("disk full", "environment", ended(1, "cp: error writing 'x': No space left on device\n")),
    (
        "wrong arguments",
        "deliberate",
        ended(2, "usage: job.py [-h] --day DAY\njob.py: error: the following arguments\n"),
    ),
    ("deliberate exit", "deliberate", ended(3, "nothing to do today\n")),
    ("deliberate exit", "deliberate", ended(1, "")),
    ("another language", "environment", ended(1, "TypeError: x\n", argv=("node", "job.js"))),
    ("another language", "environment", ended(1, "", argv=("/usr/bin/ruby", "job"))),
    ("deliberate exit", "deliberate", ended(3, "", argv=("sh", "run.sh"), script="run.sh")),
    ("another language", "environment", ended(3, "", argv=("./run.pl",), script="run.pl")),
    ("deliberate exit", "deliberate", ended(3, "", argv=("sh", "x.sh"), script="job.py")),
    ("deliberate exit", "deliberate", ended(3, "", argv=("python", "job"), script="job")),
    ("time limit", "code", ended(late=True, signal=9)),
    ("native crash", "code", ended(signal=11)),
    ("native crash", "code", ended(1, "Fatal Python error: Segmentation fault\n")),
    ("stopped", "interrupted", ended(signal=3)),
    ("reader gone", "interrupted", ended(141)),
]


@pytest.mark.parametrize(
    ("rule", "kind", "failure"),
    ROWS,
    ids=lambda value: label(value) if isinstance(value, Failure) else value,
)
def test_each_rule_knows_its_failures(rule: str, kind: str, failure: Failure) -> None:
    answer = sort(failure)
    assert (answer.rule, answer.kind, answer.sure) == (rule, kind, kind != "code"), answer
