"""A tree of files in memory, as a draft's `Source` and as what a sandbox takes."""

from collections.abc import Mapping

from sandbox.trees import tar


class MemoryTree:
    """Files by path; text is UTF-8."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {p: f.encode() if isinstance(f, str) else f for p, f in files.items()}

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def tar(self, overlay: Mapping[str, bytes] | None = None) -> bytes:
        return tar({**self._files, **(overlay or {})})
