"""Makes the tar that a job carries."""

import io
import tarfile
from collections.abc import Mapping


def tar(files: Mapping[str, bytes]) -> bytes:
    """A tar of regular files, sorted by path, the same bytes for the same files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path, content in sorted(files.items()):
            info = tarfile.TarInfo(path)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def replace_file(tree: bytes, path: str, content: bytes) -> bytes:
    """The same tar with other content for one file."""
    with tarfile.open(fileobj=io.BytesIO(tree)) as archive:
        members = ((member.name, archive.extractfile(member)) for member in archive)
        files = {name: data.read() for name, data in members if data}
    return tar({**files, path: content})


def add_files(tree: bytes, files: Mapping[str, bytes]) -> bytes:
    """The same tar with more files; those that it has already stay as they are."""
    if not files:
        return tree
    out = io.BytesIO(tree)
    with tarfile.open(fileobj=out, mode="a") as archive:
        names = set(archive.getnames())
        for path, content in sorted(files.items()):
            if path not in names:
                info = tarfile.TarInfo(path)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return out.getvalue()
