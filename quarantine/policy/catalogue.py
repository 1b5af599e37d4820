"""The table of all rules.

Belongs here: their order, which is the order of findings. Does not belong here: the rules.
"""

from quarantine.policy.rule import Rule
from quarantine.policy.rules import (
    addresses,
    characters,
    comments,
    control_flow,
    copied_data,
    credentials,
    dependencies,
    effects,
    emptied_functions,
    environment,
    equality,
    exception_handlers,
    file_kinds,
    hidden_texts,
    lookups,
    outside_world,
    patched_objects,
    paths,
    recognised_inputs,
    removal,
    running_program,
    shared_state,
    texts_about_tests,
    written_results,
)

RULES: tuple[Rule, ...] = (
    *paths.RULES,
    *file_kinds.RULES,
    *characters.RULES,
    *comments.RULES,
    *addresses.RULES,
    *credentials.RULES,
    *texts_about_tests.RULES,
    *hidden_texts.RULES,
    *running_program.RULES,
    *outside_world.RULES,
    *shared_state.RULES,
    *environment.RULES,
    *equality.RULES,
    *patched_objects.RULES,
    *emptied_functions.RULES,
    *lookups.RULES,
    *exception_handlers.RULES,
    *control_flow.RULES,
    *recognised_inputs.RULES,
    *written_results.RULES,
    *copied_data.RULES,
    *dependencies.RULES,
    *removal.RULES,
    *effects.RULES,
)
