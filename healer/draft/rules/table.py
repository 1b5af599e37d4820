"""Every rule, in one table."""

from healer.draft.rules.bytesources import BYTES_RULES
from healer.draft.rules.calls import CALL_RULES
from healer.draft.rules.counting import COUNTING_RULES
from healer.draft.rules.dates import DATE_RULES
from healer.draft.rules.files import FILE_RULES
from healer.draft.rules.flow import FLOW_RULES
from healer.draft.rules.folders import FOLDER_RULES
from healer.draft.rules.libraries import LIBRARY_RULES
from healer.draft.rules.lint import LINT_RULES
from healer.draft.rules.loaders import LOADER_RULES
from healer.draft.rules.members import MEMBER_RULES
from healer.draft.rules.mixes import MIX_RULES
from healer.draft.rules.moments import MOMENT_RULES
from healer.draft.rules.moved import MOVED_RULES
from healer.draft.rules.names import NAME_RULES
from healer.draft.rules.numbers import NUMBER_RULES
from healer.draft.rules.patterns import PATTERN_RULES
from healer.draft.rules.place import Rule
from healer.draft.rules.regexes import REGEX_RULES
from healer.draft.rules.rewrites import REWRITE_RULES
from healer.draft.rules.shadow import SHADOW_RULES
from healer.draft.rules.streams import STREAM_RULES
from healer.draft.rules.syntax import SYNTAX_RULES
from healer.draft.rules.texts import TEXT_RULES
from healer.draft.rules.versions import VERSION_RULES

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
