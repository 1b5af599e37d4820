"""Two kinds of import contract for import-linter: homes of outside libraries, and pure packages.

Belongs here: the kinds, that is what each refuses. Does not belong here: which library lives
where and which packages are pure (`[tool.importlinter]` in pyproject.toml); what a pure module
calls (`purity`).
"""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class HomesField(fields.Field[Mapping[str, tuple[str, ...]]]):
    """A table: for each name the packages that may import it."""

    def parse(self, raw_data: Any) -> Mapping[str, tuple[str, ...]]:
        """The table, with tuples.

        Raises import-linter's `ValidationError` where it is not a table of lists.
        """
        if not isinstance(raw_data, dict) or not all(
            isinstance(packages, list) and packages for packages in raw_data.values()
        ):
            raise fields.ValidationError("Expected a table: library = [packages that may import].")
        return {library: tuple(packages) for library, packages in raw_data.items()}


class _OutwardContract(Contract):
    """What is common: a list of sentences, one for each refused import or stale line."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        del verbose  # one line per problem is all there is to say
        problems = sorted(self.problems(graph))
        return ContractCheck(kept=not problems, metadata={"problems": problems})

    def problems(self, graph: ImportGraph) -> Iterable[str]:
        """What breaks the contract, a sentence each."""
        raise NotImplementedError

    def render_broken_contract(self, check: ContractCheck) -> None:
        for problem in check.metadata["problems"]:
            output.print_error(f"- {problem}", bold=False)


class HomesContract(_OutwardContract):
    """Each outside library is imported only at home, and each one has a home.

    Options: `homes`, a table from a library's import name to the packages that may import it.
    The standard library needs no home. A home that imports its library nowhere is refused too:
    the table stays what it says.
    """

    type_name = "homes"
    homes = HomesField()

    def problems(self, graph: ImportGraph) -> Iterable[str]:
        homes: Mapping[str, tuple[str, ...]] = self.homes  # type: ignore[assignment]  # a parsed field
        uses: set[tuple[str, str]] = set()
        for importer, target in _outward_imports(graph):
            if target in sys.stdlib_module_names:
                continue
            home = next((home for home in homes.get(target, ()) if _inside(importer, home)), None)
            if home is not None:
                uses.add((target, home))
            elif target in homes:
                yield (
                    f"{importer} imports {target}, which lives in {', '.join(homes[target])}"
                    f"{_lines(graph, importer, target)}"
                )
            else:
                yield (
                    f"{importer} imports {target}, which has no home yet"
                    f"{_lines(graph, importer, target)}"
                )
        for library, packages in homes.items():
            for package in packages:
                if (library, package) not in uses:
                    yield f"{package} is a home of {library} and does not import it: remove it"


class PureContract(_OutwardContract):
    """Packages that reach no clock, randomness, process, file or network.

    Options: `pure`, the packages; `outside`, the top-level modules of the standard library and of
    others that they may import; `facts`, our modules outside `pure` that they may import, and of
    those only classes (`purity` checks that).
    What is not allowed is refused: a new module of the standard library has to be looked at.
    """

    type_name = "pure"
    pure = fields.ListField(subfield=fields.StringField())
    outside = fields.SetField(subfield=fields.StringField())
    facts = fields.SetField(subfield=fields.StringField())

    def problems(self, graph: ImportGraph) -> Iterable[str]:
        pure: list[str] = self.pure  # type: ignore[assignment]  # a parsed field
        outside: set[str] = self.outside  # type: ignore[assignment]  # a parsed field
        facts: set[str] = self.facts  # type: ignore[assignment]  # a parsed field
        uses: set[str] = set()
        for package in pure:
            if package not in graph.modules:
                yield f"{package} is named in the contract and does not exist"
                continue
            for importer in sorted({package} | graph.find_descendants(package)):
                for target in sorted(graph.find_modules_directly_imported_by(importer)):
                    uses.add(target)
                    if target in outside or target in facts:
                        continue
                    if any(_inside(target, other) for other in pure):
                        continue
                    yield (
                        f"{importer} is pure and may not import {target}"
                        f"{_lines(graph, importer, target)}"
                    )
        for stale in sorted((outside | facts) - uses):
            yield f"nothing pure imports {stale}: remove it from the contract"


def _outward_imports(graph: ImportGraph) -> Iterable[tuple[str, str]]:
    for target in sorted(graph.modules):
        if graph.is_module_squashed(target):
            for importer in sorted(graph.find_modules_that_directly_import(target)):
                yield importer, target.partition(".")[0]


def _inside(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _lines(graph: ImportGraph, importer: str, target: str) -> str:
    details = graph.get_import_details(importer=importer, imported=target)
    return "".join(f" (l.{detail['line_number']})" for detail in details[:1])
