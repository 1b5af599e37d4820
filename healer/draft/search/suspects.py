"""Which functions may be at fault, for drafters that come after the search.

Belongs here: the search's weights of lines as weights of functions. Does not belong here: the
weights themselves (`localise`), and what is made of them (`healer.draft.llm.prompts`).
"""

import ast
from collections.abc import Iterable, Mapping

from healer.draft.edits.symbols import first_line, list_definitions
from healer.draft.rules.source_file import SourceFile
from healer.draft.search.localise import weigh_lines
from healer.facts.suspect import Suspect
from sandbox import SpectrumTest

MOST_SUSPECTS = 40


def list_suspects(
    spectrum: Iterable[SpectrumTest], codes: Mapping[str, SourceFile]
) -> tuple[Suspect, ...]:
    """Functions of these files that failing tests ran, the likeliest first, at most 40. One weighs
    as much as its heaviest line that is in no other function within it."""
    owners = {path: _find_owners(code) for path, code in codes.items()}
    weights: dict[tuple[str, int], float] = {}
    for (path, line), weight in weigh_lines(spectrum, codes).items():
        start = owners.get(path, {}).get(line)
        if start is not None:
            weights[path, start] = max(weights.get((path, start), 0.0), weight)
    ranking = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Suspect(path=path, line=line, weight=round(weight, 4))
        for (path, line), weight in ranking[:MOST_SUSPECTS]
    )


def _find_owners(code: SourceFile) -> dict[int, int]:
    """For each line in a function the first line of the innermost one."""
    owners: dict[int, int] = {}
    symbols = list_definitions(code.tree) if code.tree else ()
    functions = [each.node for each in symbols if not isinstance(each.node, ast.ClassDef)]
    for node in sorted(functions, key=first_line):  # what is inside comes later
        for line in range(first_line(node), (node.end_lineno or node.lineno) + 1):
            owners[line] = first_line(node)
    return owners
