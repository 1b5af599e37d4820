"""Between healer and a PostgreSQL of a benchmark: counts what clients say, by the protocol."""

import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit


class Relay:
    """Between the machines and PostgreSQL's socket: counts connections and clients' messages."""

    def __init__(self, folder: Path, url: str) -> None:
        self._target = parse_qs(urlsplit(url).query)["host"][0] + "/.s.PGSQL.5432"
        self.connections = self.messages = 0
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(folder / ".s.PGSQL.5432"))
        self._socket.listen(100)
        self.url = f"postgresql://healer@/postgres?host={quote(str(folder), safe='')}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._socket.accept()
            self.connections += 1
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            for source, target, is_client in ((client, server, True), (server, client, False)):
                words = (source, target, is_client)
                threading.Thread(target=self._pass_on, args=words, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_client: bool) -> None:
        rest, has_started = b"", False
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
                if not is_client:
                    continue
                rest += data
                while len(rest) >= 8:
                    head = 1 if has_started else 0  # the first message has no type
                    length = head + struct.unpack("!I", rest[head : head + 4])[0]
                    if len(rest) < length:
                        break
                    is_request = not has_started and rest[4:8] in (
                        b"\x04\xd2\x16/",
                        b"\x04\xd2\x160",
                    )
                    has_started |= not is_request
                    self.messages += 1
                    rest = rest[length:]
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
