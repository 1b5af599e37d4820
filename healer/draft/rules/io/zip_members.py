"""Members of an archive that no longer lie where the code looks.

Belongs here: a member that was found by its name. Does not belong here: what is in it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.rule import FaultSite, Fix, rule

_MISSING = re.compile(r"There is no item named '([^']+)' in the archive")


@rule(
    "moved-member",
    "KeyError",
    estimate=GUESS,
    example="""
          import io, zipfile
          def read(data):
              with zipfile.ZipFile(data) as z:
        -         return z.read("m.csv")
        #! KeyError: "There is no item named 'm.csv' in the archive"
        +         return z.read(next(n for n in z.namelist() if n.split('/')[-1] == "m.csv"))
          data = io.BytesIO()
          with zipfile.ZipFile(data, "w") as archive:
              archive.writestr("export/m.csv", "m,kwh")
          read(data)
        """,
    silent="""
        import io, zipfile
        def read(data, name):
            with zipfile.ZipFile(data) as archive:
                return archive.read(name)
        #! KeyError: "There is no item named 'meters.csv' in the archive"
        data = io.BytesIO()
        zipfile.ZipFile(data, "w").close()
        read(data, "meters.csv")
        """,
    rivals=("the archive is another one, or not whole",),
    link="https://docs.python.org/3/library/zipfile.html#zipfile.ZipFile.namelist",
)
def moved_member(site: FaultSite) -> Iterator[Fix]:
    """A member of a zip archive lies in a folder now; it is looked for in all of them."""
    match = site.search(_MISSING)
    for call in site.calls("open", "read", "extract", "getinfo") if match else ():
        name = call.args[0] if call.args else None
        if not match or not isinstance(name, ast.Constant) or name.value not in match.groups():
            continue
        if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
            continue
        archive = call.func.value.id
        path = PurePosixPath(str(name.value))
        cause = f"The archive has no `{path}` at this place; it is looked for in every folder."
        text = f"next(n for n in {archive}.namelist() if n.split('/')[-1] == \"{path.name}\")"
        yield Fix(cause, (site.code.replace(name, text),), GUESS)
        return
