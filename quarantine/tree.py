"""The files of one commit, read from git's objects: no checkout, no attributes, no filters.

Belongs here: reading. Does not belong here: making a tree (`candidate`).
"""

import io
import tarfile
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock
from types import MappingProxyType
from typing import Final, NamedTuple

from quarantine.errors import RepositoryError
from quarantine.git import Git

REGULAR: Final = "100644"
EXECUTABLE: Final = "100755"
SYMLINK: Final = "120000"
SUBMODULE: Final = "160000"
FILE_MODES: Final = (REGULAR, EXECUTABLE)

KEPT_BYTES: Final = 64 * 1024 * 1024
"""Of file contents in memory per repository: candidates share all but a file or two."""


class Entry(NamedTuple):
    """One path of a tree: git's mode (six octal digits) and the object's id."""

    mode: str
    oid: str


class Blobs:
    """File contents by object id, the latest `KEPT_BYTES` of them kept in memory."""

    def __init__(self, git: Git) -> None:
        """Reads through `git`, in one process for any number of objects."""
        self._git = git
        self._lock = Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._kept_bytes = 0

    def read(self, oid: str) -> bytes:
        """One content; RepositoryError when the repository lacks it."""
        return self.read_all((oid,))[oid]

    def read_all(self, oids: Iterable[str]) -> dict[str, bytes]:
        """Several contents by id; RepositoryError when the repository lacks one."""
        unique_ids = dict.fromkeys(oids)
        with self._lock:
            contents = {oid: self._kept[oid] for oid in unique_ids if oid in self._kept}
        missing = [oid for oid in unique_ids if oid not in contents]
        if missing:
            new_contents = _cat(self._git, missing)
            self._keep(new_contents)
            contents |= new_contents
        return contents

    def _keep(self, new_contents: Mapping[str, bytes]) -> None:
        with self._lock:
            for oid, content in new_contents.items():
                if oid not in self._kept and len(content) <= KEPT_BYTES // 8:
                    self._kept[oid] = content
                    self._kept_bytes += len(content)
            while self._kept_bytes > KEPT_BYTES:
                _, oldest = self._kept.popitem(last=False)
                self._kept_bytes -= len(oldest)


def _cat(git: Git, oids: list[str]) -> dict[str, bytes]:
    out = git.run("cat-file", "--batch", stdin="".join(f"{oid}\n" for oid in oids).encode("ascii"))
    contents: dict[str, bytes] = {}
    at = 0
    for oid in oids:
        end = out.index(b"\n", at)
        header = out[at:end].split()
        if header[1:2] != [b"blob"]:
            raise RepositoryError(
                f"The repository lacks the object {oid}; complete the clone (git fetch --refetch), "
                "or check it (git fsck)."
            )
        size = int(header[2])
        contents[oid] = out[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
    return contents


class Tree:
    """Read-only sight of one commit's files. What it says never changes."""

    def __init__(self, *, git: Git, blobs: Blobs, commit: str, oid: str) -> None:
        """`Repository.tree` is the way to one; files are listed at the first question."""
        self.commit = commit
        """The commit's full id."""
        self.oid = oid
        """The tree's own id: equal trees have equal ids, whatever their history."""
        self._git = git
        self._blobs = blobs
        self._entries: Mapping[str, Entry] | None = None

    def entries(self) -> Mapping[str, Entry]:
        """Every path that is not a folder, in git's order: symlinks and submodules included.

        Names that are not UTF-8 carry surrogate escapes.
        """
        if self._entries is None:
            out = self._git.run("ls-tree", "-r", "-z", "--full-tree", self.oid)
            entries = {}
            for line in out.split(b"\0")[:-1]:
                head, _, name = line.partition(b"\t")
                mode, _, oid = head.decode("ascii").split(" ")
                entries[name.decode("utf-8", "surrogateescape")] = Entry(mode, oid)
            self._entries = MappingProxyType(entries)
        return self._entries

    def entry(self, path: str) -> Entry | None:
        """The path's mode and object, or None where there is nothing, or a folder."""
        return self.entries().get(path)

    def paths(self) -> tuple[str, ...]:
        """Every regular file, sorted."""
        return tuple(
            sorted(path for path, entry in self.entries().items() if entry.mode in FILE_MODES)
        )

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None where there is no regular file."""
        entry = self.entry(path)
        if entry is None or entry.mode not in FILE_MODES:
            return None
        return self._blobs.read(entry.oid)

    def read_all(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The bytes of several files in one go; paths that are no regular files are left out."""
        entries = self.entries()
        files = {p: entries[p].oid for p in paths if p in entries and entries[p].mode in FILE_MODES}
        contents = self._blobs.read_all(files.values())
        return {path: contents[oid] for path, oid in files.items()}

    def tar(self, overlay: Mapping[str, bytes] | None = None) -> bytes:
        """The regular files as an uncompressed tar, the same bytes for the same tree and overlay.

        Symlinks and submodules are left out; nothing else is (`export-ignore` does not apply).
        The execute bit is kept. Paths in `overlay` replace or join the tree's.
        """
        overlay_files = dict(overlay or {})
        contents = (
            self.read_all(path for path in self.paths() if path not in overlay_files)
            | overlay_files
        )
        entries = self.entries()
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for path in sorted(contents):
                entry = entries.get(path)
                member = tarfile.TarInfo(path)
                member.size = len(contents[path])
                member.mode = 0o755 if entry and entry.mode == EXECUTABLE else 0o644
                archive.addfile(member, io.BytesIO(contents[path]))
        return buffer.getvalue()
