"""A module that is declared is to be installed; one that is Python's or one's own is code."""

import pytest

from healer.failure import Failure
from healer.triage.rules.imports import IMPORT_RULES
from tests.healer.triage.failures import failed, label, sort

ROWS = [
    (
        "missing declared module",
        "environment",
        failed("ModuleNotFoundError: No module named 'requests'"),
    ),
    (
        "missing shared library",
        "environment",
        failed("ImportError: libpq.so.5: cannot open shared object file: No such file"),
    ),
    ("missing module", "code", failed("ModuleNotFoundError: No module named 'reqeusts'")),
    (
        "missing declared module",
        "environment",
        failed("ModuleNotFoundError: No module named 'requests.auth'"),
    ),
    ("missing module", "code", failed("ModuleNotFoundError: No module named 'helper'")),
]
"""Rule, kind, and a failure that it is for."""
CODE_FAULTS = [
    failed("ImportError: cannot import name 'Mapping' from 'collections'"),
    failed("ModuleNotFoundError: No module named 'distutils'"),
    failed("ModuleNotFoundError: No module named 'imp'"),
    failed("ModuleNotFoundError: No module named 'helpers'"),
    failed("ModuleNotFoundError: No module named 'md5'"),
    failed("AttributeError: module 'os' has no attribute 'getcwdu'"),
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
    assert sort(failure).rule not in {rule.name for rule in IMPORT_RULES}
