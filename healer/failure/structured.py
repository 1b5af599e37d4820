"""Tracebacks that a logger wrote as data (structlog's `dict_tracebacks`), as Python prints them.

Members of an exception group are left out: the group itself and its chain are kept.
"""

from healer.failure.lines import CAUSE_TEXT, CONTEXT_TEXT, HEADER_TEXT

_MAX_STACKS = 20
_MAX_FRAMES = 1_000


def is_structured(value: object) -> bool:
    """Whether this is the first stack of such a list."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("exc_type"), str)
        and isinstance(value.get("frames"), list)
    )


def format_stacks(stacks: list[object]) -> str:
    """The chain as a traceback's text; the list holds the last exception first."""
    lines: list[str] = []
    tables = [stack for stack in stacks[:_MAX_STACKS] if isinstance(stack, dict)]
    for index, stack in reversed(list(enumerate(tables))):
        lines += _format_stack(stack)
        if index:
            lines += ["", CAUSE_TEXT if stack.get("is_cause") else CONTEXT_TEXT, ""]
    return "\n".join(lines)


def _format_stack(stack: dict[str, object]) -> list[str]:
    frames = stack.get("frames")
    lines = [HEADER_TEXT]
    for frame in (frames if isinstance(frames, list) else [])[:_MAX_FRAMES]:
        if isinstance(frame, dict):
            name, line = str(frame.get("filename", "")), frame.get("lineno", 0)
            if name:
                lines.append(f'  File "{name}", line {line}, in {frame.get("name", "")}')
            if frame.get("line"):
                lines.append(f"    {frame['line']}")
    syntax = stack.get("syntax_error")
    if isinstance(syntax, dict):
        lines.append(f'  File "{syntax.get("filename", "")}", line {syntax.get("lineno", 0)}')
        lines.append(f"    {str(syntax.get('line', '')).strip()}")
    message = str(stack.get("exc_value", ""))
    notes = stack.get("exc_notes")
    lines.append(f"{stack.get('exc_type')}: {message}".rstrip(": "))
    return lines + [str(note) for note in (notes if isinstance(notes, list) else [])]
