"""The settings that ruff is started with: the project's own, with our rules where it selects none.

Belongs here: what stands in the file. Does not belong here: running ruff (`sandbox.inside`).
"""

import json
import tomllib
from collections.abc import Sequence


def select_rules(settings: str, rules: Sequence[str]) -> str:
    """The project's settings with our rules selected, unless the project selects its own.

    The selection has to stand in the same file: given on the command line it would win over what
    the project ignores.
    """
    try:
        table = tomllib.loads(settings)
    except tomllib.TOMLDecodeError:
        return settings  # ruff itself will say what is wrong
    section = table.get("lint")
    if "select" in table or (isinstance(section, dict) and "select" in section):
        return settings
    text = f"select = {json.dumps(list(rules))}\n"
    head, header, tail = settings.partition("[lint]\n")
    return f"{head}{header}{text}{tail}" if header else f"lint.{text}{settings}"
