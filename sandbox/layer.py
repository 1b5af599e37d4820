"""An image layer as a tar: files of this machine at the paths that they have here.

Belongs here: links, folders, modes and order of the archive. Does not belong here: which files.
"""

import io
import os
import stat
import tarfile
from pathlib import Path, PurePosixPath
from typing import IO

_WORLD_WRITABLE = 0o1777
_MOUNTED = ("/tmp/", "/job/", "/checkout/", "/dev/", "/run/")  # noqa: S108 - places in the image
"""What an image holds there is hidden in a container by mounts."""
_MOVED = "/opt"


class Layer:
    """Collects entries and writes them sorted by path, owned by root, readable by all."""

    def __init__(self) -> None:
        self._files: dict[str, Path] = {}
        self._bytes: dict[str, tuple[bytes, int, int]] = {}
        self._links: dict[str, str] = {}
        self._folders: dict[str, int] = {}

    def add_path(self, path: Path) -> None:
        """A file as this machine reaches it: every link on the way goes along."""
        for _ in range(40):  # as many links as the kernel follows
            link = self._first_link(path)
            if link is None:
                self._files[_inside(path)] = path
                return
            target = os.readlink(link)  # noqa: PTH115 - the text of the link, as it is
            self._links[_inside(link)] = relocate(target)
            rest = path.relative_to(link)
            path = Path(os.path.normpath(link.parent / target / rest))
        raise OSError(f"{path} goes through too many links")

    def add_file(self, source: Path, target: str) -> None:
        """A file at another place than here; a link is followed."""
        self._files[_inside(target)] = source

    def add_bytes(self, target: str, content: bytes, *, mode: int = 0o644, mtime: int = 0) -> None:
        self._bytes[_inside(target)] = (content, mode, mtime)

    def add_link(self, target: str, to: str) -> None:
        """A symbolic link, unless something is there already."""
        name = _inside(target)
        if name not in self._files and name not in self._links:
            self._links[name] = to

    def add_folder(self, target: str, *, world_writable: bool = False) -> None:
        self._folders[_inside(target)] = _WORLD_WRITABLE if world_writable else 0o755

    def write(self, out: IO[bytes]) -> None:
        """Writes the whole tar. A file that vanished meanwhile is left out."""
        for name in self._files.keys() | self._bytes.keys():
            self._links.pop(name, None)
        with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
            for name, mode in sorted(self._all_folders().items()):
                archive.addfile(_info(name, tarfile.DIRTYPE, mode))
            for name, to in sorted(self._links.items()):
                info = _info(name, tarfile.SYMTYPE, 0o777)
                info.linkname = to
                archive.addfile(info)
            for name, (content, mode, mtime) in sorted(self._bytes.items()):
                info = _info(name, tarfile.REGTYPE, mode)
                info.size, info.mtime = len(content), mtime
                archive.addfile(info, io.BytesIO(content))
            for name, path in sorted(self._files.items()):
                self._write_file(archive, name, path)

    def _write_file(self, archive: tarfile.TarFile, name: str, path: Path) -> None:
        try:
            with path.open("rb") as source:
                status = os.fstat(source.fileno())
                if not stat.S_ISREG(status.st_mode):
                    return
                info = _info(name, tarfile.REGTYPE, 0o755 if status.st_mode & 0o111 else 0o644)
                info.size, info.mtime = status.st_size, int(status.st_mtime)
                archive.addfile(info, source)
        except (FileNotFoundError, IsADirectoryError, PermissionError):
            return

    def _all_folders(self) -> dict[str, int]:
        folders = dict(self._folders)
        for name in (*self._files, *self._bytes, *self._links):
            for parent in PurePosixPath(name).parents:
                if str(parent) != "." and str(parent) not in self._links:
                    folders.setdefault(str(parent), 0o755)
        return folders

    @staticmethod
    def _first_link(path: Path) -> Path | None:
        for part in (*reversed(path.parents), path):
            if part.is_symlink():
                return part
        return None


def relocate(path: Path | str) -> str:
    """Where a path of this machine is in the image: the same, but below a mount it moves."""
    text = str(path)
    is_hidden = any(text.startswith(place) for place in _MOUNTED)
    return f"{_MOVED}{text}" if is_hidden else text


def _inside(path: Path | str) -> str:
    return os.path.normpath(relocate(path)).lstrip("/")


def _info(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode = kind, mode
    return info
