"""Which folders a job found, missed and made, of its notes.

Belongs here: telling a folder that was there from one that was not. Does not belong here: what lay
in them (`make`), or which are laid into the sandbox (`healer.evidence.world`).
"""


class Folders:
    """What the notes have told so far."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        """Found by the job, and not made by it."""
        self.absent: list[str] = []
        """What was asked for and was not there: files, and the outermost missing folders."""
        self._made: set[str] = set()

    def need(self, folder: str) -> None:
        """It was there when the job came to it."""
        if folder not in self._made:
            self.there.add(folder)

    def make(self, folder: str) -> None:
        """The job asked for it to be made."""
        if folder not in self.there:
            self._made.add(folder)
            self.need(parent_of(folder))

    def miss(self, path: str, nearest: str) -> None:
        """A file was not there; `nearest` is the innermost folder on the way to it that was."""
        self._miss(path)
        if parent_of(path) == nearest:
            self.need(nearest)
        else:
            self._miss(_first_below(nearest, path))

    def write(self, path: str, nearest: str) -> None:
        """A file was about to be written; where its folder was missing that failed."""
        self.need(nearest)
        if parent_of(path) != nearest:
            self._miss(_first_below(nearest, path))

    def _miss(self, path: str) -> None:
        if path not in self.absent:
            self.absent.append(path)


def parent_of(path: str) -> str:
    """`/` for what lies there."""
    return path.rpartition("/")[0] or "/"


def _first_below(folder: str, path: str) -> str:
    start = "/" if folder == "/" else f"{folder}/"
    return start + path.removeprefix(start).partition("/")[0]
