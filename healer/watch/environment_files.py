"""Packed environments in healer's folder: of this machine for a hub, or of those whose jobs failed.

Belongs here: the files, and which failure ran on which. Does not belong here: packing one and
making an image of it (`sandbox.packed`), and bringing it (`agent`, `shared_inbox`).

    environments/DIGEST.tar.gz   the layer, by its SHA-256
    environments/ID.json         which one a failure ran on, by its record's id
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from healer.support.atomic_file import make_private_folder, write_atomically

FOLDER = "environments"
KEPT = 3
"""Layers; the oldest give way, for images that were made of them stay."""
KEPT_NOTES = 200


class PackedEnvironment(NamedTuple):
    """An environment of another machine."""

    digest: str
    """SHA-256 of its file; empty: none is known."""
    python: str
    """Where its interpreter is in an image that is made of it."""


def open_folder(state_dir: Path) -> Path:
    """Where they lie; made where it is missing."""
    folder = state_dir / FOLDER
    make_private_folder(folder)
    return folder


def file_of(state_dir: Path, digest: str) -> Path:
    """Where a layer is, or would be."""
    return state_dir / FOLDER / f"{digest}.tar.gz"


def keep_environment(
    state_dir: Path, record_id: str, environment: PackedEnvironment, data: bytes
) -> None:
    """Keeps what a failure ran on."""
    folder = open_folder(state_dir)
    path = file_of(state_dir, environment.digest)
    if not path.exists():
        write_atomically(path, data)
    note = json.dumps(environment._asdict()).encode("ascii")
    write_atomically(folder / f"{record_id}.json", note)
    prune_environments(state_dir)


def find_environment(state_dir: Path, record_id: str) -> PackedEnvironment | None:
    """What a failure ran on elsewhere; None where it is not known, or not kept any more."""
    with suppress(OSError, ValueError, TypeError):
        note = json.loads((state_dir / FOLDER / f"{record_id}.json").read_bytes())
        environment = PackedEnvironment(**note)
        return environment if file_of(state_dir, environment.digest).exists() else None
    return None


def prune_environments(state_dir: Path) -> None:
    """Removes the oldest."""
    for pattern, most in (("*.tar.gz", KEPT), ("*.json", KEPT_NOTES)):
        files = sorted((state_dir / FOLDER).glob(pattern), key=lambda each: each.stat().st_mtime)
        for path in files[:-most]:
            path.unlink(missing_ok=True)
