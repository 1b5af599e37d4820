"""The table of all rules.

Belongs here: their order, which is the order of findings. Does not belong here: the rules.
"""

from quarantine.policy.rule import Rule
from quarantine.policy.rules import (
    control_flow,
    copied_data,
    declared_data,
    dependencies,
    effects,
    emptied_functions,
    environment,
    equality,
    exception_handlers,
    file_kinds,
    guards,
    literals_of_tests,
    lookups,
    new_names,
    outside_world,
    patched_objects,
    paths,
    promises,
    removal,
    running_program,
    shared_state,
    source_text,
    surroundings,
    texts,
)

RULES: tuple[Rule, ...] = (
    *paths.RULES,
    *file_kinds.RULES,
    *source_text.RULES,
    *texts.RULES,
    *running_program.RULES,
    *outside_world.RULES,
    *shared_state.RULES,
    *environment.RULES,
    *equality.RULES,
    *patched_objects.RULES,
    *emptied_functions.RULES,
    *lookups.RULES,
    *surroundings.RULES,
    *new_names.RULES,
    *exception_handlers.RULES,
    *control_flow.RULES,
    *literals_of_tests.RULES,
    *copied_data.RULES,
    *dependencies.RULES,
    *removal.RULES,
    *guards.RULES,
    *declared_data.RULES,
    *effects.RULES,
    *promises.RULES,
)
