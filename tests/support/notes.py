"""Notes of jobs for tests, by hand, and the tapes that are made of them."""

from healer.redact import Redactor
from healer.tape.facts import Tape
from healer.tape.make import RunFacts, make_tape
from healer.tape.raw import Record


def note(
    kind: str, fact: object = None, data: bytes = b"", number: int = 0, pid: int = 1
) -> Record:
    line = b"" if fact is None else ascii(fact).encode() + b"\n"
    return Record(kind, pid, number, 0, line + data)


def tape_of(*records: Record, skip: tuple[str, ...] = ()) -> Tape:
    run = RunFacts("job.py", "c", 1.0, "/srv/app", "/srv/app", {"TZ": ":Europe/Vienna"}, skip)
    return make_tape(records, run, Redactor)


def opened(number: int, port: int = 80, address: str = "192.0.2.7") -> Record:
    return note("o", {"address": (address, port), "family": 2, "kind": 1}, number=number)


GET = b"GET /a HTTP/1.1\r\nHost: api.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
HELLO = b"\x16\x03\x01\x00\x00...api.example..."
