"""Started as a file: `python /opt/healer/healer_inside/__main__.py`.

Here this folder is the package `healer_inside`, a name that no repository under test has. Its own
folders stay off `sys.path`, so that nothing in them shadows a module of the code under test.
"""

from __future__ import annotations

import os
import sys


def _start() -> int:
    here = __file__.rpartition("/")[0]
    sys.path[:] = [path for path in sys.path if path != here]
    sys.path.insert(0, here.rpartition("/")[0])
    # The package has this name in the image alone.
    from healer_inside.supervisor.serve import (  # type: ignore[import-not-found,unused-ignore]
        main,
    )

    sys.path.pop(0)
    code: int = main()
    return code


if __name__ == "__main__":
    # Nothing is left to finish, and interpreter shutdown costs milliseconds.
    os._exit(_start())
