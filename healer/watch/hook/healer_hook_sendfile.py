"""Notes on the tape what a job sends to a peer straight from a file, past Python's sockets.

Runs inside the job, under Python 3.8 and later; loaded with `healer_hook_network`. Belongs here:
`os.sendfile`, as `socket.sendfile` and asyncio call it. Does not belong here: which connection that
is (`healer_hook_network`), and what is sent where the system has no such call: that goes through
`send`.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # as typing has it: nothing is loaded into the job
if TYPE_CHECKING:
    from typing import Any

STEP_BYTES = 1 << 16


def look_on(network: Any) -> None:
    """From now on what goes to a peer by `os.sendfile` is noted by `network`."""
    send = getattr(os, "sendfile", None)
    if send is None:
        return

    def sendfile(*args: Any, **options: Any) -> Any:
        try:
            answer = send(*args, **options)
        except BaseException as error:
            trace = error.__traceback__  # without this frame
            error.__traceback__ = trace.tb_next if trace is not None else None
            raise
        values = dict(zip(("out_fd", "in_fd", "offset"), args), **options)
        if values["out_fd"] in network.by_handle:
            network.guard(lambda fd: find(network, fd), values["out_fd"], note, (values, answer))
        return answer

    def note(conversation: Any, fact: Any) -> None:
        values, count = fact
        start = values["offset"]
        if start is None:
            start = os.lseek(values["in_fd"], 0, os.SEEK_CUR) - count
        note_part(network, conversation, values["in_fd"], (start, start + count))

    sendfile.__name__, sendfile.__qualname__ = send.__name__, send.__qualname__
    sendfile.__doc__ = send.__doc__
    os.sendfile = sendfile


def find(network: Any, handle: int) -> Any:
    """The conversation that a handle carries now; None where it is none of the job's."""
    import socket

    try:
        link = socket.socket(fileno=handle)
    except OSError:
        return None
    try:
        return network.find(link)
    finally:
        network.by_socket.pop(id(link), None)
        link.detach()


def note_part(network: Any, conversation: Any, handle: int, part: tuple[int, int]) -> None:
    """Of a file, as far as it is kept; the file's own position stays."""
    start, end = part
    limit = network.most_bytes
    while start < end and conversation.sent_bytes <= limit:
        try:
            data = os.pread(handle, min(STEP_BYTES, end - start), start)
        except OSError:
            data = b""
        if not data:  # it cannot be read again: what was sent is not known
            network.tape.write(b"k", b"s", conversation.number)
            return
        network.note_sent(conversation, data)
        start += len(data)
