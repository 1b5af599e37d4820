"""Failures as jobs leave them, for the tests of triage."""

from healer.failure import Failure, parse_traceback
from healer.triage import Triage, triage

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
    exit_code: int | None = None,
    stderr: str = "",
    *,
    signal: int | None = None,
    late: bool = False,
    script: str = "scripts/job.sh",
    argv: tuple[str, ...] = (),
) -> Failure:
    return Failure(
        id="1",
        script=script,
        argv=argv,
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


def label(failure: Failure) -> str:
    """A test id: what the failure says."""
    error = failure.exception
    return f"{error.type} {error.message}"[:60] if error else f"{failure.exit_code}"


def sort(failure: Failure) -> Triage:
    """What triage makes of a failure in a repository that declares `requests` and has a module
    `helpers`."""
    return triage(failure, root=ROOT, declared_modules={"requests"}, own_modules={"helpers"})
