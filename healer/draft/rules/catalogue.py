"""Every rule, in one table.

Belongs here: the modules whose rules are tried, in the order in which equally certain fixes are
offered. Does not belong here: any single rule.
"""

from types import ModuleType

from healer.draft.rules.io import (
    csv_files,
    encodings,
    folders,
    iterators,
    open_modes,
    paths,
    serialisation,
    tables,
    xml_trees,
    zip_members,
)
from healer.draft.rules.names import (
    arguments,
    attributes,
    calls,
    changed_apis,
    classes,
    imports,
    keys_and_arguments,
    local_functions,
    missing_imports,
    pydantic_2,
    python_versions,
    renamed_apis,
    ruff_fixes,
    sqlalchemy_2,
    undefined,
)
from healer.draft.rules.rule import Rule
from healer.draft.rules.syntax import rule as syntax
from healer.draft.rules.values import (
    blank_lines,
    by_analogy,
    bytes_and_text,
    date_formats,
    datetime_arithmetic,
    dict_defaults,
    empty_fields,
    loops,
    moved_keys,
    number_forms,
    numbers_from_text,
    page_links,
    pages,
    regular_expressions,
    results,
    retyped,
    string_formatting,
    text_arguments,
    type_mismatch,
    wrappers,
)

MODULES: tuple[ModuleType, ...] = (
    syntax,
    renamed_apis,
    changed_apis,
    sqlalchemy_2,
    pydantic_2,
    missing_imports,
    undefined,
    imports,
    attributes,
    keys_and_arguments,
    moved_keys,
    wrappers,
    pages,
    page_links,
    retyped,
    calls,
    classes,
    local_functions,
    arguments,
    serialisation,
    type_mismatch,
    numbers_from_text,
    number_forms,
    text_arguments,
    string_formatting,
    bytes_and_text,
    dict_defaults,
    loops,
    results,
    encodings,
    open_modes,
    by_analogy,
    blank_lines,
    empty_fields,
    folders,
    paths,
    regular_expressions,
    date_formats,
    datetime_arithmetic,
    python_versions,
    iterators,
    csv_files,
    tables,
    zip_members,
    xml_trees,
    ruff_fixes,
)


def rules_of(module: ModuleType) -> tuple[Rule, ...]:
    """The rules that a module itself defines, in its order."""
    return tuple(
        value
        for value in vars(module).values()
        if isinstance(value, Rule) and value.find.__module__ == module.__name__
    )


RULES: tuple[Rule, ...] = tuple(rule for module in MODULES for rule in rules_of(module))
