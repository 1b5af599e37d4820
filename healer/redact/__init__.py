"""Takes secrets out of text before it leaves: by value, by name, by shape. Pure."""

from healer.redact.names import may_hold_secrets
from healer.redact.redactor import Redactor, contains_placeholder

__all__ = ["Redactor", "contains_placeholder", "may_hold_secrets"]
