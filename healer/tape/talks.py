"""Who said what to whom: the notes of connections, joined into conversations.

Belongs here: names, TLS, and which note belongs to which connection. Does not belong here: HTTP
(`http`), secrets (`secrets`), and all other notes (`make`).
"""

from dataclasses import dataclass, field, replace

from healer.tape.facts import Connection, Exchange, Turn
from healer.tape.http import is_http, read_exchanges
from healer.tape.raw import Record

_TLS_HELLO = b"\x16\x03"
_HTTP2 = b"PRI * HTTP/2"
_SSH = b"SSH-"
_SWITCHING = 101
MOST_OF_CUT = 64 << 10
"""Bytes kept of what is too long to be kept whole: looking for secrets in it takes time."""
_STREAM = 1
"""SOCK_STREAM, without the flags beside it."""


@dataclass
class Talk:
    """One conversation under way."""

    record: Record
    kind: str
    host: str = ""
    address: str = ""
    port: int = 0
    error: str = ""
    stands: bool = False
    is_cut: bool = False
    is_ended: bool = False
    on: "Talk | None" = None
    pieces: list[tuple[bool, bytes]] = field(default_factory=list)

    def join(self, is_ours: bool) -> bytes:
        return b"".join(data for ours, data in self.pieces if ours is is_ours)

    @property
    def is_cipher(self) -> bool:
        return self.kind == "o" and self.join(True)[:2] == _TLS_HELLO


class Talks:
    """All conversations of a job."""

    def __init__(self, gaps: dict[str, None]) -> None:
        """`gaps` is told what is not kept."""
        self.gaps = gaps
        self.names: list[tuple[str, object]] = []
        """Hosts and ports that were asked for, in order."""
        self._talks: list[Talk] = []
        self._by_number: dict[tuple[int, int], Talk] = {}

    def take_name(self, record: Record) -> None:
        host, port = record.fact()
        if host:
            self.names.append((str(host), port))

    def take_begin(self, record: Record) -> None:
        fact = record.fact()
        talk = Talk(record, record.kind)
        if record.kind == "o":
            self._set_address(talk, fact["address"])
            if fact.get("kind", _STREAM) & 0xF != _STREAM:  # not a stream
                return
            if "name" in fact:
                talk.kind = "t"
        elif record.kind == "t":
            talk.on = self._by_number.get((record.pid, fact["on"]))
            self._set_address(talk, fact["address"])
            talk.host = str(fact["name"] or (talk.on.host if talk.on else talk.address))
            talk.stands = True
        else:
            talk.host = str(fact["name"] or "")
        self._talks.append(talk)
        self._by_number[record.pid, record.number] = talk

    def _set_address(self, talk: Talk, address: object) -> None:
        if not isinstance(address, tuple):
            talk.host = talk.address = str(address)
            return
        talk.address, talk.port = str(address[0]), int(address[1])
        fitting = (
            host for host, port in reversed(self.names) if port in (None, talk.port, str(talk.port))
        )
        talk.host = talk.address
        name = next(fitting, "")
        if name and name != talk.address:
            talk.host = name

    def _find_talk(self, record: Record) -> Talk | None:
        """Of a process, or of the one that it was forked from."""
        talk = self._by_number.get((record.pid, record.number))
        if talk is None:
            talk = next(
                (t for t in reversed(self._talks) if t.record.number == record.number), None
            )
        return talk

    def take_piece(self, record: Record) -> None:
        talk = self._find_talk(record)
        if talk is not None:
            talk.stands = True
            talk.pieces.append((record.kind == "s", record.data))

    def take_state(self, record: Record) -> None:
        talk = self._find_talk(record)
        if talk is None:
            return
        if record.kind in ("C", "c"):
            talk.stands = True
            talk.is_ended |= record.kind == "c"
        elif record.kind == "k":
            talk.is_cut = True
        else:
            talk.error = str(record.fact()[0])

    def list_connections(self) -> list[Connection]:
        """All that was said, each conversation once."""
        self._join_tls()
        connections = []
        for talk in self._talks:
            if talk.is_cipher or (talk.kind == "o" and not talk.pieces and self._carries_tls(talk)):
                continue
            connections.append(self._make_connection(talk))
        return connections

    def _carries_tls(self, talk: Talk) -> bool:
        return any(other.on is talk for other in self._talks)

    def _join_tls(self) -> None:
        """TLS objects over memory do not know their socket: by server name, then by order."""
        ciphers = [talk for talk in self._talks if talk.is_cipher]
        for talk in self._talks:
            if talk.kind != "m":
                continue
            name = talk.host.encode("idna") if talk.host else b""
            fitting = [each for each in ciphers if name and name in each.join(True)]
            below = next(iter(fitting or ciphers), None)
            if below is not None:
                ciphers.remove(below)
                talk.on, talk.address, talk.port = below, below.address, below.port
                talk.host = talk.host or below.host
        for talk in ciphers:
            place = f"{talk.host}:{talk.port}"
            self.gaps[f"what was said to {place} is not kept: its TLS is not Python's"] = None

    def _choose_pieces(self, talk: Talk) -> list[tuple[bool, bytes]]:
        """All; of what was longer than is kept, the beginning: it cannot be played to its end."""
        if not talk.is_cut:
            return talk.pieces
        place = f"{talk.host}:{talk.port}"
        self.gaps[f"of what was said to {place} only the beginning is kept: it is too long"] = None
        room, pieces = MOST_OF_CUT, list[tuple[bool, bytes]]()
        for ours, data in talk.pieces:
            pieces.append((ours, data[:room]))
            room -= len(data)
            if room <= 0:
                break
        return pieces

    def _make_connection(self, talk: Talk) -> Connection:
        tls = talk.kind != "o"
        outgoing, incoming = talk.join(True), talk.join(False)
        connection = Connection(
            host=talk.host,
            address=talk.address,
            port=talk.port,
            tls=tls,
            error=talk.error,
            is_ended=talk.is_ended,
        )
        if outgoing.startswith(_HTTP2):
            self.gaps[f"what was said to {talk.host} is not kept: it is HTTP/2"] = None
            return connection
        if outgoing.startswith(_SSH) or incoming.startswith(_SSH):
            self.gaps[f"what was said to {talk.host} is not kept: it is SSH"] = None
            return connection
        if is_http(outgoing):
            exchanges = read_exchanges(outgoing, incoming, is_cut=talk.is_cut)
            exchanges = tuple(map(_shorten, exchanges)) if talk.is_cut else exchanges
            if any(exchange.status == _SWITCHING for exchange in exchanges):
                what = f"what was said to {talk.host} after it switched its protocol"
                self.gaps[f"{what} (a WebSocket) is not kept"] = None
            return Connection(**{**vars(connection), "exchanges": exchanges})
        if not talk.stands and not talk.error:
            return Connection(**{**vars(connection), "error": "refused"})
        turns: list[Turn] = []
        for ours, data in self._choose_pieces(talk):
            if turns and turns[-1].is_ours is ours:
                turns[-1] = Turn(ours, turns[-1].data + data)
            else:
                turns.append(Turn(ours, data))
        return Connection(**{**vars(connection), "turns": tuple(turns)})


def _shorten(exchange: Exchange) -> Exchange:
    """An answer that was longer than what is kept, to its beginning."""
    return replace(exchange, answer=exchange.answer[:MOST_OF_CUT]) if exchange.is_cut else exchange
