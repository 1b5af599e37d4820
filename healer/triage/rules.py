"""The table of rules for exceptions: what is not (surely) a fault of the code.

Belongs here: one row for each thing that goes wrong, first match wins. Does not belong here: how
a failure is read (`seen`), which exception of a chain is asked (`sort`), or the end of a job
without a traceback (`ends`).
"""

from healer.triage.ask import (
    REVIEW,
    WAIT,
    Rule,
    Test,
    errno,
    module,
    named,
    says,
    types,
    words,
)

_ABOUT_HTTP = named(r"HTTP|Status|Response|APIError|ClientError|RequestError|ServerError") | module(
    "requests", "httpx", "httpx2", "urllib3", "aiohttp", "googleapiclient", "openai"
)


def status(*codes: int) -> Test:
    """An HTTP status, of an exception that is about HTTP."""
    return _ABOUT_HTTP & Test(lambda seen: seen.status in codes)


_OS_ERRORS = types(
    *("OSError", "IOError", "PermissionError", "FileNotFoundError", "BlockingIOError"),
    *("FileExistsError", "Error", "SameFileError", "NotADirectoryError", "IsADirectoryError"),
)
_FROM_ENVIRON = types("KeyError") & (
    Test(lambda seen: seen.last_file.endswith(("os.py", "<frozen os>")))
    & Test(lambda seen: seen.last_function == "__getitem__")
    | Test(lambda seen: "os.environ[" in seen.last_source)
)
_DATABASE = types("OperationalError", "InterfaceError", "DatabaseError", "InternalError") | module(
    "psycopg2", "psycopg", "pymysql", "MySQLdb", "asyncpg", "redis", "pymongo", "sqlalchemy"
)
_MISUSED = says(
    r"incorrect number of bindings supplied|parameters are of unsupported type"
    r"|should be explicitly declared as text|not an executable object: '"
    r"|did you mean to say select\("
)
"""What a database's library says of the call itself, before any statement has run."""
_STARTS_A_PROGRAM = Test(
    lambda seen: (
        seen.last_function in ("_execute_child", "_posix_spawn", "_execvpe", "_make_subprocess")
    )
)
_REMOVED_FROM_PYTHON = words(
    """asynchat asyncore imp distutils smtpd cgi cgitb crypt nntplib pipes telnetlib uu xdrlib
    audioop imghdr sndhdr msilib nis ossaudiodev spwd chunk aifc sunau mailcap lib2to3 formatter
    parser symbol binhex macpath urllib2 urlparse ConfigParser StringIO cStringIO Queue httplib
    cPickle Tkinter thread commands __builtin__ HTMLParser cookielib xmlrpclib sets md5 sha
    UserDict SocketServer BaseHTTPServer SimpleHTTPServer SimpleXMLRPCServer htmlentitydefs
    tkMessageBox tkFileDialog copy_reg robotparser repr anydbm Cookie dummy_thread
    dummy_threading"""
)
EXCEPTION_RULES: tuple[Rule, ...] = (
    # Ended from outside, or by the script's own decision.
    Rule(
        "keyboard interrupt",
        "interrupted",
        types("KeyboardInterrupt", "CancelledError"),
        "Someone stopped the job",
        "Start it again if it was not meant.",
    ),
    Rule(
        "deliberate exit",
        "deliberate",
        types("SystemExit", "Exit", "Abort", "UsageError", "BadParameter", "ClickException"),
        "The script ended itself",
        "Read what it printed; it asked for this.",
    ),
    Rule(
        "reader gone",
        "interrupted",
        types("BrokenPipeError") & ~says(r"socket|ssl|http"),
        "What read the job's output stopped reading",
        "Check the command that follows it in the pipe.",
    ),
    # The machine.
    Rule(
        "disk full",
        "environment",
        errno(28, 122) | says(r"no space left on device|disk quota exceeded|disk is full"),
        "The disk or its quota is full",
        "Free space where the job writes, then run it again.",
    ),
    Rule(
        "read-only or failing disk",
        "environment",
        errno(5, 30) & _OS_ERRORS | says(r"read-only file system|disk i/o error"),
        "The file system is read-only or fails",
        "Check the mount and the disk.",
    ),
    Rule(
        "out of memory",
        "environment",
        types("MemoryError", "_ArrayMemoryError", "OutOfMemoryError")
        | errno(12) & _OS_ERRORS
        | says(r"cannot allocate memory|cuda out of memory|std::bad_alloc"),
        "The machine or its limit had no memory left",
        "Give the job more memory, or less data at a time.",
    ),
    Rule(
        "no more processes",
        "environment",
        says(r"can't start new thread|resource temporarily unavailable: fork")
        | errno(11) & _STARTS_A_PROGRAM,
        "The machine allowed no further process or thread",
        "Check the limit on processes (ulimit -u, pids).",
    ),
    Rule(
        "too many open files",
        "code",
        errno(23, 24),
        "Too many files were open: a low limit, or files that the script does not close",
        REVIEW,
    ),
    # Names and addresses in the network.
    Rule(
        "rate limit",
        "transient",
        status(429)
        | named(r"RateLimit|Throttl|TooManyRequests|SlowDown")
        | says(r"too many requests|rate.?limit|\bThrottl|slow down|RequestLimitExceeded"),
        "The service asked for fewer requests",
        WAIT,
    ),
    Rule(
        "quota",
        "environment",
        named(r"Quota|ResourceExhausted|PaymentRequired")
        | status(402)
        | says(r"quota (?:has been )?exceeded|quotaExceeded|insufficient_quota|billing"),
        "A quota or an account is used up",
        "Raise the quota or settle the account.",
    ),
    Rule(
        "certificate",
        "environment",
        types("SSLCertVerificationError", "CertificateError")
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
        types("gaierror", "herror", "NameResolutionError", "ClientConnectorDNSError")
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
        status(401, 403, 407)
        | types(
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
        status(408, 425, *range(500, 600))
        | named(r"^(?:ServiceUnavailable|InternalServer|BadGateway|GatewayTimeout)")
        | says(r"service unavailable|bad gateway|gateway time-?out|internal server error"),
        "The service failed on its side",
        WAIT,
    ),
    Rule(
        "resource not found",
        "code",
        status(404, 410),
        "The service does not know the address: it moved, or the code asks for a wrong one",
        REVIEW,
    ),
    Rule(
        "request refused",
        "code",
        status(*range(400, 500)),
        "The service refused the request as it was made",
        REVIEW,
    ),
    # Databases.
    Rule(
        "database locked",
        "transient",
        _DATABASE & says(r"database (?:table )?is locked|deadlock|lock wait timeout|serializ.*fail")
        | types("DeadlockDetected", "SerializationFailure", "LockNotAvailable"),
        "Another process held the database's lock",
        WAIT,
    ),
    Rule(
        "database away",
        "transient",
        _DATABASE
        & (
            says(
                r"could not connect|connection (?:refused|timed out|reset)|can't connect"
                r"|server closed the connection|gone away|lost connection|too many (?:clients|conn)"
                r"|starting up|shutting down|is loading the dataset|no servers? (?:found|available)"
                r"|connection (?:to server|is closed|already closed|failed)|not reachable"
            )
            | errno(1040, 2002, 2003, 2006, 2013)
        )
        | types("ServerSelectionTimeoutError", "AutoReconnect", "BusyLoadingError"),
        "The database could not be reached",
        WAIT,
    ),
    Rule(
        "database file",
        "environment",
        _DATABASE
        & says(r"unable to open database file|readonly database|malformed|not a database"),
        "The database's file cannot be used",
        "Check its path, its permissions and its integrity.",
    ),
    # Connections.
    Rule(
        "network unreachable",
        "environment",
        errno(100, 101, 113) | says(r"network is (?:unreachable|down)|no route to host"),
        "The network is away",
        "Check the machine's network.",
    ),
    Rule(
        "connection",
        "transient",
        types(
            *("ConnectionError", "ConnectionResetError", "ConnectionAbortedError"),
            *("ConnectionRefusedError", "RemoteDisconnected", "IncompleteRead", "ConnectError"),
            *("NewConnectionError", "MaxRetryError", "ProtocolError", "ChunkedEncodingError"),
            *("ServerDisconnectedError", "ClientConnectorError", "APIConnectionError"),
            *("SMTPServerDisconnected", "SMTPConnectError", "SSLEOFError", "SSLZeroReturnError"),
            *("BrokenPipeError", "ReadError", "RemoteProtocolError", "IncompleteReadError"),
            *("EndpointConnectionError", "ConnectionClosedError", "SSLError", "ProxyError"),
            *("SSHException", "URLError", "ClientOSError", "ClientPayloadError", "NetworkError"),
        )
        | named(r"Connection(?:Lost|Closed|Dropped|Failed|Refused|Reset)")
        | errno(32, 103, 104, 107, 111, 112),
        "A connection failed or broke off",
        WAIT,
    ),
    Rule(
        "timeout",
        "transient",
        types("TimeoutError", "timeout", "TimeoutExpired", "DeadlineExceeded")
        | named(r"Time(?:d)?[oO]ut")
        | errno(110),
        "Something did not answer in time",
        WAIT,
    ),
    Rule(
        "database schema",
        "code",
        (_DATABASE | types("ProgrammingError", "IntegrityError", "DataError")) & ~_MISUSED,
        "The database refused the statement: its schema, its data or the code is not as expected",
        REVIEW,
    ),
    # Files, variables, modules, programs.
    Rule(
        "permission",
        "environment",
        types("PermissionError") | errno(1, 13) & _OS_ERRORS,
        "The job may not use this file or resource",
        "Give the job's user the permission, or the job the right user.",
    ),
    Rule(
        "missing program",
        "environment",
        types("FileNotFoundError") & _STARTS_A_PROGRAM,
        "A program that the script starts is not installed",
        "Install it, or correct the job's PATH.",
    ),
    Rule(
        "missing file outside the repository",
        "environment",
        types("FileNotFoundError", "NotADirectoryError") & Test(lambda seen: seen.path_is_outside),
        "A file outside the repository is missing",
        "Bring the file, or correct where the job looks for it.",
    ),
    Rule(
        "missing file",
        "code",
        types("FileNotFoundError", "FileExistsError"),
        "A file is not where the script expects it: its input, or the code, is wrong",
        REVIEW,
    ),
    Rule(
        "missing variable",
        "environment",
        _FROM_ENVIRON
        | says(
            r"environment variable.{0,60}(?:not set|missing|required|undefined|must be)"
            r"|(?:missing|required|undefined).{0,40}environment variable"
            r"|(?:api[ _-]?key|secret|token|password)\b.{0,30}"
            r"\b(?:not set|is missing|not configured)"
        ),
        "A variable or secret is not set",
        "Set it in the job's environment.",
    ),
    Rule(
        "missing declared module",
        "environment",
        types("ModuleNotFoundError", "ImportError")
        & Test(lambda seen: bool(seen.module) and seen.module in seen.declared),
        "A declared dependency is not installed",
        "Install the project's dependencies.",
    ),
    Rule(
        "missing module",
        "code",
        types("ModuleNotFoundError")
        & Test(lambda seen: seen.module not in seen.own_modules | _REMOVED_FROM_PYTHON),
        "A module is neither installed nor declared: a misspelt name, or a missing dependency",
        REVIEW,
    ),
    Rule(
        "missing shared library",
        "environment",
        types("ImportError", "OSError", "ModuleNotFoundError")
        & says(r"cannot open shared object file|GLIBC|undefined symbol|DLL load failed"),
        "A shared library is missing or does not fit",
        "Install the library, or reinstall the package that needs it.",
    ),
    # What cannot be told from here.
    Rule(
        "failed program",
        "code",
        types("CalledProcessError"),
        "A program that the script started failed",
        REVIEW,
    ),
    Rule(
        "unreadable answer",
        "code",
        types("JSONDecodeError") & says(r"\(char 0\)"),
        "What should have been JSON is not: an empty or a changed answer",
        REVIEW,
    ),
    Rule(
        "assertion",
        "code",
        types("AssertionError")
        & Test(lambda seen: seen.failure.source not in ("check", "baseline")),
        "The script's own check of its data failed",
        REVIEW,
    ),
)
