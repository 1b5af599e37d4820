"""Connections that fail, break off, or do not answer in time.

Belongs here: the rows of this kind. Does not belong here: what was answered over one (`services`).
"""

from healer.triage.conditions import WAIT, Rule, has_errno, is_named, is_type, says

CONNECTION_RULES: tuple[Rule, ...] = (
    Rule(
        "network unreachable",
        "environment",
        has_errno(100, 101, 113) | says(r"network is (?:unreachable|down)|no route to host"),
        "The network is away",
        "Check the machine's network.",
    ),
    Rule(
        "connection",
        "transient",
        is_type(
            *("ConnectionError", "ConnectionResetError", "ConnectionAbortedError"),
            *("ConnectionRefusedError", "RemoteDisconnected", "IncompleteRead", "ConnectError"),
            *("NewConnectionError", "MaxRetryError", "ProtocolError", "ChunkedEncodingError"),
            *("ServerDisconnectedError", "ClientConnectorError", "APIConnectionError"),
            *("SMTPServerDisconnected", "SMTPConnectError", "SSLEOFError", "SSLZeroReturnError"),
            *("BrokenPipeError", "ReadError", "RemoteProtocolError", "IncompleteReadError"),
            *("EndpointConnectionError", "ConnectionClosedError", "SSLError", "ProxyError"),
            *("SSHException", "URLError", "ClientOSError", "ClientPayloadError", "NetworkError"),
        )
        | is_named(r"Connection(?:Lost|Closed|Dropped|Failed|Refused|Reset)")
        | has_errno(32, 103, 104, 107, 111, 112),
        "A connection failed or broke off",
        WAIT,
    ),
    Rule(
        "timeout",
        "transient",
        is_type("TimeoutError", "timeout", "TimeoutExpired", "DeadlineExceeded")
        | is_named(r"Time(?:d)?[oO]ut")
        | has_errno(110),
        "Something did not answer in time",
        WAIT,
    ),
)
