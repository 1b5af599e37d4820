"""Files of a worktree, read and replaced without following a link out of it.

Belongs here: bytes on disk. Does not belong here: git, and which file should hold what.
"""

import ctypes
import errno
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


@dataclass(frozen=True)
class OnDisk:
    """What lies at one path: a regular file's bytes and status, or why it is none."""

    kind: str
    """`file`, `absent`, or what it is instead: `a symbolic link`, `a folder`, `a special file`."""
    content: bytes = b""
    status: os.stat_result | None = None

    @property
    def file_content(self) -> bytes | None:
        """The content of a regular file; None where there is none."""
        return self.content if self.kind == "file" else None


def look(root: Path, path: str) -> OnDisk:
    """What lies at `path` below `root`; no folder on the way to it may be a link."""
    target = root / path
    for folder in list(target.relative_to(root).parents)[:-1]:
        if (root / folder).is_symlink():
            return OnDisk("beyond a symbolic link")
    try:
        handle = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return OnDisk("absent")
    except OSError as error:
        return OnDisk("a symbolic link" if error.errno == errno.ELOOP else "unreadable")
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        return OnDisk("a folder" if stat.S_ISDIR(status.st_mode) else "a special file")
    with os.fdopen(handle, "rb") as stream:
        return OnDisk("file", stream.read(), status)


def same_text(root: Path, path: str, content: bytes) -> bool:
    """Whether the file at `path` holds `content`, apart from CRLF line ends of a whole file."""
    there = look(root, path)
    return there.kind == "file" and there.content in (content, with_crlf(content))


def with_crlf(content: bytes) -> bytes:
    """The content as a checkout with CRLF line ends has it; unchanged when it has some already."""
    return content if b"\r\n" in content else content.replace(b"\n", b"\r\n")


def temporary_name(path: str) -> str:
    """A name beside `path` that no job looks for."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name[:100]}.healer-{secrets.token_hex(4)}"


def write_temporary(root: Path, name: str, content: bytes, like: os.stat_result | None) -> None:
    """A new file, whole and on the disk, with the mode and owner of `like` or of its folder."""
    target = root / name
    _make_folders(root, target.parent)
    folder = target.parent.stat()
    mode = stat.S_IMODE(like.st_mode) if like else folder.st_mode & 0o666
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            _give(handle, like or folder)
            os.fchmod(handle, mode)
            os.fsync(handle)
    except OSError:
        target.unlink()
        raise


def _make_folders(root: Path, folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folders(root, folder.parent)
    folder.mkdir()
    above = folder.parent.stat()
    folder.chmod(stat.S_IMODE(above.st_mode))
    if os.geteuid() == 0:
        os.chown(folder, above.st_uid, above.st_gid)


def _give(handle: int, like: os.stat_result) -> None:
    """The owner and group of `like`, as far as we may."""
    if os.geteuid() == 0:
        os.fchown(handle, like.st_uid, like.st_gid)
    else:
        with suppress(PermissionError):
            os.fchown(handle, -1, like.st_gid)


def give_like(target: Path, like: Path) -> None:
    """Gives `target` to the owner of `like`, where we are root."""
    if os.geteuid() == 0:
        status = like.stat()
        os.chown(target, status.st_uid, status.st_gid)


def copy_attributes(source: Path, target: Path) -> None:
    """Extended attributes (access lists among them), as far as the file system has them."""
    with suppress(OSError):
        for name in os.listxattr(source):
            with suppress(OSError):
                os.setxattr(target, name, os.getxattr(source, name))


def put(root: Path, path: str, temporary: str | None, was: tuple[bytes, ...]) -> bool:
    """Puts the temporary file (None: nothing) at `path`, if one of `was` lies there (): nothing.

    False when something else lies there: it stays as it is. A reader sees the old file or the new
    one, whole. What was there is swapped out first and compared then, so that a change saved in
    between is put back and not lost.
    """
    target = root / path
    if not was:
        return temporary is None or _put_new(root / temporary, target)
    if temporary is None:
        return _take_away(root, path, was)
    fresh = root / temporary
    if look(root, path).file_content not in was or not _exchange(fresh, target):
        return _replace(root, path, fresh, was)
    if look(root, temporary).file_content in was:
        fresh.unlink()
        return True
    if not _exchange(fresh, target):
        fresh.replace(target)
    return False


def _put_new(fresh: Path, target: Path) -> bool:
    try:
        os.link(fresh, target)
    except FileExistsError:
        return False
    except OSError:  # no hard links here
        if os.path.lexists(target):
            return False
        fresh.rename(target)
        return True
    fresh.unlink()
    return True


def _take_away(root: Path, path: str, was: tuple[bytes, ...]) -> bool:
    """Removes a file, and the folders that it leaves empty, as git does."""
    aside = temporary_name(path)
    try:
        (root / path).rename(root / aside)
    except FileNotFoundError:
        return True
    if look(root, aside).file_content not in was:
        with suppress(FileExistsError):  # else both are a person's, and both stay
            os.link(root / aside, root / path)
            (root / aside).unlink()
        return False
    (root / aside).unlink()
    with suppress(OSError):
        for folder in (root / path).relative_to(root).parents:
            if folder != Path():
                (root / folder).rmdir()
    return True


def _replace(root: Path, path: str, fresh: Path, was: tuple[bytes, ...]) -> bool:
    """Where files cannot be exchanged (some network file systems): compare, then rename."""
    if look(root, path).file_content not in was:
        return False
    fresh.replace(root / path)
    return True


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two names in one step; False where the system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        rename = libc.renameat2
    except AttributeError:
        return False
    code: int = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return code == 0


def sync_folder(folder: Path) -> None:
    """Makes the renames in a folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
