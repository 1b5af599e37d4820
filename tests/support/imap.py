"""A mailbox on 127.0.0.1 that speaks as much IMAP as is needed to read it, for tests."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

USER, PASSWORD = "healer", "let me in"


@dataclass
class ImapServer:
    """What lies in the mailbox, and what of it was seen."""

    mails: dict[str, bytes] = field(default_factory=dict)
    """By their ids, the oldest first."""
    seen: list[str] = field(default_factory=list)
    refuses: str = ""
    """A command that is answered with NO."""
    port: int = 0

    @property
    def url(self) -> str:
        """For `[decide] imap`."""
        return f"imap://{USER}@127.0.0.1:{self.port}"

    def put(self, raw: bytes) -> str:
        """A mail that comes in."""
        uid = str(len(self.mails) + 1)
        self.mails[uid] = raw
        return uid


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """A server until the block ends."""
    box = ImapServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            for line in self.rfile:
                tag, _, rest = line.decode().rstrip("\r\n").partition(" ")
                self.wfile.write(b"".join(_answer(box, tag, rest)))
                if rest.upper().startswith("LOGOUT"):
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()


def _answer(box: ImapServer, tag: str, rest: str) -> Iterator[bytes]:
    words = rest.upper().removeprefix("UID ").split()
    command = words[0] if words else ""
    if command == box.refuses or (command == "LOGIN" and f'"{PASSWORD}"' not in rest):
        yield f"{tag} NO not now\r\n".encode()
        return
    if command == "CAPABILITY":
        yield b"* CAPABILITY IMAP4rev1\r\n"
    elif command == "SELECT":
        yield f"* {len(box.mails)} EXISTS\r\n".encode()
    elif command == "SEARCH":
        yield f"* SEARCH {' '.join(uid for uid in box.mails if uid not in box.seen)}\r\n".encode()
    elif command == "FETCH":
        most = re.search(r"<0\.(\d+)>", rest)
        raw = box.mails[words[1]][: int(most[1]) if most else None]
        yield f"* 1 FETCH (UID {words[1]} BODY[]<0> {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"
    elif command == "STORE":
        box.seen.append(words[1])
    elif command == "LOGOUT":
        yield b"* BYE\r\n"
    yield f"{tag} OK done\r\n".encode()
