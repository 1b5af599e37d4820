"""Which failures are the same: one short name for one incident.

Belongs here: what of a failure counts for its identity, and how the changing parts of text are
taken out. Does not belong here: counting and cooling down (`healer.watch.incidents`).

What counts: each exception's type and its frames in the user's own code, by file, function and
the text of the source line, never by line number. The message mostly holds data and does not count,
except where no frame is the user's own. Two parts of it always do, since they tell incidents apart
that come from one line: the system's error number (`[Errno 28]`) and an HTTP status.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from healer.failure.model import Failure, Frame, Raised

_MAX_FOREIGN_FRAMES = 5
_MAX_TEXT = 2_000

_DATE = r"\d{4}-\d\d-\d\d"
_CLOCK = r"\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
_DOMAINS = r"(?:com|net|org|io|dev|local|internal|lan|example|test)"
_CHANGING = (
    (re.compile(r"\x1b\[[0-9;]*[A-Za-z]"), ""),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<uuid>"),
    (
        re.compile(r"(?:[A-Za-z]:)?[\\/](?:[Tt]e?mp|var/folders|var/tmp)[\\/][^\s'\":,;)]*"),
        "<temp>",
    ),
    (re.compile(rf"{_DATE}(?:[T ]{_CLOCK})?"), "<time>"),
    (re.compile(rf"\b{_CLOCK}\b"), "<time>"),
    (re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://[^\s'\"<>]+"), "<url>"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "<host>"),
    (re.compile(rf"\b(?:[a-zA-Z0-9-]{{1,63}}\.){{1,8}}{_DOMAINS}\b(?::\d+)?"), "<host>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "<address>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b"), "<hex>"),
    (re.compile(r"\d+(?:[.,_]\d+)*"), "<n>"),
)
"""What differs from run to run, in the order in which it is taken out."""
_ERRNO = re.compile(r"^\[(?:Errno|WinError) (-?\d+)\]")
_STATUS = re.compile(
    r"(?:^|\b(?:HTTP Error|status(?: code)?:?|HTTP/\d(?:\.\d)?\"?)\s*)([1-5]\d\d)\b", re.IGNORECASE
)
_PLACEHOLDER = re.compile(r"<REDACTED:(\w+):\d+>")  # its number depends on the other secrets
_INLINED = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})
_LIBRARY = re.compile(r"^.*?/(?:site-packages|dist-packages|python\d\.\d+)/")


def name_cause(failure: Failure) -> str:
    """What raised it, whosever code called it: equal for failures of several repositories with one
    cause, such as a library or a service that they share. Empty without a traceback."""
    if failure.exception is None:
        return ""
    frames = tuple(frame for frame in failure.exception.frames if not frame.own)
    return fingerprint((failure.exception.model_copy(update={"frames": frames}),))


def fingerprint(failure: Failure | Sequence[Raised]) -> str:
    """16 hexadecimal digits that are equal for failures with one cause.

    A failure without a traceback is named by its script, or else its command, and by how it
    ended (exit code, signal, timeout).
    """
    chain = failure.chain if isinstance(failure, Failure) else tuple(failure)
    if chain:
        identity: object = _chain_identity(chain)
    elif isinstance(failure, Failure):
        identity = _end_identity(failure)
    else:
        identity = ["nothing known"]
    text = json.dumps(identity, ensure_ascii=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def normalise(text: str) -> str:
    """The text with numbers, addresses, times, temporary paths, hosts and ids taken out."""
    text = text[:_MAX_TEXT]
    for pattern, name in _CHANGING:
        text = pattern.sub(name, text)
    return " ".join(text.split())


def _end_identity(failure: Failure) -> list[object]:
    what = failure.script or normalise(" ".join(failure.argv[:3])) or failure.source
    return ["end", what, failure.exit_code, failure.signal, failure.timed_out]


def _chain_identity(chain: Sequence[Raised]) -> list[object]:
    """Links in order; the members of a group as a set, since their order and number vary."""
    has_own = any(frame.own for link in chain for frame in link.frames)
    identity: list[object] = []
    members: list[object] = []
    for link in chain:
        one = _link_identity(link, has_own)
        if link.relation == "group":
            if one not in members:
                members.append(one)
            continue
        if members:
            identity.append(["group", sorted(members, key=json.dumps)])
            members = []
        identity.append(one)
    return [*identity, *members]


def _link_identity(link: Raised, has_own: bool) -> list[object]:
    frames = [
        _frame_identity(frame) for frame in _without_inlined(_frames_that_count(link, has_own))
    ]
    if link.type.endswith("RecursionError"):
        frames = _cycle(frames)
    identity: list[object] = [link.type, _without_repeats(frames), _code_in_message(link)]
    if not has_own:
        identity.append(normalise(link.message.partition("\n")[0]))
    return identity


def _frames_that_count(link: Raised, has_own: bool) -> list[Frame]:
    if has_own:
        return [frame for frame in link.frames if frame.own]
    return list(link.frames[-_MAX_FOREIGN_FRAMES:])


def _without_inlined(frames: Iterable[Frame]) -> list[Frame]:
    """Comprehensions have no frame of their own since Python 3.12."""
    result: list[Frame] = []
    for frame in frames:
        last = result[-1] if result else None
        if frame.function not in _INLINED or last is None or last.file != frame.file:
            result.append(frame)
        elif last.source != frame.source:
            result.append(frame.model_copy(update={"function": last.function}))
    return result


def _frame_identity(frame: Frame) -> list[str]:
    file = frame.file if frame.own else normalise(_LIBRARY.sub("", frame.file))
    source = _PLACEHOLDER.sub(r"<REDACTED:\1>", " ".join(frame.source.split()))
    return [file, frame.function, source]


def _cycle(frames: list[list[str]]) -> list[list[str]]:
    """Of a recursion, the frames that repeat: where it stopped is chance."""
    counts = Counter(map(tuple, frames))
    repeats = [frame for frame in frames if counts[tuple(frame)] > 1]
    return sorted(map(list, {tuple(frame) for frame in repeats or frames}))


def _without_repeats(frames: list[list[str]]) -> list[list[str]]:
    return [frame for index, frame in enumerate(frames) if index == 0 or frame != frames[index - 1]]


def _code_in_message(link: Raised) -> str:
    """The system's error number, or the HTTP status of an error that carries one."""
    errno = _ERRNO.match(link.message)
    if errno:
        return f"errno {errno[1]}"
    if "HTTP" in link.type or "Status" in link.type:
        status = _STATUS.search(link.message)
        return f"status {status[1]}" if status else ""
    return ""
