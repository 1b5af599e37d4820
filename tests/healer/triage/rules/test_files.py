"""A file, variable or program that should be there is told from one that the code gets wrong."""

import pytest

from healer.failure import Failure
from healer.triage.rules.files import FILE_RULES
from tests.healer.triage.failures import ENVIRON, SUBPROCESS, failed, label, sort

ROWS = [
    (
        "permission",
        "environment",
        failed("PermissionError: [Errno 13] Permission denied: '/srv/app/out.csv'"),
    ),
    ("permission", "environment", failed("PermissionError: [Errno 1] Operation not permitted")),
    (
        "missing file outside the repository",
        "environment",
        failed("FileNotFoundError: [Errno 2] No such file or directory: '/mnt/in.csv'"),
    ),
    (
        "missing program",
        "environment",
        failed(
            "FileNotFoundError: [Errno 2] No such file or directory: 'pdftotext'", inside=SUBPROCESS
        ),
    ),
    ("missing variable", "environment", failed("KeyError: 'API_TOKEN'", inside=ENVIRON)),
    (
        "missing variable",
        "environment",
        failed("KeyError: 'API_TOKEN'", source="token = os.environ['API_TOKEN']"),
    ),
    (
        "missing variable",
        "environment",
        failed(
            "RuntimeError: environment variable DB_URL is not set",
            source="raise RuntimeError(text)",
        ),
    ),
    (
        "missing file",
        "code",
        failed("FileNotFoundError: [Errno 2] No such file or directory: 'in.csv'"),
    ),
    ("missing file", "code", failed("FileExistsError: [Errno 17] File exists: 'out'")),
    (
        "missing file",
        "code",
        failed("FileNotFoundError: [Errno 2] No such file: '/srv/app/in.csv'"),
    ),
    ("missing variable", "environment", failed("acme.Error: api key is missing")),
]
"""Rule, kind, and a failure that it is for."""
CODE_FAULTS = [
    failed("KeyError: 'API_TOKEN'"),
    failed("KeyError: 'os.environ'"),
    failed("IsADirectoryError: [Errno 21] Is a directory: '/srv/app/data'"),
    failed("ValueError: environment variable names are not set in stone"),
    failed("TypeError: a missing required environment variable"),
]
"""They look like one, and none of these rules may fit."""


@pytest.mark.parametrize(
    ("rule", "kind", "failure"),
    ROWS,
    ids=lambda value: label(value) if isinstance(value, Failure) else value,
)
def test_each_rule_knows_its_failures(rule: str, kind: str, failure: Failure) -> None:
    answer = sort(failure)
    assert (answer.rule, answer.kind, answer.sure) == (rule, kind, kind != "code"), answer


@pytest.mark.parametrize("failure", CODE_FAULTS, ids=label)
def test_what_only_looks_like_one_is_none(failure: Failure) -> None:
    assert sort(failure).rule not in {rule.name for rule in FILE_RULES}
