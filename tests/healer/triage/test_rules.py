# ruff: noqa: E501 - one row for one case
"""What each failure is. There are more cases that must stay code faults than any one rule has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure import Failure, Frame, Raised, parse_traceback
from healer.triage import triage

ROOT = "/srv/app"
HEADER = "Traceback (most recent call last):\n"
OWN = '  File "/srv/app/scripts/job.py", line 7, in main\n    {source}\n'
LIBRARY = '  File "/usr/lib/python3.12/{file}", line 99, in {function}\n    {source}\n'
REQUESTS = ("site-packages/requests/models.py", "raise_for_status", "raise HTTPError(text)")
SUBPROCESS = ("subprocess.py", "_execute_child", "raise child_exception_type(errno_num, err_msg)")
ENVIRON = ("os.py", "__getitem__", "raise KeyError(key) from None")


def failed(
    error: str, source: str = "work(row)", inside: tuple[str, str, str] | None = None
) -> Failure:
    """A run that ended with this exception in the script's line, or in a library's below it."""
    text = HEADER + OWN.format(source=source)
    if inside:
        text += LIBRARY.format(file=inside[0], function=inside[1], source=inside[2])
    return Failure(
        id="1",
        script="scripts/job.py",
        source="run",
        exit_code=1,
        chain=parse_traceback(text + error + "\n", ROOT),
    )


def ended(
    exit_code: int | None = None, stderr: str = "", *, signal: int | None = None, late: bool = False
) -> Failure:
    return Failure(
        id="1",
        script="scripts/job.sh",
        source="run",
        exit_code=exit_code,
        signal=signal,
        timed_out=late,
        stderr_tail=stderr,
    )


def chained(first: str, link: str, last: str, source: str) -> Failure:
    texts = {
        "cause": "The above exception was the direct cause of the following exception:",
        "context": "During handling of the above exception, another exception occurred:",
    }
    before = HEADER + OWN.format(source="fetch()") + first + "\n\n" + texts[link] + "\n\n"
    text = before + HEADER + OWN.format(source=source) + last + "\n"
    return Failure(id="1", script="s", source="run", chain=parse_traceback(text, ROOT))


NOT_CODE = [
    ("transient", failed("ConnectionResetError: [Errno 104] Connection reset by peer")),
    ("transient", failed("ConnectionRefusedError: [Errno 111] Connection refused")),
    ("transient", failed("requests.exceptions.ConnectionError: HTTPSConnectionPool(host='x')")),
    ("transient", failed("http.client.RemoteDisconnected: Remote end closed connection")),
    ("transient", failed("urllib3.exceptions.ProtocolError: ('Connection broken', ...)")),
    ("transient", failed("httpx.ConnectError: All connection attempts failed")),
    ("transient", failed("aiohttp.client_exceptions.ServerDisconnectedError: gone")),
    ("transient", failed("botocore.exceptions.EndpointConnectionError: Could not connect")),
    ("environment", failed("OSError: [Errno 101] Network is unreachable")),
    ("environment", failed("OSError: [Errno 113] No route to host")),
    ("transient", failed("socket.gaierror: [Errno -3] Temporary failure in name resolution")),
    ("environment", failed("socket.gaierror: [Errno -2] Name or service not known")),
    ("environment", failed("urllib.error.URLError: <urlopen error [Errno -2] Name or service not known>")),
    ("environment", failed("ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate")),
    ("environment", failed("requests.exceptions.SSLError: CERTIFICATE_VERIFY_FAILED expired")),
    ("transient", failed("ssl.SSLEOFError: EOF occurred in violation of protocol")),
    ("transient", failed("requests.exceptions.ReadTimeout: Read timed out.")),
    ("transient", failed("TimeoutError: [Errno 110] Connection timed out")),
    ("transient", failed("asyncio.exceptions.TimeoutError")),
    ("transient", failed("subprocess.TimeoutExpired: Command 'x' timed out after 5 seconds")),
    ("transient", failed("requests.exceptions.HTTPError: 503 Server Error: x", inside=REQUESTS)),
    ("transient", failed("requests.exceptions.HTTPError: 500 Server Error: x", inside=REQUESTS)),
    ("transient", failed("urllib.error.HTTPError: HTTP Error 502: Bad Gateway")),
    ("transient", failed("requests.exceptions.HTTPError: 429 Client Error: x", inside=REQUESTS)),
    ("transient", failed("openai.RateLimitError: Error code: 429 - slow")),
    ("transient", failed("botocore.exceptions.ClientError: An error occurred (ThrottlingException)")),
    ("environment", failed("openai.APIStatusError: Error code: 402 - insufficient_quota")),
    ("environment", failed("google.api_core.exceptions.ResourceExhausted: out of quota")),
    ("environment", failed("requests.exceptions.HTTPError: 401 Client Error: Unauthorized", inside=REQUESTS)),
    ("environment", failed("urllib.error.HTTPError: HTTP Error 403: Forbidden")),
    ("environment", failed("botocore.exceptions.NoCredentialsError: Unable to locate credentials")),
    ("environment", failed("botocore.exceptions.ClientError: An error occurred (ExpiredToken)")),
    ("environment", failed("smtplib.SMTPAuthenticationError: (535, b'5.7.8 no')")),
    ("environment", failed('psycopg2.OperationalError: FATAL:  password authentication failed for user "x"')),
    ("transient", failed("psycopg2.OperationalError: could not connect to server: Connection refused")),
    ("transient", failed("psycopg.OperationalError: connection failed: timeout expired")),
    ("transient", failed("sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) server closed the connection")),
    ("transient", failed('pymysql.err.OperationalError: (2003, "Can\'t connect to MySQL server")')),
    ("transient", failed("redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379")),
    ("transient", failed("pymongo.errors.ServerSelectionTimeoutError: localhost:27017")),
    ("transient", failed("sqlite3.OperationalError: database is locked")),
    ("environment", failed("sqlite3.OperationalError: unable to open database file")),
    ("environment", failed("sqlite3.OperationalError: attempt to write a readonly database")),
    ("environment", failed("OSError: [Errno 28] No space left on device: '/var/out.csv'")),
    ("environment", failed("OSError: [Errno 122] Disk quota exceeded")),
    ("environment", failed("OSError: [Errno 30] Read-only file system: '/srv/app/out'")),
    ("environment", failed("OSError: [Errno 5] Input/output error")),
    ("environment", failed("PermissionError: [Errno 13] Permission denied: '/srv/app/out.csv'")),
    ("environment", failed("PermissionError: [Errno 1] Operation not permitted")),
    ("environment", failed("FileNotFoundError: [Errno 2] No such file or directory: '/mnt/in.csv'")),
    ("environment", failed("FileNotFoundError: [Errno 2] No such file or directory: 'pdftotext'", inside=SUBPROCESS)),
    ("environment", failed("KeyError: 'API_TOKEN'", inside=ENVIRON)),
    ("environment", failed("KeyError: 'API_TOKEN'", source="token = os.environ['API_TOKEN']")),
    ("environment", failed("RuntimeError: environment variable DB_URL is not set", source="raise RuntimeError(text)")),
    ("environment", failed("ModuleNotFoundError: No module named 'requests'")),
    ("environment", failed("ImportError: libpq.so.5: cannot open shared object file: No such file")),
    ("environment", failed("MemoryError")),
    ("environment", failed("numpy.core._exceptions._ArrayMemoryError: Unable to allocate 8 GiB")),
    ("environment", failed("OSError: [Errno 12] Cannot allocate memory")),
    ("environment", failed("RuntimeError: can't start new thread")),
    ("interrupted", failed("KeyboardInterrupt")),
    ("interrupted", failed("BrokenPipeError: [Errno 32] Broken pipe")),
    ("deliberate", failed("SystemExit: 3")),
    ("interrupted", ended(130)),
    ("interrupted", ended(143)),
    ("interrupted", ended(signal=15)),
    ("interrupted", ended(signal=1)),
    ("interrupted", ended(signal=13)),
    ("environment", ended(signal=9)),
    ("environment", ended(137)),
    ("environment", ended(signal=24)),
    ("environment", ended(127, "bash: pdftotext: command not found\n")),
    ("environment", ended(126, "bash: ./job.sh: Permission denied\n")),
    ("environment", ended(2, "python: can't open file '/srv/app/jobb.py': [Errno 2] No such file\n")),
    ("environment", ended(1, "/usr/bin/python3: No module named sync\n")),
    ("environment", ended(1, "cp: error writing 'x': No space left on device\n")),
    ("deliberate", ended(2, "usage: job.py [-h] --day DAY\njob.py: error: the following arguments\n")),
    ("deliberate", ended(3, "nothing to do today\n")),
    ("deliberate", ended(1, "")),
]  # fmt: skip

SURE_CODE = [
    failed("KeyError: 'total'"),
    failed("KeyError: 'rate limit'"),
    failed("KeyError: 'No space left on device'"),
    failed("KeyError: 'unauthorized'", source="raise KeyError(name)", inside=("mapping.py", "get", "x")),
    failed("IndexError: list index out of range"),
    failed("NameError: name 'timeout' is not defined"),
    failed("UnboundLocalError: cannot access local variable 'quota'"),
    failed("AttributeError: 'NoneType' object has no attribute 'connection refused'"),
    failed("AttributeError: module 'os' has no attribute 'getcwdu'"),
    failed("TypeError: can only concatenate str (not \"int\") to str"),
    failed("ValueError: invalid literal for int() with base 10: 'too many requests'"),
    failed("ValueError: time data 'HTTP 503' does not match format '%Y'"),
    failed("ZeroDivisionError: division by zero"),
    failed("UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0"),
    failed("RecursionError: maximum recursion depth exceeded"),
    failed("RuntimeError: dictionary changed size during iteration"),
    failed("NotImplementedError"),
    failed("StopIteration"),
    failed("OverflowError: int too large to convert to float"),
    failed("ImportError: cannot import name 'Mapping' from 'collections'"),
    failed("ModuleNotFoundError: No module named 'distutils'"),
    failed("ModuleNotFoundError: No module named 'imp'"),
    failed("ModuleNotFoundError: No module named 'helpers'"),
    failed("json.decoder.JSONDecodeError: Expecting ',' delimiter: line 3 column 5 (char 40)"),
    failed("struct.error: unpack requires a buffer of 4 bytes"),
    failed("decimal.InvalidOperation: [<class 'decimal.ConversionSyntax'>]"),
    failed("IsADirectoryError: [Errno 21] Is a directory: '/srv/app/data'"),
    failed("io.UnsupportedOperation: not writable"),
    failed("pandas.errors.ParserError: Error tokenizing data"),
    failed("sqlite3.ProgrammingError: Incorrect number of bindings supplied. The statement uses 1"),
    failed("sqlalchemy.exc.ObjectNotExecutableError: Not an executable object: 'select 1'"),
    failed("pydantic.errors.PydanticUserError: `regex` is removed. use `pattern` instead"),
    failed("ModuleNotFoundError: No module named 'md5'"),
]  # fmt: skip

UNSURE = {
    "raised on purpose": failed("ValueError: no rows for 404", source="raise ValueError(text)"),
    "assertion": failed("AssertionError: 3 rows missing", source="assert len(rows) == n"),
    "missing file": failed("FileNotFoundError: [Errno 2] No such file or directory: 'in.csv'"),
    "missing module": failed("ModuleNotFoundError: No module named 'reqeusts'"),
    "resource not found": failed("urllib.error.HTTPError: HTTP Error 404: Not Found"),
    "request refused": failed("requests.exceptions.HTTPError: 422 Client Error", inside=REQUESTS),
    "too many open files": failed("OSError: [Errno 24] Too many open files: 'x'"),
    "database schema": failed("sqlite3.OperationalError: no such table: rows"),
    "failed program": failed("subprocess.CalledProcessError: Command 'x' returned 1"),
    "unreadable answer": failed(
        "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"
    ),
    "unknown exception": failed("acme.errors.Broken: HTTP of some kind"),
    "time limit": ended(late=True, signal=9),
    "native crash": ended(signal=11),
    "no own code": Failure(
        id="1",
        script="s",
        source="run",
        chain=(
            Raised(type="KeyError", message="", frames=(Frame(file="/x", line=1, function="f"),)),
        ),
    ),
    "unknown end": ended(0),
}


def label(failure: Failure) -> str:
    raised = failure.raised
    return f"{raised.type} {raised.message}"[:60] if raised else f"{failure.exit_code}"


@pytest.mark.parametrize(
    ("kind", "failure"),
    NOT_CODE,
    ids=lambda value: label(value) if isinstance(value, Failure) else value,
)
def test_what_is_no_code_fault_is_called_what_it_is(kind: str, failure: Failure) -> None:
    found = triage(failure, root=ROOT, declared={"requests"}, own_modules={"helpers"})
    assert (found.kind, found.sure, found.drafted) == (kind, True, False), found


@pytest.mark.parametrize("failure", SURE_CODE, ids=label)
def test_a_fault_of_the_code_is_not_mistaken_for_anything_else(failure: Failure) -> None:
    found = triage(failure, root=ROOT, declared={"requests"}, own_modules={"helpers"})
    assert (found.kind, found.rule, found.sure) == ("code", "code fault", True), found


@pytest.mark.parametrize("rule", UNSURE)
def test_what_cannot_be_told_is_drafted_and_reviewed(rule: str) -> None:
    found = triage(UNSURE[rule], root=ROOT, declared={"requests"}, own_modules={"helpers"})
    assert (found.kind, found.rule, found.sure, found.drafted) == ("code", rule, False, True), found


def test_an_exception_that_wraps_another_is_judged_by_what_it_wraps() -> None:
    first, last = "ConnectionResetError: [Errno 104] reset", "__main__.SyncFailed: no rows"
    wrapped = chained(first, "cause", last, "raise SyncFailed(text) from error")
    assert triage(wrapped).kind == "transient"
    while_handling = chained(first, "context", last, "raise SyncFailed(text)")
    assert triage(while_handling).kind == "transient"


def test_a_fault_in_the_handler_of_a_network_error_is_a_fault_of_the_code() -> None:
    first = "ConnectionResetError: [Errno 104] reset"
    failure = chained(first, "context", "NameError: name 'log' is not defined", "log.warn(error)")
    assert (triage(failure).kind, triage(failure).sure) == ("code", True)


def test_a_wrapped_fault_of_the_code_is_a_sure_one() -> None:
    failure = chained("KeyError: 'x'", "cause", "__main__.Failed: y", "raise Failed() from error")
    assert (triage(failure).rule, triage(failure).sure) == ("code fault", True)


def test_a_group_of_one_is_judged_by_its_member_and_a_group_of_several_by_none() -> None:
    def group(*members: str) -> Failure:
        frame = Frame(file="a.py", line=1, function="f", source="raise E", own=True)
        raised = [
            Raised(type=name, message="", relation="group", frames=(frame,)) for name in members
        ]
        last = Raised(type="ExceptionGroup", message="g", frames=(frame,))
        return Failure(id="1", script="s", source="run", chain=(*raised, last))

    assert triage(group("ConnectionError")).kind == "transient"
    assert triage(group("ConnectionError", "KeyError")).kind == "code"
    assert not triage(group("ConnectionError", "KeyError")).sure


def test_an_assertion_of_a_test_is_a_sure_code_fault() -> None:
    failure = failed("AssertionError: assert 1 == 2", source="assert f() == 2")
    assert triage(failure.model_copy(update={"source": "check"})).sure


def test_a_test_that_never_ends_is_a_sure_code_fault() -> None:
    failure = failed("healer_inside.hanging.EndlessTestError: the test used 10.0 s and did not end")
    found = triage(failure.model_copy(update={"source": "baseline"}))
    assert (found.kind, found.sure) == ("code", True)


def test_without_knowing_the_root_no_file_is_called_outside() -> None:
    failure = failed("FileNotFoundError: [Errno 2] No such file or directory: '/mnt/in.csv'")
    assert triage(failure).rule == "missing file"


def test_a_temporary_file_that_vanished_is_not_an_input_that_is_missing() -> None:
    failure = failed("FileNotFoundError: [Errno 2] No such file or directory: '/tmp/x/in.csv'")
    assert triage(failure, root=ROOT).rule == "missing file"


def test_the_answer_says_what_happened_and_what_to_do() -> None:
    found = triage(failed("OSError: [Errno 28] No space left on device"))
    assert found.reason == (
        "The disk or its quota is full: OSError: [Errno 28] No space left on device."
    )
    assert found.next_step.endswith(".")


FAILURES = st.builds(
    Failure,
    id=st.just("1"),
    script=st.text(max_size=9),
    source=st.sampled_from(["run", "log", "check"]),
    exit_code=st.none() | st.integers(-300, 300),
    signal=st.none() | st.integers(0, 70),
    timed_out=st.booleans(),
    stderr_tail=st.text(),
    chain=st.lists(
        st.builds(
            Raised,
            type=st.text() | st.sampled_from(["OSError", "KeyError", "a.b.HTTPError"]),
            message=st.text() | st.sampled_from(["[Errno 28] x", "503 x", "No module named 'x'"]),
            relation=st.sampled_from(["", "cause", "context", "group"]),
            frames=st.lists(
                st.builds(
                    Frame,
                    file=st.text(),
                    line=st.integers(0, 9),
                    function=st.text(),
                    source=st.text(),
                    own=st.booleans(),
                ),
                max_size=2,
            ).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
)


@given(FAILURES)
def test_every_failure_is_sorted_and_only_code_is_ever_unsure(failure: Failure) -> None:
    found = triage(failure, root=ROOT)
    assert found.reason
    assert found.sure or found.kind == "code"
