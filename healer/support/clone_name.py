"""The name of one clone among those that share a database: its folder's own, and no copy's.

Belongs here: making and keeping it. Does not belong here: whose repository it is a clone of
(`healer.app.shared_state`).
"""

import os
import re
import secrets
from pathlib import Path

from healer.support.atomic_file import write_atomically

FILE = "namespace"
"""In healer's folder: the name, and the folder's own number on its disk."""
_FORM = re.compile(r"(healer_[0-9a-f]{8}) (\d+)")


def name_clone(state_dir: Path) -> str:
    """The name of the clone whose state lies in this folder, made where there is none yet.

    It stays the same as long as the folder does. A copy of the folder, on this machine or another,
    has a name of its own: what the original has begun is the original's.
    """
    return _read_name(state_dir) or _create_name(state_dir)


def _read_name(state_dir: Path) -> str:
    try:
        match = _FORM.fullmatch((state_dir / FILE).read_text("ascii").strip())
    except (FileNotFoundError, UnicodeDecodeError):
        return ""
    return match[1] if match and int(match[2]) == state_dir.stat().st_ino else ""


def _create_name(state_dir: Path) -> str:
    """A new name, or the one that another process made in the same moment."""
    fresh = state_dir / f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}"
    name = f"healer_{secrets.token_hex(4)} {state_dir.stat().st_ino}\n"
    write_atomically(fresh, name.encode("ascii"), durable=False)
    try:
        os.link(fresh, state_dir / FILE)
    except FileExistsError:
        if not _read_name(state_dir):  # a copy's, or damaged
            fresh.replace(state_dir / FILE)
    finally:
        fresh.unlink(missing_ok=True)
    return _read_name(state_dir)
