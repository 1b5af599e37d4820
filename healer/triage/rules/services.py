"""What a service in the network answers: limits, names, certificates, credentials, statuses.

Belongs here: the rows of this kind. Does not belong here: that it does not answer (`connections`).
"""

from healer.triage.conditions import REVIEW, WAIT, Condition, Rule, is_from, is_named, is_type, says

_ABOUT_HTTP = is_named(
    r"HTTP|Status|Response|APIError|ClientError|RequestError|ServerError"
) | is_from("requests", "httpx", "httpx2", "urllib3", "aiohttp", "googleapiclient", "openai")


def has_status(*codes: int) -> Condition:
    """An HTTP status, of an exception that is about HTTP."""
    return _ABOUT_HTTP & Condition(lambda it: it.status in codes)


SERVICE_RULES: tuple[Rule, ...] = (
    Rule(
        "rate limit",
        "transient",
        has_status(429)
        | is_named(r"RateLimit|Throttl|TooManyRequests|SlowDown")
        | says(r"too many requests|rate.?limit|\bThrottl|slow down|RequestLimitExceeded"),
        "The service asked for fewer requests",
        WAIT,
    ),
    Rule(
        "quota",
        "environment",
        is_named(r"Quota|ResourceExhausted|PaymentRequired")
        | has_status(402)
        | says(
            r"quota (?:has been )?exceeded|quotaExceeded|insufficient_quota"
            r"|(?<![\w./-])billing(?:_disabled|_not|(?![\w./-]\w))"
        ),
        "A quota or an account is used up",
        "Raise the quota or settle the account.",
    ),
    Rule(
        "certificate",
        "environment",
        is_type("SSLCertVerificationError", "CertificateError")
        | says(r"CERTIFICATE_VERIFY_FAILED|certificate (?:has expired|verify failed)"),
        "The server's certificate was not accepted",
        "Check the certificate, the machine's clock and its trusted roots.",
    ),
    Rule(
        "name resolution for now",
        "transient",
        says(r"temporary failure in name resolution|\bEAI_AGAIN\b"),
        "A host name could not be resolved for now",
        WAIT,
    ),
    Rule(
        "name resolution",
        "environment",
        is_type("gaierror", "herror", "NameResolutionError", "ClientConnectorDNSError")
        | says(
            r"name or service not known|nodename nor servname|failed to resolve|getaddrinfo failed"
            r"|no address associated with hostname|could not translate host name"
        ),
        "A host name does not exist or the name server is away",
        "Check the host's name and the machine's DNS.",
    ),
    Rule(
        "credentials",
        "environment",
        has_status(401, 403, 407)
        | is_type(
            *("NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError"),
            *("SMTPAuthenticationError", "AuthenticationException", "AuthenticationError"),
            *("RefreshError", "PermissionDeniedError", "InvalidPasswordError", "LoginError"),
        )
        | says(
            r"password authentication failed|access denied for user|AccessDenied|ExpiredToken"
            r"|InvalidAccessKeyId|invalid (?:api )?key|authentication failed|unauthorized\b"
            r"|permission denied \(publickey|invalid_grant|SignatureDoesNotMatch"
            r"|api_key.*must be set"
        ),
        "A service refused the credentials",
        "Renew or correct the secret that the job uses.",
    ),
    Rule(
        "server error",
        "transient",
        has_status(408, 425, *range(500, 600))
        | is_named(r"^(?:ServiceUnavailable|InternalServer|BadGateway|GatewayTimeout)")
        | says(r"service unavailable|bad gateway|gateway time-?out|internal server error"),
        "The service failed on its side",
        WAIT,
    ),
    Rule(
        "resource not found",
        "code",
        has_status(404, 410),
        "The service does not know the address: it moved, or the code asks for a wrong one",
        REVIEW,
    ),
    Rule(
        "request refused",
        "code",
        has_status(*range(400, 500)),
        "The service refused the request as it was made",
        REVIEW,
    ),
)
