"""Which paths a candidate may write at all: one canonical spelling each, inside the tree.

Pure. Belongs here: paths that lie, whatever the repository's rules. Does not belong here: what
the project protects (`protection`), or what a patch may contain (`policy`).
"""

import unicodedata
from collections.abc import Mapping
from typing import Final

from quarantine.errors import UnsafePath
from quarantine.tree import SUBMODULE, SYMLINK, Entry

PATH_BYTES: Final = 1024
"""A quarter of Linux's PATH_MAX, which leaves room for the folder of any checkout."""

# Code points that HFS+ leaves out when it compares names (git: utf8.c, next_hfs_char).
_HFS_IGNORED: Final = dict.fromkeys(
    (*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF)
)
# NTFS knows `.git` and `.gitmodules` by these short names, too.
_GIT_NAMES: Final = (".git", "git~1", "git~2", "git~3", "git~4")
_SUBMODULE_NAMES: Final = (".gitmodules", "gitmod~1", "gitmod~2", "gitmod~3", "gitmod~4")


def check_path(path: str) -> None:
    """UnsafePath unless `path` is a plain relative path that means the same file everywhere."""
    why = _lie(path)
    if why:
        raise UnsafePath(path, why)


def _lie(path: str) -> str:  # noqa: PLR0911  # one reason a line reads best
    try:
        size = len(path.encode("utf-8"))
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    if not 0 < size <= PATH_BYTES:
        return f"a path has 1 to {PATH_BYTES} bytes"
    if path.startswith("/"):
        return "it is absolute"
    if "\\" in path or ":" in path:
        return "a backslash or a colon means another file on other systems"
    if any(unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp") for each in path):
        return "it has invisible characters"
    if unicodedata.normalize("NFC", path) != path:
        return "it is not in Unicode's composed form (NFC)"
    return next((why for name in path.split("/") if (why := _component_lie(name))), "")


def _component_lie(name: str) -> str:
    if name in ("", ".", ".."):
        return "it has an empty component, `.` or `..`"
    if name != name.rstrip(". "):
        return "a component ends with a dot or a space"
    plain = unicodedata.normalize("NFKC", name).translate(_HFS_IGNORED).casefold().rstrip(". ")
    if plain in _GIT_NAMES:
        return "it names git's own folder"
    if plain in _SUBMODULE_NAMES:
        return "it defines submodules"
    return ""


class WritablePaths:
    """The paths of one tree at which a regular file may be written, changed or removed."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        """From the tree's paths, symlinks and submodules included."""
        self._entries = entries
        self._spelt = {_key(path): path for path in entries}
        self._folders: dict[str, str] = {}
        for path in entries:
            above = path.rpartition("/")[0]
            while above and _key(above) not in self._folders:
                self._folders[_key(above)] = above
                above = above.rpartition("/")[0]

    def check(self, path: str) -> None:
        """UnsafePath unless a regular file is, or may be put, at exactly this spelling."""
        check_path(path)
        entry = self._entries.get(path)
        if entry is not None and entry.mode in (SYMLINK, SUBMODULE):
            what = "a symbolic link" if entry.mode == SYMLINK else "a submodule"
            raise UnsafePath(path, f"it is {what}")
        if entry is None and _key(path) in self._folders:
            raise UnsafePath(path, "it is a folder")
        if entry is None:
            self._must_be_spelt_so(path, path, self._spelt)
        parts = path.split("/")
        for depth in range(1, len(parts)):
            above = "/".join(parts[:depth])
            if _key(above) in self._spelt:
                raise UnsafePath(path, f"{above!r} above it is not a folder")
            self._must_be_spelt_so(path, above, self._folders)

    @staticmethod
    def _must_be_spelt_so(path: str, part: str, spellings: Mapping[str, str]) -> None:
        other = spellings.get(_key(part), part)
        if other != part:
            raise UnsafePath(path, f"the repository spells it {other!r}")


def _key(path: str) -> str:
    """The same for names that some file system confuses: other case, other Unicode form."""
    return unicodedata.normalize("NFKC", path).casefold()
