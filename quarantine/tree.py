"""The files of one commit, read from git's objects: no checkout, no attributes, no filters.

Belongs here: reading. Does not belong here: making a tree (`candidate`).
"""

import io
import stat
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from quarantine.errors import RepositoryError
from quarantine.objects import Objects

REGULAR: Final = "100644"
EXECUTABLE: Final = "100755"
SYMLINK: Final = "120000"
SUBMODULE: Final = "160000"
FILE_MODES: Final = (REGULAR, EXECUTABLE)

MOST_FILES: Final = 2_000_000
"""Paths of one commit; a crafted tree that repeats itself would have no end."""
_FOLDER: Final = "40000"


class Entry(NamedTuple):
    """One path of a tree: git's mode (six octal digits) and the object's id."""

    mode: str
    oid: str


class Tree:
    """Read-only sight of one commit's files. What it says never changes."""

    def __init__(self, *, objects: Objects, commit: str, oid: str) -> None:
        """`Repository.tree` is the way to one; files are listed at the first question."""
        self.commit = commit
        """The commit's full id."""
        self.oid = oid
        """The tree's own id: equal trees have equal ids, whatever their history."""
        self._objects = objects
        self._entries: Mapping[str, Entry] | None = None

    def entries(self) -> Mapping[str, Entry]:
        """Every path that is not a folder, in git's order: symlinks and submodules included.

        Names that are not UTF-8 carry surrogate escapes.
        """
        if self._entries is None:
            self._entries = MappingProxyType(_list_files(self._objects, self.oid))
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
        return self._objects.read_blob(entry.oid)

    def read_all(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The bytes of several files in one go; paths that are no regular files are left out."""
        entries = self.entries()
        files = {p: entries[p].oid for p in paths if p in entries and entries[p].mode in FILE_MODES}
        contents = self._objects.read_blobs(files.values())
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


def _list_files(objects: Objects, oid: str) -> dict[str, Entry]:
    """Every path below a tree that is no folder, in git's order."""
    trees = _read_folders(objects, oid)
    entries: dict[str, Entry] = {}
    pending = [("", iter(trees[oid]))]
    while pending:
        prefix, rows = pending[-1]
        row = next(rows, None)
        if row is None:
            pending.pop()
            continue
        name, entry = row
        if entry.mode == _FOLDER:
            pending.append((f"{prefix}{name}/", iter(trees[entry.oid])))
            continue
        entries[prefix + name] = entry
        if len(entries) > MOST_FILES:
            raise RepositoryError(
                f"The tree {oid} has more than {MOST_FILES:,} files; check what was committed."
            )
    return entries


def _read_folders(objects: Objects, oid: str) -> dict[str, list[tuple[str, Entry]]]:
    """What each tree holds, by id: this one's and those of all folders below it."""
    trees: dict[str, list[tuple[str, Entry]]] = {}
    level = [oid]
    while level:
        for each, content in objects.read_trees(level).items():
            trees[each] = list(_parse_tree(content, len(oid) // 2))
        folders = (
            entry.oid
            for each in level
            for _, entry in trees[each]
            if entry.mode == _FOLDER and entry.oid not in trees
        )
        level = list(dict.fromkeys(folders))
    return trees


def _parse_tree(content: bytes, id_bytes: int) -> Iterator[tuple[str, Entry]]:
    """Name, mode and object of each row of git's own form of a tree."""
    at = 0
    while at < len(content):
        end = content.index(b"\0", at)
        mode, _, name = content[at:end].partition(b" ")
        at = end + 1 + id_bytes
        yield (
            name.decode("utf-8", "surrogateescape"),
            Entry(_plain_mode(int(mode, 8)), content[end + 1 : at].hex()),
        )


def _plain_mode(mode: int) -> str:
    """The modes that git knows today; old trees have others."""
    if stat.S_ISREG(mode):
        return EXECUTABLE if mode & stat.S_IXUSR else REGULAR
    if stat.S_ISLNK(mode):
        return SYMLINK
    return _FOLDER if stat.S_ISDIR(mode) else SUBMODULE
