"""The JSON of a recorded world, as types: what each field means is said in `sandbox.world`.

Belongs here: names and types. Does not belong here: checking them; what comes in was made by the
host's models.
"""

from __future__ import annotations

from typing import TypedDict


class WorldExchange(TypedDict):
    """Of `sandbox.world.WorldExchange`; bytes as URL-safe base64, here and below."""

    method: str
    target: str
    headers: list[list[str]]
    body: str
    status: int
    reason: str
    answer_headers: list[list[str]]
    answer: str
    is_cut: bool
    version: str


class WorldTurn(TypedDict):
    is_ours: bool
    data: str


class WorldPeer(TypedDict):
    """Of `sandbox.world.WorldPeer`."""

    host: str
    address: str
    port: int
    tls: bool
    error: str
    is_spare: bool
    is_ended: bool
    exchanges: list[WorldExchange]
    turns: list[WorldTurn]


class WorldFile(TypedDict):
    path: str
    data: str
    mtime_ns: int
    is_name_only: bool
    size: int


class WorldProgram(TypedDict):
    """Of `sandbox.world.WorldProgram`."""

    argv: list[str]
    exit_code: int
    stdin: str
    stdout: str
    stderr: str
    is_spare: bool


class WorldChance(TypedDict):
    """Of `sandbox.world.WorldChance`."""

    program: str
    states: list[str]
    seeds: list[str]
    identifiers: list[str]


class World(TypedDict):
    """Of `sandbox.world.World`."""

    started_at: float
    timezone: str
    root: str
    environment: dict[str, str]
    files: list[WorldFile]
    folders: list[str]
    inner_folders: list[str]
    peers: list[WorldPeer]
    programs: list[WorldProgram]
    hash_seed: str
    chances: list[WorldChance]
    unknown_names: list[str]


class Surroundings(TypedDict):
    """How a program in a recorded world reaches it."""

    started_at: float
    began: float
    """When the run began, on the container's clock."""
    addresses: dict[str, str]
    """By name."""
    places: dict[str, list[object]]
    """Where each recorded `address:port` is: address and port."""
    other: list[object]
    """Where all others are."""
    errors: dict[str, str]
    unknown_names: list[str]
    authority: str
    """PEM; empty: no peer spoke TLS."""
    programs: list[list[str]]
    """The words of recorded programs."""
    databases: list[str]  # `address:port` of peers that may be one
    hash_seed: str
    chances: dict[str, tuple[list[bytes], list[bytes], list[str]]]
    """By program: states of `random`, NumPy's seeds, UUIDs."""
