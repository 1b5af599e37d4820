"""Every rule, in one table."""

from healer.draft.rules.io.iterators_and_csv import STREAM_RULES
from healer.draft.rules.io.open_modes import FILE_RULES
from healer.draft.rules.io.paths import FOLDER_RULES
from healer.draft.rules.io.serialisation import LOADER_RULES
from healer.draft.rules.names.attributes_and_keys import MEMBER_RULES
from healer.draft.rules.names.calls import CALL_RULES
from healer.draft.rules.names.changed_apis import REWRITE_RULES
from healer.draft.rules.names.libraries import LIBRARY_RULES
from healer.draft.rules.names.names import NAME_RULES
from healer.draft.rules.names.python_versions import VERSION_RULES
from healer.draft.rules.names.renamed_apis import MOVED_RULES
from healer.draft.rules.names.ruff_fixes import LINT_RULES
from healer.draft.rules.names.shadowed_module import SHADOW_RULES
from healer.draft.rules.rule import Rule
from healer.draft.rules.syntax.rule import SYNTAX_RULES
from healer.draft.rules.values.by_analogy import PATTERN_RULES
from healer.draft.rules.values.bytes_and_text import BYTES_RULES
from healer.draft.rules.values.control_flow import FLOW_RULES
from healer.draft.rules.values.date_formats import DATE_RULES
from healer.draft.rules.values.datetime_arithmetic import MOMENT_RULES
from healer.draft.rules.values.dict_defaults import COUNTING_RULES
from healer.draft.rules.values.numbers_from_text import NUMBER_RULES
from healer.draft.rules.values.regular_expressions import REGEX_RULES
from healer.draft.rules.values.string_formatting import TEXT_RULES
from healer.draft.rules.values.type_mismatch import MIX_RULES

RULES: tuple[Rule, ...] = (
    *SYNTAX_RULES,
    *MOVED_RULES,
    *REWRITE_RULES,
    *LIBRARY_RULES,
    *NAME_RULES,
    *MEMBER_RULES,
    *CALL_RULES,
    *LOADER_RULES,
    *MIX_RULES,
    *NUMBER_RULES,
    *TEXT_RULES,
    *BYTES_RULES,
    *COUNTING_RULES,
    *FLOW_RULES,
    *FILE_RULES,
    *PATTERN_RULES,
    *FOLDER_RULES,
    *REGEX_RULES,
    *DATE_RULES,
    *MOMENT_RULES,
    *VERSION_RULES,
    *STREAM_RULES,
    *SHADOW_RULES,
    *LINT_RULES,
)
