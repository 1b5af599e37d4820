"""The recorded world that a command runs in: what it asked one night, and what it was answered.

Belongs here: the frozen facts that go into the container, and what the command did to that world.
Does not belong here: recording them (healer's tape), and playing them (`sandbox.inside.world`).
"""

from pydantic import Field

from sandbox.facts import Fact


class WorldExchange(Fact):
    """One HTTP request and its answer, without chunks and compression."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    status: int
    """0: no answer came."""
    reason: str = ""
    answer_headers: tuple[tuple[str, str], ...] = ()
    answer: bytes = b""
    is_cut: bool = False
    """The answer broke off, or is longer than what is kept."""
    version: str = "1.1"
    """Of HTTP, as the peer answered."""


class WorldTurn(Fact):
    """What one side said before the other did, where it was not HTTP."""

    is_ours: bool
    data: bytes


class WorldPeer(Fact):
    """One connection of that night, to the same peer at the same port."""

    host: str
    address: str
    port: int
    tls: bool = False
    error: str = ""
    """Why it did not come about: an exception's name."""
    is_spare: bool = False
    """Of another night: asked only where this one has no answer."""
    is_ended: bool = False
    """It ended the connection by itself, once all was said."""
    exchanges: tuple[WorldExchange, ...] = ()
    turns: tuple[WorldTurn, ...] = ()


class WorldFile(Fact):
    """A file of the machine, as it was before the job read it."""

    path: str
    """From `/` on; below `World.root` it lies in the tree."""
    data: bytes = b""
    mtime_ns: int = 0
    is_name_only: bool = False
    """It is known that it was there, its size and its time, and no more: it cannot be opened."""
    size: int = 0
    """In bytes, of one whose content is not known."""


class WorldProgram(Fact):
    """What a program said that the job started."""

    argv: tuple[str, ...]
    """One word for a line of a shell."""
    exit_code: int
    """-n: signal n ended it."""
    stdin: bytes = b""
    stdout: bytes = b""
    stderr: bytes = b""
    is_spare: bool = False
    """Of another night: asked only where this one has no answer."""


class WorldChance(Fact):
    """What one process drew from generators that seed themselves, in order."""

    program: str
    """Its script's name, and `/2` where it is the second child that this forked, and so on."""
    states: tuple[bytes, ...] = ()
    """Of `random`: 625 words of four bytes, big-endian."""
    seeds: tuple[bytes, ...] = ()
    """Of NumPy, 16 bytes each; the first is that of `numpy.random`'s own functions."""
    identifiers: tuple[str, ...] = ()
    """UUIDs; empty: one that is not known."""


class World(Fact):
    """All of it. Nothing that is not in here is answered."""

    started_at: float = 0.0
    """In seconds since the epoch; 0: the clock is left alone."""
    timezone: str = ""
    root: str = ""
    """Where the tree lay; a link there leads to it where that can be made."""
    environment: dict[str, str] = Field(default={})
    files: tuple[WorldFile, ...] = ()
    folders: tuple[str, ...] = ()
    """That must be there and can be written to. Those outside of the container's own temporary
    folders are made with the container: `Limits.folders`."""
    inner_folders: tuple[str, ...] = ()
    """More that must be there, within these, within the container's own, or in the tree."""
    peers: tuple[WorldPeer, ...] = ()
    programs: tuple[WorldProgram, ...] = ()
    hash_seed: str = ""
    """PYTHONHASHSEED; empty: the container's."""
    chances: tuple[WorldChance, ...] = ()
    unknown_names: tuple[str, ...] = ()
    """Hosts whose address was asked for in vain."""


class ChangedFile(Fact):
    """A file that the command wrote or removed."""

    path: str
    """From the tree's root where it lies inside it, else from `/` on."""
    size: int
    """-1: it is there no more."""
    digest: str
    """SHA-256 of the whole content, in hexadecimal digits."""
    data: bytes | None = None
    """None: longer than 256 kB, or beyond 4 MB of all files."""
    is_same: bool = False
    """It was written with what it held before."""


class SentRequest(Fact):
    """An HTTP request other than GET, HEAD and OPTIONS, as a recorded peer received it."""

    method: str
    host: str
    port: int
    target: str
    body: bytes = b""
    """The first MB."""


class SpokenTurns(Fact):
    """What the command said to one peer that does not speak HTTP."""

    host: str
    port: int
    turns: tuple[bytes, ...]


class WorldEffects(Fact):
    """What a command did, as seen from outside of it: files once it was gone, the rest by its
    peers."""

    files: tuple[ChangedFile, ...] = ()
    requests: tuple[SentRequest, ...] = ()
    talks: tuple[SpokenTurns, ...] = ()
