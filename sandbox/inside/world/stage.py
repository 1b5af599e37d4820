"""Sets the stage for one run of a command: peers, files and surroundings of that night.

Belongs here: what is done in a step's child before the command takes its place. Does not belong
here: what each part does (`peers`, `hook`). Nothing of it outlives the step.
"""

from __future__ import annotations

import contextlib
import os
import time
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING

from .. import tree
from ..older_pythons import remove_prefix
from . import certificate, hook, peers, reporting

if TYPE_CHECKING:
    from .messages import Surroundings, World

VARIABLE = "HEALER_WORLD"
_SITE = f"{__file__.rpartition('/')[0]}/site"
_OWN = (
    "PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
)  # fmt: skip
"""Variables that are the container's, whatever they were that night."""
_SAFE = "/tmp/.peers.pem"


def set_stage(world: World, report_fd: int, *, keep_ports: bool = True) -> Surroundings:
    """Starts the peers beside this process, lays the files, sets the variables. What the peers
    report goes to `report_fd`."""
    others = peers.Peers(world["peers"], reporting.write_report(report_fd), world["programs"])
    places, other = others.listen(keep_ports)
    authority = ""
    if any(peer["tls"] for peer in world["peers"]):
        names = {host for peer in world["peers"] for host in (peer["host"], peer["address"])}
        pair, authority = certificate.make(
            sorted(name for name in names if name and ":" not in name)
        )
        _write(_SAFE, pair.encode())
        others.certificate = _SAFE
    _start(others, report_fd)
    lay_files(world)
    os.environ.update(
        {name: value for name, value in world["environment"].items() if name not in _OWN}
    )
    if world["timezone"]:
        os.environ["TZ"] = world["timezone"]
        time.tzset()
    errors = {
        f"{peer['address']}:{peer['port']}": peer["error"]
        for peer in world["peers"]
        if peer["error"]
    }
    return {
        "started_at": world["started_at"],
        "began": time.time(),
        "addresses": {
            peer["host"].lower(): peer["address"]
            for peer in reversed(world["peers"])  # that night's own come first, and so count
            if peer["host"]
        },
        "places": places,
        "other": other,
        "errors": errors,
        "unknown_names": world["unknown_names"],
        "authority": authority,
        "programs": [program["argv"] for program in world["programs"]],
        "databases": [
            f"{peer['address']}:{peer['port']}"
            for peer in world["peers"]
            if peer["error"] or peer["turns"]
        ],
        "hash_seed": world["hash_seed"],
        "chances": _decode_chances(world),
    }


def _decode_chances(world: World) -> dict[str, tuple[list[bytes], list[bytes], list[str]]]:
    return {
        chance["program"]: (
            list(map(urlsafe_b64decode, chance["states"])),
            list(map(urlsafe_b64decode, chance["seeds"])),
            chance["identifiers"],
        )
        for chance in world["chances"]
    }


def enter(world: World, program: str) -> None:
    """Puts this process itself into the world as `program`, at ports that no other run uses. The
    order of its sets stays the container's."""
    report_fd = os.open("/dev/null", os.O_WRONLY)
    hook.apply(set_stage(world, report_fd, keep_ports=False), program)


def prepare_environment(surroundings: Surroundings) -> None:
    """Lets the Python program that is about to replace this process find it, and its children."""
    import marshal

    if surroundings["hash_seed"]:
        os.environ["PYTHONHASHSEED"] = surroundings["hash_seed"]
    os.environ[VARIABLE] = marshal.dumps(dict(surroundings)).hex()
    own = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{_SITE}:{own}" if own else _SITE


def lay_files(world: World) -> None:
    """Puts the files where they were. What cannot be laid there is left out: the command then says
    so itself."""
    for folder in (*world["folders"], *world["inner_folders"]):
        with contextlib.suppress(OSError):
            os.makedirs(find_place(folder, world), exist_ok=True)
    for file in world["files"]:
        path = find_place(file["path"], world)
        if file["is_name_only"] and os.path.lexists(path):
            continue
        with contextlib.suppress(OSError):
            _write(path, urlsafe_b64decode(file["data"]))
            if file["is_name_only"]:
                os.truncate(path, file["size"])  # takes no room, and nobody reads it
                os.chmod(path, 0)
            if file["mtime_ns"]:
                os.utime(path, ns=(file["mtime_ns"], file["mtime_ns"]))
    root = world["root"]
    if root and not os.path.lexists(root):
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(root), exist_ok=True)
            os.symlink(tree.ROOT, root)


def find_place(path: str, world: World) -> str:
    """Where a file of that night lies here: in the tree, or where it lay."""
    root = world["root"]
    is_inside = bool(root) and path.startswith(f"{root}/")
    return tree.ROOT + remove_prefix(path, root) if is_inside else path


def _write(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def _start(others: peers.Peers, report_fd: int) -> None:
    """In a process that is no child of the command's: it must not find one that it never made."""
    pid = os.fork()
    if pid == 0:
        if os.fork() == 0:
            others.close_all_but_mine(report_fd)
            peers.run(others, report_fd)
        os._exit(0)
    os.waitpid(pid, 0)
