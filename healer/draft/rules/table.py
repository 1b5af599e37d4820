"""Every rule, in one table."""

from healer.draft.rules.dates import DATE_RULES
from healer.draft.rules.files import FILE_RULES
from healer.draft.rules.flow import FLOW_RULES
from healer.draft.rules.lint import LINT_RULES
from healer.draft.rules.members import MEMBER_RULES
from healer.draft.rules.mixes import MIX_RULES
from healer.draft.rules.moved import MOVED_RULES
from healer.draft.rules.names import NAME_RULES
from healer.draft.rules.patterns import PATTERN_RULES
from healer.draft.rules.place import Rule
from healer.draft.rules.shadow import SHADOW_RULES
from healer.draft.rules.streams import STREAM_RULES
from healer.draft.rules.syntax import SYNTAX_RULES

RULES: tuple[Rule, ...] = (
    *SYNTAX_RULES,
    *MOVED_RULES,
    *NAME_RULES,
    *MEMBER_RULES,
    *MIX_RULES,
    *FLOW_RULES,
    *FILE_RULES,
    *PATTERN_RULES,
    *DATE_RULES,
    *STREAM_RULES,
    *SHADOW_RULES,
    *LINT_RULES,
)
