"""A job's module is told of once it is loaded, and nothing else of its import changes."""

import subprocess
import sys
from pathlib import Path

import pytest

from healer.watch.hook import healer_hook_imports

START = f"""if 1:
    import sys
    sys.path.insert(0, {str(Path(healer_hook_imports.__file__).parent)!r})
    from healer_hook_imports import await_import
    count = len(sys.meta_path)
"""


@pytest.mark.parametrize(
    ("program", "out"),
    [
        ("await_import('colorsys', lambda m: print(m.__name__, len(sys.meta_path) - count))\n"
         "    import colorsys", "colorsys 0"),
        ("await_import('colorsys', lambda m: 1 / 0)\n    import colorsys\n"
         "    print(type(colorsys.__loader__).__name__)", "SourceFileLoader"),
        ("await_import('no_such', print)\n    try:\n        import no_such\n"
         "    except ModuleNotFoundError as error:\n        print(error)",
         "No module named 'no_such'"),
        ("await_import('json.tool', print)\n    import json, colorsys\n    print('none')", "none"),
    ],
)  # fmt: skip
def test_an_import_goes_on_as_ever(program: str, out: str) -> None:
    done = subprocess.check_output([sys.executable, "-c", f"{START}    {program}"], text=True)
    assert done == f"{out}\n"
