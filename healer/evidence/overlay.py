"""A tree with some files replaced, without writing anything."""

from collections.abc import Mapping

from healer.services.runner import PackableTree


class Overlay:
    """Reads like `tree`, but for the files given."""

    def __init__(self, tree: PackableTree, files: Mapping[str, bytes]) -> None:
        self._tree, self._files = tree, dict(files)

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None where there is no regular file."""
        return self._files[path] if path in self._files else self._tree.read(path)

    def paths(self) -> tuple[str, ...]:
        """Every regular file, sorted."""
        return tuple(sorted({*self._tree.paths(), *self._files}))

    def tar(self, overlay: Mapping[str, bytes] | None = None) -> bytes:
        """A tar of all of it."""
        return self._tree.tar({**self._files, **(overlay or {})})
