"""What a service answers is told by its own words; a value that looks like a status is data."""

import pytest

from healer.failure import Failure
from healer.triage.rules.services import SERVICE_RULES
from tests.healer.triage.failures import REQUESTS, failed, label, sort

ROWS = [
    (
        "name resolution for now",
        "transient",
        failed("socket.gaierror: [Errno -3] Temporary failure in name resolution"),
    ),
    (
        "name resolution",
        "environment",
        failed("socket.gaierror: [Errno -2] Name or service not known"),
    ),
    (
        "name resolution",
        "environment",
        failed("urllib.error.URLError: <urlopen error [Errno -2] Name or service not known>"),
    ),
    (
        "certificate",
        "environment",
        failed("ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate"),
    ),
    (
        "certificate",
        "environment",
        failed("requests.exceptions.SSLError: CERTIFICATE_VERIFY_FAILED expired"),
    ),
    (
        "server error",
        "transient",
        failed("requests.exceptions.HTTPError: 503 Server Error: x", inside=REQUESTS),
    ),
    (
        "server error",
        "transient",
        failed("requests.exceptions.HTTPError: 500 Server Error: x", inside=REQUESTS),
    ),
    ("server error", "transient", failed("urllib.error.HTTPError: HTTP Error 502: Bad Gateway")),
    (
        "rate limit",
        "transient",
        failed("requests.exceptions.HTTPError: 429 Client Error: x", inside=REQUESTS),
    ),
    ("rate limit", "transient", failed("openai.RateLimitError: Error code: 429 - slow")),
    (
        "rate limit",
        "transient",
        failed("botocore.exceptions.ClientError: An error occurred (ThrottlingException)"),
    ),
    ("quota", "environment", failed("openai.APIStatusError: Error code: 402 - insufficient_quota")),
    ("quota", "environment", failed("google.api_core.exceptions.ResourceExhausted: out of quota")),
    ("quota", "environment", failed("google.api_core.exceptions.Forbidden: BILLING_DISABLED")),
    ("quota", "environment", failed("acme.ApiError: check your plan and billing details.")),
    ("quota", "environment", failed("acme.ApiError: enable billing.")),
    (
        "credentials",
        "environment",
        failed("requests.exceptions.HTTPError: 401 Client Error: Unauthorized", inside=REQUESTS),
    ),
    ("credentials", "environment", failed("urllib.error.HTTPError: HTTP Error 403: Forbidden")),
    (
        "credentials",
        "environment",
        failed("botocore.exceptions.NoCredentialsError: Unable to locate credentials"),
    ),
    (
        "credentials",
        "environment",
        failed("botocore.exceptions.ClientError: An error occurred (ExpiredToken)"),
    ),
    ("credentials", "environment", failed("smtplib.SMTPAuthenticationError: (535, b'5.7.8 no')")),
    (
        "credentials",
        "environment",
        failed('psycopg2.OperationalError: FATAL:  password authentication failed for user "x"'),
    ),
    ("resource not found", "code", failed("urllib.error.HTTPError: HTTP Error 404: Not Found")),
    (
        "request refused",
        "code",
        failed("requests.exceptions.HTTPError: 422 Client Error", inside=REQUESTS),
    ),
    ("certificate", "environment", failed("ssl.CertificateError: hostname 'x' doesn't match")),
    ("server error", "transient", failed("acme.ServiceUnavailable: later")),
]
"""Rule, kind, and a failure that it is for."""
CODE_FAULTS = [
    failed("KeyError: 'rate limit'"),
    failed(
        "subprocess.CalledProcessError: Command '['python', '-m', 'rate_limit']' returned non-zero "
        "exit status 1.",
        source="raise CalledProcessError(retcode, process.args,",
    ),
    failed("acme.errors.Broken: cannot read acme/billing/rates.ini"),
    failed("acme.errors.Broken: no job named billing.cli"),
    failed("KeyError: 'unauthorized'", source="raise KeyError(name)", inside=("m.py", "get", "x")),
    failed("ValueError: time data 'HTTP 503' does not match format '%Y'"),
    failed("ValueError: invalid literal for int() with base 10: 'too many requests'"),
    failed("UnboundLocalError: cannot access local variable 'quota'"),
    failed("TypeError: unsupported operand for 429"),
    failed("acme.errors.Broken: HTTP 503 of some kind"),
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
    assert sort(failure).rule not in {rule.name for rule in SERVICE_RULES}
