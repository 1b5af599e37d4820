"""Connections that fail pass by; a name like one of theirs in a message does not."""

import pytest

from healer.failure import Failure
from healer.triage.rules.connections import CONNECTION_RULES
from tests.healer.triage.failures import failed, label, sort

ROWS = [
    (
        "connection",
        "transient",
        failed("ConnectionResetError: [Errno 104] Connection reset by peer"),
    ),
    ("connection", "transient", failed("ConnectionRefusedError: [Errno 111] Connection refused")),
    (
        "connection",
        "transient",
        failed("requests.exceptions.ConnectionError: HTTPSConnectionPool(host='x')"),
    ),
    (
        "connection",
        "transient",
        failed("http.client.RemoteDisconnected: Remote end closed connection"),
    ),
    (
        "connection",
        "transient",
        failed("urllib3.exceptions.ProtocolError: ('Connection broken', ...)"),
    ),
    ("connection", "transient", failed("httpx.ConnectError: All connection attempts failed")),
    ("connection", "transient", failed("aiohttp.client_exceptions.ServerDisconnectedError: gone")),
    (
        "connection",
        "transient",
        failed("botocore.exceptions.EndpointConnectionError: Could not connect"),
    ),
    ("network unreachable", "environment", failed("OSError: [Errno 101] Network is unreachable")),
    ("network unreachable", "environment", failed("OSError: [Errno 113] No route to host")),
    ("connection", "transient", failed("ssl.SSLEOFError: EOF occurred in violation of protocol")),
    ("timeout", "transient", failed("requests.exceptions.ReadTimeout: Read timed out.")),
    ("timeout", "transient", failed("TimeoutError: [Errno 110] Connection timed out")),
    ("timeout", "transient", failed("asyncio.exceptions.TimeoutError")),
    (
        "timeout",
        "transient",
        failed("subprocess.TimeoutExpired: Command 'x' timed out after 5 seconds"),
    ),
    (
        "connection",
        "transient",
        failed("redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379"),
    ),
    ("timeout", "transient", failed("socket.timeout: timed out")),
    ("timeout", "transient", failed("acme.GatewayTimedOut: x")),
    ("connection", "transient", failed("OSError: [Errno 104] x")),
    ("connection", "transient", failed("paramiko.ssh_exception.SSHException: no banner")),
]
"""Rule, kind, and a failure that it is for."""
CODE_FAULTS = [
    failed("NameError: name 'timeout' is not defined"),
    failed("AttributeError: 'NoneType' object has no attribute 'connection refused'"),
    failed("ValueError: [Errno 2] timeout"),
    failed("TypeError: Connection() takes no arguments"),
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
    assert sort(failure).rule not in {rule.name for rule in CONNECTION_RULES}
