"""From a tape to the world that the sandbox plays back.

Belongs here: which of a tape goes into the container, and where. Does not belong here: recording
(`healer.tape`), playing (`sandbox.inside.world`), or which command is run (`commands`).
"""

import sys
from collections.abc import Iterable, Iterator, Sequence

from healer.facts.draft import Source
from healer.tape.facts import Connection, Exchange, ListedFile, RecordedFile, Tape
from sandbox.world import (
    World,
    WorldChance,
    WorldExchange,
    WorldFile,
    WorldPeer,
    WorldProgram,
    WorldTurn,
)

SYSTEM = (
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr",
    "/opt/healer", "/root", "/var",
)  # fmt: skip
"""Folders of the image itself: other folders below /etc, /root and /var are laid, these are not."""
_OPEN_BELOW = ("/etc/", "/root/", "/var/", "/run/")
TEMPORARY = ("/tmp", "/job", "/dev/shm")  # noqa: S108 - places in the container
MOST_FOLDERS = 24
MOST_INNER_FOLDERS = 500
_NO_OVERLAY = (".py",)


def make_world(tape: Tape, spare: Sequence[Tape] = ()) -> World:
    """The world of one run. Where it ends, `spare` tapes of other nights answer, the newest first.

    Of a folder that was listed each name is there with its size and time, and what the tape does
    not hold of it cannot be opened.
    """
    root = f"{tape.root}/"
    contents = {file.path: file for file in (*tape.files, *_find_spare_files(tape, spare))}
    files = tuple(
        WorldFile(path=file.path, data=file.data, mtime_ns=file.mtime_ns)
        for file in contents.values()
        if not file.path.startswith(root)
    )
    files += tuple(each for each in _list_names(tape) if each.path not in contents)
    interpreters = _find_interpreters(tape)
    every = {*tape.folders, *_find_spare_folders(tape, spare)}
    folders = tuple(_choose_folders(_find_needs(tape, files, every), interpreters))
    inner = _choose_inner_folders(every, root, folders, interpreters)
    hosts = {connection.host for connection in tape.connections}
    peers = [_peer(connection) for connection in tape.connections]
    for other in spare:
        peers += [
            _peer(connection, is_spare=True)
            for connection in other.connections
            if not connection.error
        ]
    return World(
        started_at=tape.started_at,
        timezone=tape.timezone,
        root=tape.root,
        environment=_environment(tape, folders),
        files=files,
        folders=folders,
        inner_folders=tuple(inner)[:MOST_INNER_FOLDERS],
        peers=tuple(peers),
        programs=tuple(
            WorldProgram(**vars(run), is_spare=other is not tape)
            for other in (tape, *spare)
            for run in other.program_runs
        ),
        hash_seed=tape.hash_seed,
        chances=tuple(WorldChance(**vars(chance)) for chance in tape.chances),
        unknown_names=tuple(
            name for name in tape.names if name not in hosts and not _is_address(name)
        ),
    )


def find_tree_files(tape: Tape, tree: Source, spare: Sequence[Tape] = ()) -> dict[str, bytes]:
    """Files of the repository that were not that night what they are in `tree`, by path; of `spare`
    nights those that are not in `tree` at all."""
    files = _inside(tape.files, tape.root)
    changes = {path: data for path, data in files.items() if tree.read(path) != data}
    others = _inside(_find_spare_files(tape, spare), tape.root)
    return changes | {path: data for path, data in others.items() if tree.read(path) is None}


def find_lent_inputs(tape: Tape, spare: Sequence[Tape]) -> tuple[RecordedFile, ...]:
    """What other nights lend to one that ended too early to read it: their inputs, and not their
    results."""
    results = {file.path for night in spare for file in night.written}
    files = _find_spare_files(tape, spare)
    return tuple(file for file in files if file.path not in results)


def _inside(files: Iterable[RecordedFile], root: str) -> dict[str, bytes]:
    return {
        file.path.removeprefix(f"{root}/"): file.data
        for file in files
        if file.path.startswith(f"{root}/") and not file.path.endswith(_NO_OVERLAY)
    }


def _find_spare_files(tape: Tape, spare: Iterable[Tape]) -> Iterator[RecordedFile]:
    """What the run did not come to read, as the newest other night left it, or else found it."""
    listings = dict(tape.listings)
    paths = {each.path for each in tape.files} | {each.path for each in tape.written}
    paths |= set(tape.absent)
    for night in spare:
        results = [
            RecordedFile(file.path, file.data, int(night.started_at * 1e9))
            for file in night.written
            if file.data is not None
        ]
        for file in (*results, *night.files):
            folder, _, name = file.path.rpartition("/")
            is_there = not _is_within(file.path, tape.absent)
            if is_there and file.path not in paths and name in listings.get(folder, (name,)):
                paths.add(file.path)
                yield file


def _list_names(tape: Tape) -> Iterator[WorldFile]:
    """Files that were seen in a folder, but for those that the run made."""
    results = {file.path for file in tape.written}
    facts = {each.path: each for each in tape.listed_files}
    for folder, names in tape.listings:
        paths = (f"{folder}/{name}" for name in names if not name.endswith(("/", *_NO_OVERLAY)))
        for path in paths:
            if path not in results:
                fact = facts.get(path, ListedFile(path, 0, 0))
                yield WorldFile(
                    path=path, size=fact.size, mtime_ns=fact.mtime_ns, is_name_only=True
                )


def _find_spare_folders(tape: Tape, spare: Iterable[Tape]) -> Iterator[str]:
    """Those of other nights in which the run did not come to look."""
    for folder in {folder for night in spare for folder in night.folders}:
        is_missing = any(f"{path}/".startswith(f"{folder}/") for path in tape.absent)
        if not is_missing and not _is_within(folder, tape.absent):
            yield folder


def _is_within(path: str, places: Iterable[str]) -> bool:
    return any(path.startswith(f"{place}/") for place in places)


def _choose_inner_folders(
    folders: Iterable[str], root: str, outer: Iterable[str], interpreters: Iterable[str]
) -> Iterator[str]:
    """Those that no file brings with it: within others, in the temporary places, in the tree. A
    job that only writes there does not make them itself."""
    places = (root, *(f"{place}/" for place in (*TEMPORARY, *outer)))
    for folder in sorted(folders):
        inside = f"{folder}/"
        is_foreign = any(inside.startswith(f"{place}/") for place in interpreters)
        if inside == root or is_foreign or "/.git/" in inside:
            continue
        if folder.startswith(places):
            yield folder


def _find_needs(tape: Tape, files: Iterable[WorldFile], folders: Iterable[str]) -> set[str]:
    """Folders outside of the repository that must be there; with what lies at home, the home."""
    needs = {file.path.rpartition("/")[0] for file in files}
    needs |= {f for f in (*folders, tape.cwd) if not f"{f}/".startswith(f"{tape.root}/")}
    home = tape.environment.get("HOME", "")
    if home and any(folder.startswith(f"{home}/") for folder in needs):
        needs.add(home)
    return needs


def _find_interpreters(tape: Tape) -> set[str]:
    """Where interpreters and their packages lie: no folder may hide them."""
    places = {sys.prefix, sys.base_prefix}
    for process in tape.processes:
        places |= {process.prefix, process.base_prefix}
    return places


def _choose_folders(needs: Iterable[str], interpreters: Iterable[str]) -> Iterator[str]:
    """The outermost of them that can be laid over the image."""
    choice: list[str] = []
    for folder in sorted(needs):
        inside = f"{folder}/"
        if folder in ("", "/") or folder in SYSTEM or len(choice) >= MOST_FOLDERS:
            continue
        if any(inside.startswith(f"{place}/") for place in (*TEMPORARY, *choice)):
            continue
        is_system = any(inside.startswith(f"{place}/") for place in SYSTEM)
        if is_system and not inside.startswith(_OPEN_BELOW):
            continue
        if any(
            f"{place}/".startswith(inside) or inside.startswith(f"{place}/")
            for place in interpreters
        ):
            continue
        choice.append(folder)
        yield folder


def _environment(tape: Tape, folders: Iterable[str]) -> dict[str, str]:
    """Without the home folder where nothing of it will be there."""
    home = tape.environment.get("HOME", "")
    has_home = any(
        f"{home}/".startswith(f"{folder}/") or folder.startswith(f"{home}/") for folder in folders
    )
    left_out = {"TMPDIR", *(() if has_home else ("HOME",))}
    return {name: value for name, value in tape.environment.items() if name not in left_out}


def _peer(connection: Connection, *, is_spare: bool = False) -> WorldPeer:
    return WorldPeer(
        is_spare=is_spare,
        host=connection.host,
        address=connection.address,
        port=connection.port,
        tls=connection.tls,
        is_ended=connection.is_ended,
        error=connection.error if not (connection.exchanges or connection.turns) else "",
        exchanges=tuple(_exchange(each) for each in connection.exchanges),
        turns=tuple(WorldTurn(is_ours=t.is_ours, data=t.data) for t in connection.turns),
    )


def _exchange(exchange: Exchange) -> WorldExchange:
    return WorldExchange(**vars(exchange))


def _is_address(name: str) -> bool:
    return ":" in name or all(part.isdigit() for part in name.split("."))
