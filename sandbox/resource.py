"""What must be closed is a with-block.

Belongs here: entering and leaving. Does not belong here: what closing means, which each class says.
"""

from typing import Self


class Resource:
    """Closed at the end of its with-block, on failure too."""

    def close(self) -> None:
        """Gives back what it holds. May be called twice."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
